"""What one reader was sent. Looked up issue by issue: an index by reader is not worth its price at every fan-out."""

from typing import Any

from sqlalchemy import and_, exists, select, update
from sqlalchemy.orm import Session, aliased

from mailer.delivery.models import Delivery, DeliveryState
from mailer.digests.models import Issue
from mailer.newsletters.models import Newsletter
from mailer.subscriptions import dossier

MAY_BE_SENT = (DeliveryState.QUEUED.value, DeliveryState.DEFERRED.value, DeliveryState.REFUSED.value)
"""States of what is still open, or may be queued once more."""


def of(session: Session, subscriber_id: int) -> list[dict[str, Any]]:
    """Every issue meant for this reader, oldest first: what became of it, and what the mail server answered."""
    rows = session.execute(
        select(Issue.id, Newsletter.slug, Issue.subject, Delivery)
        .join(Newsletter, Newsletter.id == Issue.newsletter_id)
        .join(Delivery, and_(Delivery.issue_id == Issue.id, Delivery.subscriber_id == subscriber_id))
        .order_by(Issue.id)
    )
    return [
        {
            "issue": issue_id,
            "newsletter": slug,
            "subject": subject,
            "state": DeliveryState(delivery.state).name.lower(),
            "answer": delivery.answer,
            "attempts": delivery.attempts,
            "at": delivery.settled_at,
        }
        for issue_id, slug, subject, delivery in rows
    ]


def forget(session: Session, subscriber_id: int) -> None:
    """Take out what relays said about this reader, which may hold the address. The numbers stay: the books add up."""
    said = update(Delivery).where(
        Delivery.issue_id.in_(select(Issue.id)),
        Delivery.subscriber_id == subscriber_id,
        Delivery.state != DeliveryState.SKIPPED.value,
    )
    session.execute(said.values(answer=""))


def follow(session: Session, subscriber_id: int, into: int) -> None:
    """Two readers are one now: what the first was sent belongs to the second, where both do not have it.

    What is still open, or refused and may be tried again, stays under the first number, by which its batch will look
    for it, and is skipped.
    """
    theirs = aliased(Delivery)
    session.execute(
        update(Delivery)
        .where(
            Delivery.issue_id.in_(select(Issue.id)),
            Delivery.subscriber_id == subscriber_id,
            Delivery.state.not_in(MAY_BE_SENT),
            ~exists().where(theirs.issue_id == Delivery.issue_id, theirs.subscriber_id == into),
        )
        .values(subscriber_id=into)
        .execution_options(synchronize_session=False)
    )


def file_of(session: Session, address: str, *keys: str) -> dict[str, Any]:
    """Everything kept about an address, for its owner and for operators. `keys` are those of `dossier.of`."""
    held = dossier.of(session, *keys)
    deliveries = of(session, held["reader"]["number"]) if held["reader"] else []
    return {"address": address, **held, "deliveries": deliveries}

"""What one reader was sent. Looked up issue by issue: an index by reader is not worth its price at every fan-out."""

from typing import Any

from sqlalchemy import and_, exists, select, update
from sqlalchemy.orm import Session, aliased

from mailer.delivery.models import Delivery, DeliveryState
from mailer.digests.models import Issue
from mailer.newsletters.models import Newsletter
from mailer.subscriptions import dossier


def of(session: Session, subscriber_id: int) -> list[dict[str, Any]]:
    """Every issue that was meant for this reader, oldest first: newsletter, subject, what became of it, and when."""
    rows = session.execute(
        select(Issue.id, Newsletter.slug, Issue.subject, Delivery.state, Delivery.settled_at)
        .join(Newsletter, Newsletter.id == Issue.newsletter_id)
        .join(Delivery, and_(Delivery.issue_id == Issue.id, Delivery.subscriber_id == subscriber_id))
        .order_by(Issue.id)
    )
    return [
        {"issue": id_, "newsletter": slug, "subject": subject, "state": DeliveryState(state).name.lower(), "at": at}
        for id_, slug, subject, state, at in rows
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

    What is still open stays under the first number, by which its batch will look for it, and is skipped.
    """
    theirs = aliased(Delivery)
    session.execute(
        update(Delivery)
        .where(
            Delivery.issue_id.in_(select(Issue.id)),
            Delivery.subscriber_id == subscriber_id,
            Delivery.state.not_in((DeliveryState.QUEUED.value, DeliveryState.DEFERRED.value)),
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

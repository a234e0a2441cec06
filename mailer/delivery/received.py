"""What one reader was sent. Looked up issue by issue: an index by reader is not worth its price at every fan-out."""

from typing import Any

from sqlalchemy import and_, exists, select, update
from sqlalchemy.orm import Session, aliased

from mailer.delivery import history
from mailer.delivery.models import Delivery, DeliveryState
from mailer.digests.models import Issue, IssueKind, IssueState
from mailer.newsletters.models import Newsletter
from mailer.subscriptions import dossier

MAY_BE_SENT = (DeliveryState.QUEUED.value, DeliveryState.DEFERRED.value, DeliveryState.REFUSED.value)
"""States of what is still open, or may be queued once more."""
_OPEN = (DeliveryState.QUEUED.value, DeliveryState.DEFERRED.value)
_HAS_IT = (DeliveryState.ACCEPTED.value, DeliveryState.UNCERTAIN.value)


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
    """Two readers are one now: what the first was sent belongs to the second.

    Where both have an issue, what either received counts for the second. What is still open, or refused and may be
    tried again, stays under the first number, by which its batch will look for it, and is skipped.
    """
    theirs = aliased(Delivery)
    for mine, other in session.execute(
        select(Delivery, theirs)
        .join(theirs, and_(theirs.issue_id == Delivery.issue_id, theirs.subscriber_id == into))
        .where(Delivery.issue_id.in_(select(Issue.id)), Delivery.subscriber_id == subscriber_id)
        .where(Delivery.state.in_(_HAS_IT))
    ):
        _together(mine, other)
    session.flush()
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
    _send_nothing_twice(session, into)


def _together(mine: Delivery, other: Delivery) -> None:
    """One issue, of which the first reader received something, and the second something else or nothing yet."""
    if other.state in _HAS_IT:
        other.edition |= mine.edition
    elif other.state in _OPEN:
        other.edition &= ~mine.edition
    else:
        for name in ("state", "edition", "attempts", "settled_at", "answer"):
            here, there = getattr(mine, name), getattr(other, name)
            setattr(mine, name, there)
            setattr(other, name, here)


def _send_nothing_twice(session: Session, subscriber_id: int) -> None:
    """Take out of what is still on its way what the reader has by now."""
    way = Delivery.state.in_(_OPEN)
    mine = and_(Delivery.subscriber_id == subscriber_id, way)
    sending = Issue.state.in_((IssueState.SENDING.value, IssueState.PAUSED.value))
    open_issues = select(Delivery.issue_id).join(Issue, Issue.id == Delivery.issue_id).where(mine, sending)
    for issue_id in session.scalars(open_issues.where(Issue.kind != IssueKind.CORRECTION)).all():
        history.subtract(session, issue_id, mine)
    session.expire_all()


def file_of(session: Session, address: str, *keys: str) -> dict[str, Any]:
    """Everything kept about an address, for its owner and for operators. `keys` are those of `dossier.of`."""
    held = dossier.of(session, *keys)
    deliveries = of(session, held["reader"]["number"]) if held["reader"] else []
    return {"address": address, **held, "deliveries": deliveries}

"""What the queue forgot, asked again; what is over, closed; and the books checked."""

import logging
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session

from mailer.delivery import receipt, recovery
from mailer.delivery.models import URGENT, Batch, BatchState, Delivery, DeliveryState, SkipReason
from mailer.digests.models import Issue, IssueKind, IssueState

log = logging.getLogger(__name__)


def unfanned(session: Session, *, urgent: bool = False) -> list[int]:
    """Issues that were released and have no deliveries yet: breaking news, or all others."""
    released = select(Issue.id).where(Issue.state == IssueState.SENDING.value, Issue.fanned_out_at.is_(None))
    news = Issue.kind == IssueKind.BREAKING
    return list(session.scalars(released.where(news if urgent else ~news).order_by(Issue.id)))


def release_expired(session: Session, now: datetime) -> int:
    """Settle the claims of machines that were lost. Returns how many deliveries became uncertain."""
    return recovery.settle_lost(session, now)


def has_open(session: Session, now: datetime) -> bool:
    """Whether a batch is due that nobody has claimed."""
    return _any(session, _due(now))


def has_due(session: Session, now: datetime) -> bool:
    """Whether a lane should look: a batch is due, or one is claimed and its owner may have died."""
    return _any(session, or_(_due(now), Batch.state == BatchState.CLAIMED.value))


def has_urgent(session: Session, now: datetime) -> bool:
    """Whether the lane of breaking news should look."""
    return _any(session, and_(_due(now), Batch.priority == URGENT))


def _due(now: datetime) -> ColumnElement[bool]:
    return and_(Batch.state == BatchState.OPEN.value, Batch.due_at <= now)


def _any(session: Session, which: ColumnElement[bool]) -> bool:
    sending = select(Batch.number).join(Issue, Issue.id == Batch.issue_id).where(which)
    return session.scalar(sending.where(Issue.state == IssueState.SENDING.value).limit(1)) is not None


def finish(session: Session, now: datetime) -> list[int]:
    """Close what is over: skip what a cancelled issue still owed, and make issues with nothing open sent."""
    _skip_cancelled(session, now)
    working = select(Batch.number).where(Batch.issue_id == Issue.id, Batch.state != BatchState.DONE.value).exists()
    over = select(Issue.id).where(Issue.state == IssueState.SENDING.value, Issue.fanned_out_at.is_not(None), ~working)
    return [issue_id for issue_id in session.scalars(over).all() if _close(session, issue_id, now)]


def _close(session: Session, issue_id: int, now: datetime) -> bool:
    books = receipt.read(session, issue_id)
    if books.open or books.deferred:
        log.error("Issue %s has no open batch, but open deliveries: %s. Its batches open again.", issue_id, books)
        recovery.reopen(session, issue_id, now)
        return False
    if not books.balanced:
        log.error("The books of issue %s do not add up: %s", issue_id, books)
    closing = update(Issue).where(Issue.id == issue_id, Issue.state == IssueState.SENDING.value)
    return session.scalar(closing.values(state=IssueState.SENT.value, sent_at=now).returning(Issue.id)) is not None


def _skip_cancelled(session: Session, now: datetime) -> None:
    """Once no claim of it is in anybody's hands, so that a late answer still finds its delivery open."""
    held = select(Batch.number).where(Batch.issue_id == Issue.id, Batch.state == BatchState.CLAIMED.value).exists()
    left = select(Batch.number).where(Batch.issue_id == Issue.id, Batch.state == BatchState.OPEN.value).exists()
    cancelled = select(Issue.id).where(Issue.state == IssueState.CANCELLED.value, left, ~held)
    for issue_id in session.scalars(cancelled).all():
        session.execute(
            update(Delivery)
            .where(
                Delivery.issue_id == issue_id,
                Delivery.state.in_((DeliveryState.QUEUED.value, DeliveryState.DEFERRED.value)),
            )
            .values(state=DeliveryState.SKIPPED.value, answer=SkipReason.CANCELLED.value, settled_at=now, due_at=None)
        )
        session.execute(update(Batch).where(Batch.issue_id == issue_id).values(state=BatchState.DONE.value))

"""Putting things right afterwards: lost machines, journals of dead lanes, another try for the refused."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, select, update
from sqlalchemy.orm import Session

from mailer.delivery import editions, history
from mailer.delivery.dispatch import Claim, Result, finish, open_in, readers_of, record, write
from mailer.delivery.journal import Mark
from mailer.delivery.models import Batch, BatchState, Delivery, DeliveryState
from mailer.digests.models import Issue, IssueKind, IssueState

_AFTER_A_CRASH = {
    Mark.HANDED: (DeliveryState.UNCERTAIN, "the sending process died before the relay's answer was read"),
    Mark.ACCEPTED: (DeliveryState.ACCEPTED, "250 (its words were lost with the sending process)"),
    Mark.REFUSED: (DeliveryState.REFUSED, "refused (the relay's words were lost with the sending process)"),
}


def settle_journal(session: Session, held: Claim, marks: Sequence[tuple[int, Mark]], now: datetime) -> int:
    """Record what a dead process left in its journal and open its batch again. Returns how many are uncertain.

    What it had not handed to the relay, or what was deferred, stays as it is and is sent by the next claim. A claim
    that was settled otherwise in the meantime (its lease ran out) is left alone.
    """
    results = [Result(subscriber_id, *_AFTER_A_CRASH[mark]) for subscriber_id, mark in marks if mark in _AFTER_A_CRASH]
    if not record(session, held, results, now):
        return 0
    finish(session, held, now)
    return sum(result.state is DeliveryState.UNCERTAIN for result in results)


def settle_lost(session: Session, now: datetime) -> int:
    """Take back claims whose lease ran out: their machine is gone, and its journal with it.

    Any delivery of such a claim may have been sent, so all that were due are uncertain. Returns how many.
    """
    lost = select(Batch).where(Batch.state == BatchState.CLAIMED.value, Batch.lease_until < now)
    settled = 0
    for batch in session.scalars(lost.with_for_update(skip_locked=True)).all():
        readers, left = readers_of(session, batch, batch.claimed_at or now)
        doubt = "the machine that was sending this was lost"
        unknown = [Result(reader.subscriber_id, DeliveryState.UNCERTAIN, doubt) for reader in readers]
        write(session, batch.issue_id, left + unknown, now)
        finish(session, Claim(batch.issue_id, batch.number, batch.fence), now)
        settled += len(unknown)
    return settled


def retry_refused(session: Session, issue_id: int, answer_prefix: str, now: datetime) -> int:
    """Queue the refused deliveries of an issue whose answer starts like this once more. Returns how many.

    Without what their readers got since from other issues; who has all of it is skipped.
    """
    history.lock(session, issue_id)
    refused = and_(
        Delivery.state == DeliveryState.REFUSED.value, Delivery.answer.startswith(answer_prefix, autoescape=True)
    )
    if session.scalar(select(Issue.kind).where(Issue.id == issue_id)) != IssueKind.CORRECTION:
        history.subtract(session, issue_id, refused)
    mine = update(Delivery).where(Delivery.issue_id == issue_id, refused)
    queued = mine.values(state=DeliveryState.QUEUED.value, attempts=0, settled_at=None)
    count: int = session.execute(queued).rowcount  # type: ignore[attr-defined]
    editions.count(session, issue_id)
    if count:
        reopen(session, issue_id, now)
    return count


def reopen(session: Session, issue_id: int, now: datetime) -> None:
    """Open the batches of an issue in which something is queued, and let a sent issue send again."""
    queued = (
        select(Delivery.subscriber_id)
        .where(open_in(issue_id, Batch.first_id, Batch.last_id), Delivery.state == DeliveryState.QUEUED.value)
        .exists()
    )
    session.execute(
        update(Batch)
        .where(Batch.issue_id == issue_id, Batch.state == BatchState.DONE.value, queued)
        .values(state=BatchState.OPEN.value, due_at=now)
    )
    session.execute(
        update(Issue)
        .where(Issue.id == issue_id, Issue.state == IssueState.SENT.value)
        .values(state=IssueState.SENDING.value, sent_at=None)
    )

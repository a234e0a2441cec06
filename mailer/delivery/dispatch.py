"""Claim deliveries before the wire, record what happened after it. In batches, with leases and fencing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, case, func, or_, select, text, update
from sqlalchemy.orm import Session

from mailer.db import UtcDateTime
from mailer.delivery import editions, stale
from mailer.delivery.models import URGENT, Batch, BatchState, Delivery, DeliveryState, SkipReason
from mailer.digests.models import Issue, IssueState
from mailer.subscriptions.models import Subscriber, Subscription, SubscriptionState, Suppression

LEASE = timedelta(minutes=15)
"""How long a claim holds without a word from its owner.

Long, because nothing is gained by taking it back early: what is in it may have been sent and becomes uncertain. A
machine that returns within it reads its journals and knows better.
"""
LONGEST_ANSWER = 500


@dataclass(frozen=True, slots=True)
class Claim:
    """A batch in our hands. Whoever holds a lower fence than the row's records nothing."""

    issue_id: int
    number: int
    fence: int


@dataclass(frozen=True, slots=True)
class Reader:
    """One delivery of a claim, with all that its message needs."""

    subscriber_id: int
    subscription_id: int
    address: str
    edition: int
    attempts: int
    plain_text: bool


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one delivery."""

    subscriber_id: int
    state: DeliveryState
    answer: str = ""
    retry_at: datetime | None = None


def claim(session: Session, owner: str, now: datetime, *, urgent: bool = False) -> tuple[Claim, list[Reader]] | None:
    """Take the batch that is due longest, of any issue that is sending; None when nothing is due.

    What is urgent (breaking news) goes first; with `urgent` nothing else is taken.

    Readers who left, paused or were suppressed since the fan-out are recorded as skipped here and do not appear; nor do
    those of whose edition nothing is left, because an article was held back since.
    """
    due = (
        select(Batch)
        .join(Issue, Issue.id == Batch.issue_id)
        .where(Batch.state == BatchState.OPEN.value, Batch.due_at <= now, Issue.state == IssueState.SENDING.value)
        .order_by(Batch.priority, Batch.due_at, Batch.issue_id, Batch.number)
        .limit(1)
        .with_for_update(skip_locked=True, of=Batch)
    )
    batch = session.scalars(due.where(Batch.priority == URGENT) if urgent else due).first()
    if batch is None:
        return None
    batch.state, batch.owner, batch.fence = BatchState.CLAIMED.value, owner, batch.fence + 1
    batch.claimed_at, batch.lease_until = now, now + LEASE
    session.flush()
    held = Claim(batch.issue_id, batch.number, batch.fence)
    stale.drop(session, batch.issue_id, _due_in(batch, now), now)
    if withheld := editions.withheld_bits(session, batch.issue_id, now):
        editions.hold_back(session, batch.issue_id, withheld, _due_in(batch, now))
    readers, left = readers_of(session, batch, now)
    write(session, held.issue_id, left, now)
    return held, readers


def readers_of(session: Session, batch: Batch, due: datetime) -> tuple[list[Reader], list[Result]]:
    """The deliveries of a batch that were due at `due`: those to send, and those to skip with the reason."""
    rows = session.execute(
        select(
            Delivery.subscriber_id,
            Subscription.id,
            Subscriber.address,
            Delivery.edition,
            Delivery.attempts,
            Subscriber.plain_text,
            Subscription.state,
            Suppression.id,
        )
        .join(Issue, Issue.id == Delivery.issue_id)
        .outerjoin(Subscriber, Subscriber.id == Delivery.subscriber_id)
        .outerjoin(
            Subscription,
            and_(
                Subscription.subscriber_id == Delivery.subscriber_id, Subscription.newsletter_id == Issue.newsletter_id
            ),
        )
        .outerjoin(Suppression, Suppression.address_key == Subscriber.address_key)
        .where(_due_in(batch, due))
        .order_by(Delivery.subscriber_id)
    )
    readers: list[Reader] = []
    left: list[Result] = []
    for subscriber_id, subscription_id, address, edition, attempts, plain_text, state, suppression_id in rows:
        if suppression_id is not None:
            left.append(Result(subscriber_id, DeliveryState.SKIPPED, SkipReason.SUPPRESSED.value))
        elif state != SubscriptionState.ACTIVE.value:
            paused = state == SubscriptionState.PAUSED.value
            reason = SkipReason.PAUSED if paused else SkipReason.UNSUBSCRIBED
            left.append(Result(subscriber_id, DeliveryState.SKIPPED, reason.value))
        elif not edition:
            left.append(Result(subscriber_id, DeliveryState.SKIPPED, SkipReason.WITHHELD.value))
        else:
            readers.append(Reader(subscriber_id, subscription_id, address, edition, attempts, plain_text))
    return readers, left


def record(session: Session, held: Claim, results: Sequence[Result], now: datetime) -> bool:
    """Write results and renew the lease. False when the claim is no longer ours: then nothing is written."""
    if not _guard(session, held, lease_until=now + LEASE):
        return False
    write(session, held.issue_id, results, now)
    return True


def finish(session: Session, held: Claim, now: datetime, again_at: datetime | None = None) -> bool:
    """Give the batch back: done, or open again when the first delivery in it is due.

    What was due and not sent is due at once, or at `again_at`. False when the claim is no longer ours.
    """
    if not _guard(session, held, lease_until=None):
        return False
    batch = session.get_one(Batch, (held.issue_id, held.number), populate_existing=True)
    waits = and_(Delivery.state == DeliveryState.QUEUED.value, _due(now))
    waiting, first_due = session.execute(
        select(func.coalesce(func.sum(case((waits, 1), else_=0)), 0), func.min(Delivery.due_at)).where(
            open_in(batch.issue_id, batch.first_id, batch.last_id)
        )
    ).one()
    due_at = (again_at or now) if waiting else first_due
    batch.state = BatchState.DONE.value if due_at is None else BatchState.OPEN.value
    batch.due_at = due_at or batch.due_at
    batch.lease_until = None
    session.flush()
    return True


def open_in(issue_id: Any, first_id: Any, last_id: Any) -> ColumnElement[bool]:
    """Deliveries of a range that are still open."""
    return and_(
        Delivery.issue_id == issue_id,
        Delivery.subscriber_id.between(first_id, last_id),
        Delivery.state.in_((DeliveryState.QUEUED.value, DeliveryState.DEFERRED.value)),
    )


def _due_in(batch: Batch, now: datetime) -> ColumnElement[bool]:
    return and_(open_in(batch.issue_id, batch.first_id, batch.last_id), _due(now))


def _due(now: datetime) -> ColumnElement[bool]:
    return or_(Delivery.due_at.is_(None), Delivery.due_at <= now)


def _guard(session: Session, held: Claim, lease_until: datetime | None) -> bool:
    ours = update(Batch).where(
        Batch.issue_id == held.issue_id,
        Batch.number == held.number,
        Batch.fence == held.fence,
        Batch.state == BatchState.CLAIMED.value,
    )
    return session.scalar(ours.values(lease_until=lease_until).returning(Batch.fence)) is not None


# Plain SQL, once for all rows of a batch: through the ORM, or row by row, recording costs more than sending.
# The range tells PostgreSQL what its statistics cannot know of rows made a moment ago; without it the planner may read
# the whole issue for each row.
_SETTLED_AT = "CASE WHEN {state} = :deferred THEN NULL ELSE :now END"
_STILL_OPEN = "deliveries.state IN (:queued, :deferred)"
_WRITE_POSTGRESQL = text(f"""
    UPDATE deliveries SET state = r.state, answer = r.answer, due_at = r.retry_at,
        attempts = attempts + r.tried, settled_at = {_SETTLED_AT.format(state="r.state")}
    FROM unnest(CAST(:ids AS bigint[]), CAST(:states AS smallint[]), CAST(:answers AS text[]),
        CAST(:retries AS timestamptz[]), CAST(:tries AS smallint[])) AS r (id, state, answer, retry_at, tried)
    WHERE issue_id = :issue_id AND subscriber_id = r.id AND {_STILL_OPEN}
        AND subscriber_id BETWEEN :first AND :last
""")  # noqa: S608  # made of our own constants
_WRITE_SQLITE = text(f"""
    UPDATE deliveries SET state = :state, answer = :answer, due_at = :retry_at,
        attempts = attempts + :tried, settled_at = {_SETTLED_AT.format(state=":state")}
    WHERE issue_id = :issue_id AND subscriber_id = :id AND {_STILL_OPEN}
""").bindparams(bindparam("retry_at", type_=UtcDateTime), bindparam("now", type_=UtcDateTime))  # noqa: S608


def write(session: Session, issue_id: int, results: Sequence[Result], now: datetime) -> None:
    """Settle deliveries that are still open; a repeated result changes nothing."""
    if not results:
        return
    common: dict[str, Any] = {
        "issue_id": issue_id,
        "now": now,
        "queued": DeliveryState.QUEUED.value,
        "deferred": DeliveryState.DEFERRED.value,
    }
    rows = [
        {
            "id": result.subscriber_id,
            "state": result.state.value,
            "answer": result.answer[:LONGEST_ANSWER],
            "retry_at": result.retry_at,
            "tried": int(result.state is not DeliveryState.SKIPPED),
        }
        for result in results
    ]
    if session.get_bind().dialect.name != "postgresql":
        session.connection().execute(_WRITE_SQLITE, [{**common, **row} for row in rows])
        return
    ids = [result.subscriber_id for result in results]
    common |= {"first": min(ids), "last": max(ids)}
    names = {"ids": "id", "states": "state", "answers": "answer", "retries": "retry_at", "tries": "tried"}
    session.execute(_WRITE_POSTGRESQL, common | {many: [row[one] for row in rows] for many, one in names.items()})

"""Who gets an issue, and which of its articles: one row per reader, made in one statement, cut into batches.

A reader's edition is what they chose of the issue without what they have already; nothing left is a skip with the
reason.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, literal, null, select, true, update
from sqlalchemy.orm import Session, aliased

from mailer.db import BigInt, UtcDateTime, insert
from mailer.delivery import audiences, due, editions, history
from mailer.delivery.history import any_of, without
from mailer.delivery.models import URGENT, Batch, BatchState, Delivery, DeliveryState, SkipReason
from mailer.digests.models import Issue, IssueKind, IssueState

BATCH_SIZE = 200
"""Readers per batch: what a lost machine leaves in doubt at the most, and what a claim costs is shared by."""

JOINED = 24
"""Earlier issues that are read in one go; SQLite joins no more than 64 tables. Of more, each reader is looked up."""


def fan_out(session: Session, issue_id: int, now: datetime) -> int | None:
    """Fix the audience of a released issue, and each reader's edition. Returns its size; None: nothing to do.

    Safe to repeat and to race: the issue's row is taken first, by a conditional UPDATE. Two issues with an article in
    common wait for each other, so that both see what the other sends.
    """
    taken = update(Issue).where(
        Issue.id == issue_id, Issue.state == IssueState.SENDING.value, Issue.fanned_out_at.is_(None)
    )
    if session.scalar(taken.values(fanned_out_at=now).returning(Issue.id)) is None:
        return None
    issue = session.get_one(Issue, issue_id)
    history.lock(session, issue_id)
    _insert_deliveries(session, issue)
    if issue.kind == IssueKind.AWAY:
        editions.cap(session, issue)
    audiences.settle(session, issue)
    _insert_batches(session, issue, now)
    size = session.scalar(select(func.count()).select_from(Delivery).where(Delivery.issue_id == issue_id)) or 0
    session.execute(update(Issue).where(Issue.id == issue_id).values(audience=size))
    editions.count(session, issue_id)
    return size


def _insert_deliveries(session: Session, issue: Issue) -> None:
    found = _found(session, issue)
    edition = _told_once(without(found.c.chosen, found.c.received), history.repeats(session, issue.id))
    # Named once, or a planner may work an edition out anew wherever it stands.
    left = select(found.c.subscriber_id, found.c.chosen, edition.label("edition"), found.c.due_at).offset(0).subquery()
    nothing_left = left.c.edition == 0
    reason = case((left.c.chosen == 0, SkipReason.TOPICS.value), else_=SkipReason.RECEIVED.value)
    rows = select(
        literal(issue.id),
        left.c.subscriber_id,
        left.c.edition,
        case((nothing_left, DeliveryState.SKIPPED.value), else_=DeliveryState.QUEUED.value),
        case((nothing_left, reason), else_=""),
        literal(0),
        case((nothing_left, null()), else_=left.c.due_at),
    ).where(true())  # without a WHERE SQLite takes ON CONFLICT for a join
    columns = ["issue_id", "subscriber_id", "edition", "state", "answer", "attempts", "due_at"]
    session.execute(insert(session, Delivery).from_select(columns, rows).on_conflict_do_nothing())


def _found(session: Session, issue: Issue) -> Subquery:
    """Of each reader, in order: what they chose, what they have of it, and when it is due, None for at once.

    Rows that are stored in the order in which they will be claimed are read much faster then. SQLite finds them in that
    order here, where the index of the audience is, and nowhere else.
    """
    members = audiences.of(session, issue).subquery("members")
    later = due.later(session, issue, members)
    due_at = literal(None, UtcDateTime) if later is None else later[0].c.due_at
    query: Select[*tuple[object, ...]] = select(members.c.subscriber_id, members.c.chosen, due_at.label("due_at"))
    query = query.select_from(members)
    if later is not None:
        query = query.outerjoin_from(members, *later)
    others = [] if issue.kind == IssueKind.CORRECTION else history.earlier(session, issue.id)
    received = [history.received(other, members.c.subscriber_id) for other in others[JOINED:]]
    for other in others[:JOINED]:
        theirs = aliased(Delivery)
        mine = and_(theirs.issue_id == other.issue_id, theirs.subscriber_id == members.c.subscriber_id)
        query = query.outerjoin(theirs, and_(mine, theirs.state.in_(history.RECEIVED)))
        received.append(func.coalesce(other.ours(theirs.edition), literal(0, BigInt)))
    return (
        query.add_columns(any_of(received).label("received"))
        .order_by(members.c.subscriber_id)
        .offset(0)
        .subquery("found")
    )


def _told_once(edition: ColumnElement[int], repeats: list[list[int]]) -> ColumnElement[int]:
    """Of near-duplicates in one issue the first that the reader gets."""
    for bits in repeats:
        later = [(edition.bitwise_and(bit) != 0, sum(bits[n + 1 :])) for n, bit in enumerate(bits[:-1])]
        edition = without(edition, case(*((first, literal(rest, BigInt)) for first, rest in later), else_=0))
    return edition


def _insert_batches(session: Session, issue: Issue, now: datetime) -> None:
    queued = (
        select(
            Delivery.subscriber_id,
            func.coalesce(Delivery.due_at, literal(now, UtcDateTime)).label("due_at"),
            ((func.row_number().over(order_by=Delivery.subscriber_id) - 1) // BATCH_SIZE).label("number"),
        )
        .where(Delivery.issue_id == issue.id, Delivery.state == DeliveryState.QUEUED.value)
        .subquery()
    )
    rows = select(
        literal(issue.id),
        queued.c.number,
        func.min(queued.c.subscriber_id),
        func.max(queued.c.subscriber_id),
        literal(BatchState.OPEN.value),
        literal(URGENT if issue.kind == IssueKind.BREAKING else URGENT + 1),
        func.min(queued.c.due_at),
        literal(""),
        literal(0),
    ).group_by(queued.c.number)
    columns = ["issue_id", "number", "first_id", "last_id", "state", "priority", "due_at", "owner", "fence"]
    session.execute(insert(session, Batch).from_select(columns, rows).on_conflict_do_nothing())

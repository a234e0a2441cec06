"""Who gets an issue: one row per reader of the audience, made in one statement, cut into batches."""

from collections.abc import Iterable
from datetime import datetime, time

from sqlalchemy import (
    CTE,
    ColumnElement,
    Subquery,
    Time,
    and_,
    case,
    column,
    func,
    literal,
    null,
    select,
    update,
    values,
)
from sqlalchemy.orm import Session

from mailer.db import BigInt, UtcDateTime, insert
from mailer.delivery import hours
from mailer.delivery.models import Batch, BatchState, Delivery, DeliveryState, SkipReason
from mailer.digests.models import Issue, IssueArticle, IssueState
from mailer.subscriptions import audience
from mailer.subscriptions.models import Subscription

BATCH_SIZE = 200
"""Readers per batch: what a lost machine leaves in doubt at the most, and what a claim costs is shared by."""


def fan_out(session: Session, issue_id: int, now: datetime) -> int | None:
    """Fix the audience of a released issue. Returns its size, or None when there was nothing to do.

    Safe to repeat and to race: the issue's row is taken first, by a conditional UPDATE.
    """
    taken = update(Issue).where(
        Issue.id == issue_id, Issue.state == IssueState.SENDING.value, Issue.fanned_out_at.is_(None)
    )
    if session.scalar(taken.values(fanned_out_at=now).returning(Issue.id)) is None:
        return None
    _insert_deliveries(session, issue_id)
    _insert_batches(session, issue_id, now)
    size = session.scalar(select(func.count()).select_from(Delivery).where(Delivery.issue_id == issue_id)) or 0
    session.execute(update(Issue).where(Issue.id == issue_id).values(audience=size))
    return size


def _insert_deliveries(session: Session, issue_id: int) -> None:
    issue = session.get_one(Issue, issue_id)
    members = audience.members(issue.newsletter_id, issue.schedule_id).subquery()
    chosen = _chosen(issue.articles, members)
    nothing_left = chosen == 0
    own = _own_hours(session, issue, members)
    rows = select(
        literal(issue_id),
        members.c.subscriber_id,
        chosen,
        case((nothing_left, DeliveryState.SKIPPED.value), else_=DeliveryState.QUEUED.value),
        case((nothing_left, SkipReason.TOPICS.value), else_=""),
        literal(0),
        null() if own is None else case((nothing_left, null()), else_=own.c.due_at),
    ).order_by(members.c.subscriber_id)
    if own is not None:
        # SQLite looks a zone up in an index of its own making only when the column brings no type with it.
        zone = members.c.timezone.concat("")
        same = and_(own.c.delivery_hour == members.c.delivery_hour, own.c.timezone == zone)
        rows = rows.outerjoin_from(members, own, same)
    columns = ["issue_id", "subscriber_id", "edition", "state", "answer", "attempts", "due_at"]
    session.execute(insert(session, Delivery).from_select(columns, rows).on_conflict_do_nothing())


def _chosen(articles: Iterable[IssueArticle], members: Subquery) -> ColumnElement[int]:
    """The mask of the articles that are for everybody or of a topic that the reader chose."""
    bits: dict[int, int] = {}
    for article in articles:
        bits[article.topics] = bits.get(article.topics, 0) | article.bit
    chosen: ColumnElement[int] = literal(bits.pop(0, 0), BigInt)
    for topics, mask in bits.items():
        wanted = members.c.topics.op("&")(literal(topics, BigInt)) != 0
        chosen = chosen.op("|")(case((wanted, literal(mask, BigInt)), else_=literal(0, BigInt)))
    return chosen


def _own_hours(session: Session, issue: Issue, members: Subquery) -> CTE | None:
    """When it is due to readers of each hour and zone that somebody chose and that is still to come; None: nobody."""
    wished = select(members.c.delivery_hour, members.c.timezone).where(members.c.delivery_hour.is_not(None)).distinct()
    pairs: list[tuple[time, str]] = [(row[0], row[1]) for row in session.execute(wished)]
    released_at = issue.released_at or issue.created_at
    rows = [
        (hour, zone, moment)
        for hour, zone in pairs
        if (moment := hours.own_moment(hour, zone or issue.newsletter.timezone, released_at))
    ]
    columns = (
        column("delivery_hour", Time),
        column("timezone", Subscription.timezone.type),
        column("due_at", UtcDateTime),
    )
    return values(*columns, name="own_hours").data(rows).cte("own_hours") if rows else None


def _insert_batches(session: Session, issue_id: int, now: datetime) -> None:
    queued = (
        select(
            Delivery.subscriber_id,
            func.coalesce(Delivery.due_at, literal(now, UtcDateTime)).label("due_at"),
            ((func.row_number().over(order_by=Delivery.subscriber_id) - 1) // BATCH_SIZE).label("number"),
        )
        .where(Delivery.issue_id == issue_id, Delivery.state == DeliveryState.QUEUED.value)
        .subquery()
    )
    rows = select(
        literal(issue_id),
        queued.c.number,
        func.min(queued.c.subscriber_id),
        func.max(queued.c.subscriber_id),
        literal(BatchState.OPEN.value),
        literal(1),
        func.min(queued.c.due_at),
        literal(""),
        literal(0),
    ).group_by(queued.c.number)
    columns = ["issue_id", "number", "first_id", "last_id", "state", "priority", "due_at", "owner", "fence"]
    session.execute(insert(session, Batch).from_select(columns, rows).on_conflict_do_nothing())

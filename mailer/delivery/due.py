"""When an issue is due to whom: at once, at an hour of the reader's own, or when their quiet hours are over."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import CTE, ColumnElement, Subquery, and_, column, select, values
from sqlalchemy.orm import Session

from mailer.db import UtcDateTime
from mailer.delivery.hours import own_moment
from mailer.digests.models import Issue, IssueKind
from mailer.newsletters.models import Schedule
from mailer.subscriptions.models import Subscription
from mailer.subscriptions.quiet import quiet_until

OWN_HOUR = ("delivery_hour", "timezone")
QUIET_HOURS = ("quiet_from", "quiet_until", "timezone")


def later(session: Session, issue: Issue, members: Subquery) -> tuple[CTE, ColumnElement[bool]] | None:
    """A table of moments (`due_at`), and which of them is a member's; who has none gets it at once. None: nobody has.

    Hours and zones that readers chose are few, so each moment is found out once.
    """
    released_at = issue.released_at or issue.created_at
    home = issue.newsletter.timezone
    if issue.kind == IssueKind.BREAKING:
        return _table(
            session,
            members,
            QUIET_HOURS,
            lambda begins, ends, zone: quiet_until(begins, ends, zone or home, released_at),
        )
    if _at_readers_hours(session, issue):
        return _table(session, members, OWN_HOUR, lambda hour, zone: own_moment(hour, zone or home, released_at))
    return None


def _at_readers_hours(session: Session, issue: Issue) -> bool:
    if issue.kind == IssueKind.CORRECTION:
        return False
    schedule = session.get(Schedule, issue.schedule_id) if issue.schedule_id else None
    return schedule is None or schedule.readers_hour


def _table(
    session: Session, members: Subquery, names: Sequence[str], moment: Callable[..., datetime | None]
) -> tuple[CTE, ColumnElement[bool]] | None:
    wished = select(*(members.c[name] for name in names)).where(members.c[names[0]].is_not(None)).distinct()
    rows = [(*wish, due_at) for wish in session.execute(wished) if (due_at := moment(*wish))]
    if not rows:
        return None
    columns: list[Any] = [column(name, getattr(Subscription, name).type) for name in names]
    table = values(*columns, column("due_at", UtcDateTime), name="moments").data(rows).cte("moments")
    # SQLite looks a zone up in an index of its own making only when the column brings no type with it.
    theirs = [members.c[name].concat("") if name == "timezone" else members.c[name] for name in names]
    return table, and_(*(table.c[name] == mine for name, mine in zip(names, theirs, strict=True)))

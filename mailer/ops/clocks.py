"""Feeds and clocks: what was read when, and what is due next."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, contains_eager

from mailer.articles.models import Source
from mailer.newsletters.calendar import UnknownZone, due_moments
from mailer.newsletters.models import Schedule, Slot

MOST = 200
"""Rows of each kind, so that the board stays a page."""

AHEAD = timedelta(days=8)
"""Every rhythm comes round within a week."""


@dataclass(frozen=True)
class Feed:
    """A source: when it was read, what came of it, when it is read next."""

    source_id: int
    newsletter: str
    title: str
    url: str
    polled_at: datetime | None
    succeeded_at: datetime | None
    next_at: datetime
    failures: int
    error: str


@dataclass(frozen=True)
class Clock:
    """A schedule: what became of its last slot, and when the next is due (None: its time zone is unknown)."""

    schedule_id: int
    newsletter: str
    title: str
    last_at: datetime | None
    last_state: str
    last_reason: str
    next_at: datetime | None


def feeds(session: Session) -> list[Feed]:
    """The active sources, failing ones first."""
    query = (
        select(Source)
        .join(Source.newsletter)
        .options(contains_eager(Source.newsletter))
        .where(Source.active)
        .order_by(Source.failures.desc(), Source.id)
        .limit(MOST)
    )
    return [
        Feed(
            source_id=source.id,
            newsletter=source.newsletter.title,
            title=source.title or source.url,
            url=source.url,
            polled_at=source.polled_at,
            succeeded_at=source.succeeded_at,
            next_at=source.next_poll_at,
            failures=source.failures,
            error=source.error,
        )
        for source in session.scalars(query)
    ]


def clocks(session: Session, now: datetime) -> list[Clock]:
    """The active schedules, the next due first."""
    newest = select(func.max(Slot.due_at)).where(Slot.schedule_id == Schedule.id).correlate(Schedule).scalar_subquery()
    query = (
        select(Schedule, Slot)
        .join(Schedule.newsletter)
        .outerjoin(Slot, (Slot.schedule_id == Schedule.id) & (Slot.due_at == newest))
        .options(contains_eager(Schedule.newsletter))
        .where(Schedule.active)
        .order_by(Schedule.id)
        .limit(MOST)
    )
    found = [_clock(schedule, slot, now) for schedule, slot in session.execute(query)]
    return sorted(found, key=lambda clock: (clock.next_at or now, clock.schedule_id))


def _clock(schedule: Schedule, slot: Slot | None, now: datetime) -> Clock:
    try:
        ahead = due_moments(schedule.rhythm, schedule.newsletter.timezone, max(now, schedule.starts_at), now + AHEAD)
    except UnknownZone:
        ahead = []
    return Clock(
        schedule_id=schedule.id,
        newsletter=schedule.newsletter.title,
        title=schedule.title,
        last_at=slot.due_at if slot else None,
        last_state=slot.state if slot else "",
        last_reason=slot.reason if slot else "",
        next_at=ahead[0] if ahead else None,
    )

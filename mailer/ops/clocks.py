"""Feeds and clocks: what was read when, and what is due next."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, contains_eager

from mailer.articles.health import Health, health
from mailer.articles.kinds import POLLED
from mailer.articles.models import Source
from mailer.digests.models import Issue, IssueState
from mailer.newsletters import schedules
from mailer.newsletters.models import Schedule, Slot

MOST = 200
"""Rows of each kind, so that the board stays a page."""


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
    health: Health


@dataclass(frozen=True)
class Clock:
    """A schedule: what became of its last slot, and when the next is due (None: its time zone is unknown).

    `stuck` says why the draft of that slot did not leave by itself.
    """

    schedule_id: int
    newsletter: str
    title: str
    last_at: datetime | None
    last_state: str
    last_reason: str
    stuck: str
    next_at: datetime | None


def feeds(session: Session, now: datetime) -> list[Feed]:
    """The active sources that are read, those that need a look first."""
    query = (
        select(Source)
        .join(Source.newsletter)
        .options(contains_eager(Source.newsletter))
        .where(Source.active, Source.kind.in_(POLLED))
        .order_by(Source.held_at.is_(None), Source.failures.desc(), Source.id)
        .limit(MOST)
    )
    found = [
        Feed(
            source_id=source.id,
            newsletter=source.newsletter.title,
            title=source.title or source.url,
            url=source.url,
            polled_at=source.polled_at,
            succeeded_at=source.succeeded_at,
            next_at=source.next_poll_at,
            failures=source.failures,
            health=health(source, now),
        )
        for source in session.scalars(query)
    ]
    return sorted(found, key=lambda feed: not feed.health.needs_a_look)


def clocks(session: Session, now: datetime) -> list[Clock]:
    """The active schedules, the next due first."""
    newest = select(func.max(Slot.due_at)).where(Slot.schedule_id == Schedule.id).correlate(Schedule).scalar_subquery()
    query = (
        select(Schedule, Slot, Issue.problem)
        .join(Schedule.newsletter)
        .outerjoin(Slot, (Slot.schedule_id == Schedule.id) & (Slot.due_at == newest))
        .outerjoin(Issue, (Issue.slot_id == Slot.id) & (Issue.state == IssueState.DRAFT))
        .options(contains_eager(Schedule.newsletter))
        .where(Schedule.active)
        .order_by(Schedule.id)
        .limit(MOST)
    )
    found = [_clock(schedule, slot, problem or "", now) for schedule, slot, problem in session.execute(query)]
    return sorted(found, key=lambda clock: (clock.next_at or now, clock.schedule_id))


def _clock(schedule: Schedule, slot: Slot | None, stuck: str, now: datetime) -> Clock:
    return Clock(
        schedule_id=schedule.id,
        newsletter=schedule.newsletter.title,
        title=schedule.title,
        last_at=slot.due_at if slot else None,
        last_state=slot.state if slot else "",
        last_reason=slot.reason if slot else "",
        stuck=stuck,
        next_at=next(iter(schedules.moments_of(schedule, now, 1)), None),
    )

"""What today holds: what is still to come, what came without an issue and why, and which sources are in trouble."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from mailer.articles.health import Health, health
from mailer.articles.models import Source
from mailer.db import db
from mailer.newsletters import schedules
from mailer.newsletters.calendar import UnknownZone, zone
from mailer.newsletters.models import Mode, Newsletter, Schedule, Slot, SlotState
from mailer.newsletters.schedules import Upcoming
from mailer.web.editors import words

MOST = 20
"""Of each kind."""


@dataclass(frozen=True)
class Expected:
    """An issue that is still to come today, or the holiday that keeps it away; `how` says what will happen."""

    newsletter: Newsletter
    due_at: datetime
    how: str
    holiday: str


@dataclass(frozen=True)
class Today:
    """What the list of issues says before the issues."""

    expected: Sequence[Expected]
    silent: Sequence[Slot]
    troubled: Sequence[tuple[Source, Health]]

    def sentence(self, drafts: int) -> str:
        """The heading of the page."""
        coming = sum(not each.holiday for each in self.expected)
        parts = [
            *([f"{words.amount(drafts, 'draft')} {'waits' if drafts == 1 else 'wait'} for you"] if drafts else []),
            *([f"{words.amount(coming, 'issue')} {'is' if coming == 1 else 'are'} still to come"] if coming else []),
        ]
        return ", ".join(parts) or "Nothing waits for you"


def look(newsletters: Sequence[Newsletter], now: datetime) -> Today:
    """Today, by the clock of each newsletter."""
    expected = [each for newsletter in newsletters for each in _expected(newsletter, now)]
    return Today(sorted(expected, key=lambda each: each.due_at)[:MOST], _silent(newsletters, now), _troubled(now))


def _expected(newsletter: Newsletter, now: datetime) -> list[Expected]:
    end = _midnight(newsletter, now) + timedelta(days=1)
    coming = schedules.upcoming(db.session(), newsletter, now, MOST)
    made = {(slot.schedule_id, slot.due_at) for slot in _slots(newsletter, now)}
    return [
        Expected(newsletter, each.due_at, _how(each), each.holiday)
        for each in coming
        if each.due_at < end and (each.schedule.id, each.due_at) not in made
    ]


def _how(upcoming: Upcoming) -> str:
    schedule = upcoming.schedule
    needs = f"if there {'is' if schedule.minimum_articles == 1 else 'are'} at least "
    needs += words.amount(schedule.minimum_articles, "new article")
    draft_at = words.clock(upcoming.due_at - schedule.lead, schedule.newsletter.timezone)
    match Mode(schedule.mode):
        case Mode.AUTOMATIC:
            return f"{schedule.title}. Leaves by itself, {needs}."
        case Mode.UNLESS_HELD:
            return f"{schedule.title}. A draft at {draft_at}, {needs}; it leaves by itself unless somebody holds it."
        case Mode.BY_HAND:
            return f"{schedule.title}. A draft at {draft_at}, {needs}; somebody has to send it."


def _slots(newsletter: Newsletter, after: datetime) -> Sequence[Slot]:
    """Slots that are made already although they are still to come: their drafts or reasons stand on the page."""
    query = select(Slot).join(Schedule).where(Schedule.newsletter_id == newsletter.id, Slot.due_at > after)
    return db.session.scalars(query).all()


def _silent(newsletters: Sequence[Newsletter], now: datetime) -> list[Slot]:
    """The slots of today that brought no issue."""
    begins = [
        (Schedule.newsletter_id == newsletter.id) & (Slot.due_at >= _midnight(newsletter, now))
        for newsletter in newsletters
    ]
    if not begins:
        return []
    query = select(Slot).join(Schedule).where(Slot.state == SlotState.CLOSED, or_(*begins))
    query = query.options(joinedload(Slot.schedule).joinedload(Schedule.newsletter))
    return list(db.session.scalars(query.order_by(Slot.due_at, Slot.id).limit(MOST)))


def _troubled(now: datetime) -> list[tuple[Source, Health]]:
    """Sources that somebody should look at, and why."""
    query = select(Source).where(Source.active).options(joinedload(Source.newsletter))
    found = [(source, health(source, now)) for source in db.session.scalars(query.order_by(Source.id))]
    return [(source, state) for source, state in found if state.needs_a_look][:MOST]


def _midnight(newsletter: Newsletter, now: datetime) -> datetime:
    """When today began where the newsletter is; in UTC where nobody knows its time zone."""
    try:
        clock = zone(newsletter.timezone)
    except UnknownZone:
        clock = zone("UTC")
    return now.astimezone(clock).replace(hour=0, minute=0, second=0, microsecond=0)

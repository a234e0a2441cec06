"""The schedules of a newsletter: added, changed, put to sleep and woken; and what of them comes next."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, time

from sqlalchemy.orm import Session

from mailer.newsletters import holidays
from mailer.newsletters.calendar import UnknownZone, next_moments, zone
from mailer.newsletters.models import Holiday, Mode, Newsletter, Schedule
from mailer.newsletters.written import BadInput

LONGEST_LEAD = 12 * 60
LONGEST_FRESH = 7 * 24 * 60
USUAL_LEAD = 30
"""Minutes."""
LOOKED_AHEAD = 10
"""Moments among which the next one that is no holiday is looked for."""


@dataclass(frozen=True)
class Recipe:
    """What an editor decides of a schedule; the fields are those of the row (bit 0 of `weekdays` is Monday)."""

    title: str
    weekdays: int
    hours: list[time]
    nth: int = 0
    month_day: int = 0
    mode: Mode = Mode.BY_HAND
    lead_minutes: int = 0
    readers_hour: bool = True
    template: str = "digest"
    minimum_articles: int = 1
    maximum_articles: int = 12
    freshness_minutes: int = 240


class Inconsistent(BadInput):
    """Two things that an editor decided do not go together; `field` is the one to change."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True)
class Upcoming:
    """A moment to come. `holiday` says why nothing will."""

    schedule: Schedule
    due_at: datetime
    holiday: str


def consistent(recipe: Recipe) -> Recipe:
    """The recipe without what has no meaning beside the rest: a day of the month rules alone, who leaves by itself
    needs no lead, who may be held needs one. Raises Inconsistent.
    """
    if not (recipe.weekdays or recipe.month_day):
        raise Inconsistent("weekdays", "Choose at least one day.")
    if not recipe.hours:
        raise Inconsistent("hours", "Write at least one hour, like 07:00.")
    if recipe.minimum_articles > recipe.maximum_articles:
        raise Inconsistent("minimum_articles", "The fewest articles are more than the most.")
    leads = {Mode.AUTOMATIC: 0, Mode.UNLESS_HELD: recipe.lead_minutes or USUAL_LEAD, Mode.BY_HAND: recipe.lead_minutes}
    weekdays, nth = (0, 0) if recipe.month_day else (recipe.weekdays, recipe.nth)
    return replace(recipe, lead_minutes=leads[recipe.mode], weekdays=weekdays, nth=nth)


def add(session: Session, newsletter: Newsletter, recipe: Recipe, now: datetime) -> Schedule:
    """Give a newsletter a schedule; its first slot is the first due moment after now."""
    schedule = Schedule(newsletter=newsletter, **asdict(recipe), starts_at=now)
    session.add(schedule)
    session.flush()
    return schedule


def recipe_of(schedule: Schedule) -> Recipe:
    """What was decided of it."""
    values = {name: getattr(schedule, name) for name in Recipe.__dataclass_fields__}
    return Recipe(**values | {"mode": Mode(schedule.mode)})


def change(schedule: Schedule, recipe: Recipe, now: datetime) -> list[str]:
    """Decide anew; the names of the fields that changed. Another rhythm begins now: nothing before it was missed."""
    before, after = asdict(recipe_of(schedule)), asdict(recipe)
    changed = [name for name in after if after[name] != before[name]]
    rhythm = schedule.rhythm
    for name in changed:
        setattr(schedule, name, after[name])
    if schedule.rhythm != rhythm:
        _begin(schedule, now)
    return changed


def sleep(schedule: Schedule) -> bool:
    """No slots from now on. False when it sleeps already. A draft that is made stays as it is."""
    was_active, schedule.active = schedule.active, False
    return was_active


def wake(schedule: Schedule, now: datetime) -> bool:
    """Slots again, from now on. False when it is awake."""
    if schedule.active:
        return False
    schedule.active = True
    _begin(schedule, now)
    return True


def upcoming(
    session: Session, newsletter: Newsletter, now: datetime, most: int, schedule_id: int | None = None
) -> Sequence[Upcoming]:
    """The next due moments of the newsletter's active schedules, or of one of them, soonest first."""
    which = [each for each in newsletter.schedules if schedule_id in (None, each.id)]
    found = sorted(
        ((moment, each.id, each) for each in which for moment in moments_of(each, now, most)),
        key=lambda entry: entry[:2],
    )[:most]
    if not found:
        return []
    clock = zone(newsletter.timezone)
    days = [found[place][0].astimezone(clock).date() for place in (0, -1)]
    resting = holidays.between(session, newsletter.id, *days)
    return [Upcoming(each, moment, _named(resting.get(moment.astimezone(clock).date()))) for moment, _, each in found]


def next_issue(session: Session, newsletter: Newsletter, schedule_id: int | None, now: datetime) -> datetime | None:
    """When the next issue is due to a reader of this schedule, None for one of every; holidays do not count."""
    coming = upcoming(session, newsletter, now, LOOKED_AHEAD, schedule_id)
    return next((each.due_at for each in coming if not each.holiday), None)


def moments_of(schedule: Schedule, now: datetime, most: int) -> list[datetime]:
    """The next due moments of a schedule: none while it sleeps, or while nobody knows its time zone."""
    if not schedule.active:
        return []
    try:
        return next_moments(schedule.rhythm, schedule.newsletter.timezone, max(now, schedule.starts_at), most)
    except UnknownZone:
        return []


def allows_own_hour(newsletter: Newsletter, schedule_id: int | None) -> bool:
    """Whether some issue of it may come at an hour that the reader chose. None stands for a reader of every schedule.

    An issue of no schedule may; so it does where nothing follows one.
    """
    mine = [each for each in newsletter.schedules if each.active and schedule_id in (None, each.id)]
    return not mine or any(each.readers_hour for each in mine)


def _begin(schedule: Schedule, now: datetime) -> None:
    schedule.starts_at, schedule.made_until = now, None


def _named(holiday: Holiday | None) -> str:
    return (holiday.title or "a holiday") if holiday else ""

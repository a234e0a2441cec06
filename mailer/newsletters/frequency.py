"""How often a newsletter comes, and which of its rhythms come less often."""

from collections.abc import Iterable, Sequence
from fractions import Fraction

from mailer.newsletters.models import Schedule
from mailer.newsletters.pace import Pace


def pace(schedule: Schedule) -> Pace:
    """How often an issue of this schedule is due."""
    days = 1 if schedule.month_day else schedule.weekdays.bit_count()
    return Pace(days * len(schedule.hours), monthly=bool(schedule.month_day or schedule.nth))


def less_often(schedules: Iterable[Schedule], schedule_id: int | None) -> Sequence[Schedule]:
    """The active schedules that bring fewer issues than this one, the fewest first.

    None stands for a reader of every schedule: less often than all together is each, if there are several.
    """
    active = [schedule for schedule in schedules if schedule.active]
    now = sum((_a_month(schedule) for schedule in active if schedule_id in (None, schedule.id)), Fraction(0))
    return sorted((schedule for schedule in active if _a_month(schedule) < now), key=_a_month)


def _a_month(schedule: Schedule) -> Fraction:
    return pace(schedule).a_month

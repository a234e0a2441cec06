"""How often a newsletter comes, and which of its rhythms come less often."""

from collections.abc import Iterable, Sequence

from mailer.newsletters.models import Schedule


def days_a_week(schedule: Schedule) -> int:
    """On how many days of a week an issue of this schedule is due."""
    return schedule.weekdays.bit_count()


def less_often(schedules: Iterable[Schedule], schedule_id: int | None) -> Sequence[Schedule]:
    """The active schedules that bring fewer issues than this one, the fewest first.

    None stands for a reader of every schedule: less often than all together is each, if there are several.
    """
    active = [schedule for schedule in schedules if schedule.active]
    now = sum(days_a_week(schedule) for schedule in active if schedule_id in (None, schedule.id))
    return sorted((schedule for schedule in active if days_a_week(schedule) < now), key=days_a_week)

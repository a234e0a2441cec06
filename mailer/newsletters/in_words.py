"""A rhythm in words for staff: "First Monday of the month at 07:00"."""

from collections.abc import Sequence

from mailer.newsletters.calendar import Rhythm
from mailer.newsletters.models import Mode

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WHICH = {0: "Every", 1: "First", 2: "Second", 3: "Third", 4: "Fourth", -1: "Last"}
"""Which of the month's weekdays; 0 is each of them."""

SETS = {0b1111111: "Every day", 0b0011111: "Weekdays", 0b1100000: "Weekends"}
LAST_DAY = 31
SHORTEST_MONTH = 28


def in_words(rhythm: Rhythm) -> str:
    """The days and the hours."""
    return f"{_days(rhythm)} at {listed([f'{hour:%H:%M}' for hour in rhythm.hours])}"


def listed(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1]))) if words else ""


def _days(rhythm: Rhythm) -> str:
    if rhythm.month_day:
        return _day_of_month(rhythm.month_day)
    named = [day for bit, day in enumerate(DAYS) if rhythm.weekdays >> bit & 1]
    if rhythm.nth:
        return f"{WHICH[rhythm.nth]} {listed(named)} of the month"
    return SETS.get(rhythm.weekdays) or listed([f"{day}s" for day in named])


def _day_of_month(day: int) -> str:
    if day == LAST_DAY:
        return "Last day of the month"
    ending = "th" if day in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    shorter = ", or its last day," if day > SHORTEST_MONTH else ""
    return f"The {day}{ending} of the month{shorter}"


def leaves_in_words(mode: str, lead_minutes: int) -> str:
    """How its issues leave."""
    match Mode(mode):
        case Mode.AUTOMATIC:
            return "leaves by itself"
        case Mode.UNLESS_HELD:
            return f"drafted {lead_minutes} minutes before, leaves by itself unless held"
        case Mode.BY_HAND:
            return "waits for an editor"

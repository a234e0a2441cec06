"""From a rhythm to its moments: these days, at these hours, on the clock of this time zone.

One rule answers every question of summer time, for every kind of rhythm: a day's moment is the first at which the clock
on the wall has reached the hour. So an hour that the clock jumps over is due when the jump ends, and an hour that comes
twice is due the first time. Two hours of a day that one jump swallows are one moment. A day that a zone left out
altogether (Samoa, 30 December 2011) never was, and has no moment. Which days are chosen is a question of the calendar
alone: a month has its first Monday and its last day whatever its clocks do.
"""

from bisect import bisect_left
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ONE_DAY = timedelta(days=1)
DAYS_IN_WEEK = 7
LONGEST_PAUSE = timedelta(days=37)
"""More than there is between two days of any rhythm: five weeks, from a fourth Monday to one after a long month."""


@dataclass(frozen=True)
class Rhythm:
    """These days at these hours. Bit 0 of `weekdays` is Monday; `hours` are in order.

    `nth` counts the weekday within its month: 1 to 4, -1 for the last, 0 for each. A `month_day` other than 0 rules
    alone: that day of each month, or the month's last day where it is shorter.
    """

    weekdays: int
    hours: tuple[time, ...]
    nth: int = 0
    month_day: int = 0

    def falls_on(self, day: date) -> bool:
        """Whether `day` is one of its days."""
        last = monthrange(day.year, day.month)[1]
        if self.month_day:
            return day.day == min(self.month_day, last)
        if not self.weekdays >> day.weekday() & 1:
            return False
        if self.nth < 0:
            return day.day > last - DAYS_IN_WEEK
        return self.nth in (0, (day.day - 1) // DAYS_IN_WEEK + 1)


class UnknownZone(ValueError):
    """Nobody knows a time zone of this name."""


def zone(name: str) -> ZoneInfo:
    """The time zone of an IANA name such as Asia/Baku. Raises UnknownZone."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # OSError: "Europe" is a folder
        raise UnknownZone(f"{name!r} is not a time zone. Write one like Europe/Berlin or Asia/Baku.") from None


def due_moments(rhythm: Rhythm, timezone: str, after: datetime, until: datetime) -> list[datetime]:
    """The moments after `after` and not after `until`, in UTC, oldest first. Two hours that a jump makes one are one.

    Where one interval ends and the next begins makes no difference: no moment is lost or comes twice.
    Raises UnknownZone.
    """
    clock = zone(timezone)
    # One day of margin: a clock set back over midnight shows yesterday's date after today's moment.
    first, last = after.astimezone(clock).date() - ONE_DAY, until.astimezone(clock).date() + ONE_DAY
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    moments = {_moment(day, hour, clock) for day in days if rhythm.falls_on(day) for hour in rhythm.hours}
    return sorted(moment for moment in moments if moment is not None and after < moment <= until)


def next_moments(rhythm: Rhythm, timezone: str, after: datetime, count: int) -> list[datetime]:
    """The first `count` moments after `after`; fewer only when it has no day or no hour. Raises UnknownZone."""
    return due_moments(rhythm, timezone, after, after + count * LONGEST_PAUSE)[:count]


def _moment(day: date, hour: time, clock: ZoneInfo) -> datetime | None:
    wall = datetime.combine(day, hour, clock)  # fold 0: of two, the first
    moment = wall.astimezone(UTC)
    if moment.astimezone(clock).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return moment
    return _end_of_jump(wall)


def _end_of_jump(wall: datetime) -> datetime | None:
    """When the jump over this hour ends: between the two readings of it, one by the old clock and one by the new."""
    early, late = wall.replace(fold=1).astimezone(UTC), wall.astimezone(UTC)
    if late - early >= ONE_DAY:
        return None
    seconds = range(int((late - early).total_seconds()) + 1)
    return early + timedelta(seconds=bisect_left(seconds, True, key=lambda s: _shows(early, s, wall)))


def _shows(early: datetime, seconds: int, wall: datetime) -> bool:
    shown = (early + timedelta(seconds=seconds)).astimezone(wall.tzinfo)
    return shown.replace(tzinfo=None) >= wall.replace(tzinfo=None)

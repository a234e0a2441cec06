"""Quiet hours: when a reader who asked for breaking news wants none of it, on the reader's own clock."""

from datetime import datetime, time, timedelta

from mailer.newsletters.calendar import Rhythm, UnknownZone, due_moments

USUAL = (time(22), time(7))
"""What who asks for breaking news has until they choose other hours, or none."""

_EVERY_DAY = 0b1111111
_LONG_ENOUGH = timedelta(days=3)  # a zone may have left out one of them


def quiet_until(begins: time | None, ends: time | None, timezone: str, moment: datetime) -> datetime | None:
    """When the quiet hours end that `moment` falls into, in UTC; None when it falls into none.

    It is quiet when the next end comes before the next beginning: so hours may go over midnight, and one that the clock
    jumps over or shows twice is decided as for every schedule. They begin with their first minute. Equal hours are
    never quiet. A machine that does not know the zone lets everything through.
    """
    if begins is None or ends is None:
        return None
    try:
        end, beginning = _next(ends, timezone, moment), _next(begins, timezone, moment)
    except UnknownZone:
        return None
    return end if end < beginning else None


def _next(hour: time, timezone: str, moment: datetime) -> datetime:
    return due_moments(Rhythm(_EVERY_DAY, (hour,)), timezone, moment, moment + _LONG_ENOUGH)[0]

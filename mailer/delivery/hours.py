"""The reader's own hour: when an issue is due to somebody who wants it at seven, wherever seven is."""

from datetime import datetime, time, timedelta

from mailer.newsletters.calendar import Rhythm, UnknownZone, due_moments

_EVERY_DAY = 0b1111111
_HOUR = timedelta(hours=1)
_TWO_DAYS = timedelta(days=2)  # a zone may have left out one of them


def own_moment(hour: time, timezone: str, released_at: datetime) -> datetime | None:
    """The first moment at or after the release at which it is `hour` in `timezone`, in UTC.

    None means at once: the release fell into that hour, or this machine does not know the zone.
    """
    try:
        moments = due_moments(Rhythm(_EVERY_DAY, (hour,)), timezone, released_at - _HOUR, released_at + _TWO_DAYS)
    except UnknownZone:
        return None
    return moments[0] if moments and moments[0] > released_at else None

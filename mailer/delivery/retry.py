"""When a deferred delivery is tried again, and when to stop."""

from datetime import datetime, timedelta

WAITS = tuple(timedelta(minutes=m) for m in (1, 5, 15, 30, 60))
"""After the first, second, … attempt; the last one repeats. RFC 5321 §4.5.4.1 asks for 30 minutes once it drags on."""
GIVE_UP_AFTER = timedelta(hours=24)
"""A digest is news: after this nobody wants it."""


def next_attempt(attempts: int, subscriber_id: int, now: datetime) -> datetime | None:
    """The moment of the next attempt after `attempts` of them, or None: give up.

    Spread by up to a fifth, by the subscriber's number, so that those deferred together do not come back together.
    The end is where the waits add up to GIVE_UP_AFTER. The release is no measure: a delivery may have waited for the
    reader's own hour, which changes while it waits, for the end of a pause, or be a refused one queued again.
    """
    waits = [WAITS[min(attempt, len(WAITS)) - 1] for attempt in range(1, attempts + 1)]
    spread = 1 + (subscriber_id * 2654435761 % 1000) / 5000
    return now + waits[-1] * spread if sum(waits, timedelta()) * spread <= GIVE_UP_AFTER else None

"""When an article was published, ruled for all sources alike. The rulings are explained in docs/articles.md.

A date that is missing, or that cannot be, is None: then the moment counts at which we first saw the article. Dates
without a time zone are read as UTC where they are parsed.
"""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
"""Before there were news on the web: a date before it is a default or an error, not a date."""

AHEAD = timedelta(days=1)
"""A date further in the future is an error. One within it is a wrong clock or time zone: the article is out now."""

STAMP = 5
"""So many entries with the very same date have the date of the feed, not their own."""


def published(said: datetime | None, now: datetime) -> datetime | None:
    """The date of an article that is seen for the first time now."""
    if said is None or not EARLIEST <= said <= now + AHEAD:
        return None
    return min(said, now)


def still_published(before: datetime | None, seen_at: datetime, said: datetime | None) -> datetime | None:
    """The date of a known article. It only becomes earlier: a new date on an old article does not make it news."""
    earlier = said is not None and EARLIEST <= said < (before or seen_at)
    return said if earlier else before


def are_stamped(dates: Collection[datetime | None]) -> bool:
    """Whether the dates of a feed's entries say nothing about the entries: all are one and the same."""
    return len(dates) >= STAMP and len(set(dates)) == 1

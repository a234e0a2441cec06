"""What is remembered of a reading of a source, and when it is read again."""

import logging
from datetime import datetime, timedelta

from mailer.articles import intervals
from mailer.articles.health import is_stale
from mailer.articles.models import Source
from mailer.articles.reading import Read
from mailer.articles.source import FetchFailed, NotModified

log = logging.getLogger(__name__)

TITLE_LENGTH = 300


def succeeded(source: Source, reading: Read | NotModified, new: int, now: datetime) -> None:
    """It could be read, and brought so many new articles: read it again as its habit asks."""
    source.succeeded_at, source.failures, source.error = now, 0, ""
    if isinstance(reading, Read):
        source.etag, source.last_modified, source.since = reading.etag, reading.last_modified, reading.since
        source.title = source.title or reading.feed.title[:TITLE_LENGTH]
        source.held_at, source.held_count, source.take = None, 0, ""
        _learn(source, reading, new, now)
    elif is_stale(source, now):  # some servers say for ever that nothing has changed: ask for everything next time
        source.etag = source.last_modified = ""
    _read_again(source, now)


def held(source: Source, count: int, now: datetime) -> None:
    """It could be read, but nothing was taken. It is asked for everything again, so that a decision finds it."""
    source.succeeded_at, source.failures, source.error = now, 0, ""
    if source.held_at is None:
        log.warning("Source %d (%s): %d items look new at once, held for a look", source.id, source.url, count)
    source.held_at, source.held_count = source.held_at or now, count
    source.etag = source.last_modified = ""
    _read_again(source, now)


def failed(source: Source, failure: FetchFailed, now: datetime) -> None:
    """It could not be read: ask again later, later each time, and not before the server wants to be asked."""
    source.failures += 1
    source.error = failure.sentence
    wish = timedelta(seconds=failure.retry_after or 0)
    pause = intervals.back_off(timedelta(minutes=source.interval_minutes), source.failures, wish)
    source.next_poll_at = now + _spread(source, pause, now)
    log.warning("Source %d (%s), failure %d in a row: %s", source.id, source.url, source.failures, failure.sentence)


def _learn(source: Source, reading: Read, new: int, now: datetime) -> None:
    """Its habit: first from the dates of what it offers, then from when something new came."""
    dates = [date for entry in reading.feed.entries if (date := entry.published_at) and date <= now]
    if source.newest_at is None:
        source.habit_minutes = intervals.first_habit(dates)
        source.newest_at = max(dates, default=now if reading.feed.entries else None)
    elif new:
        source.habit_minutes = intervals.next_habit(source.habit_minutes, now - source.newest_at)
        source.newest_at = now


def _read_again(source: Source, now: datetime) -> None:
    silence = now - source.newest_at if source.newest_at else timedelta()
    pause = intervals.interval(source.habit_minutes, silence)
    source.interval_minutes = round(pause / intervals.MINUTE)
    source.next_poll_at = now + _spread(source, pause, now)


def _spread(source: Source, pause: timedelta, now: datetime) -> timedelta:
    return intervals.spread(pause, f"{source.id} {now.isoformat()}")

"""When a source is read, and what is remembered about it.

The steps of a poll, between which the caller commits, so that no transaction is open while the network talks:
`claim`, commit, `read`, `record`, commit.
"""

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mailer.articles import source
from mailer.articles.feed import Feed, NotAFeed, parse
from mailer.articles.ingest import Stored, store
from mailer.articles.models import Source
from mailer.articles.source import Fetched, FetchFailed, NotModified

log = logging.getLogger(__name__)

INTERVAL = timedelta(minutes=5)
LEASE = timedelta(seconds=150)
"""How long a claimed source is left alone; a poll that dies is repeated after it. Longer than the longest poll."""

LONGEST_PAUSE = timedelta(hours=1)
"""After failures in a row the pause doubles up to this."""

LONGEST_WISH = timedelta(days=1)
"""As much of a Retry-After is honoured."""


@dataclass(frozen=True)
class PollPlan:
    """A claimed source, and what to ask it with."""

    source_id: int
    url: str
    etag: str
    last_modified: str


@dataclass(frozen=True)
class Read:
    """A feed, and what to send next time so that it only comes when it changed."""

    feed: Feed
    etag: str
    last_modified: str


Reading = Read | NotModified | FetchFailed


@dataclass(frozen=True)
class Polled:
    """What a poll came to; `error` is a sentence, "" when all went well."""

    stored: Stored = field(default_factory=Stored)
    error: str = ""


def due(session: Session, now: datetime, limit: int) -> list[int]:
    """The sources that want to be read now, longest waiting first."""
    query = select(Source.id).where(Source.active, Source.next_poll_at <= now)
    return list(session.scalars(query.order_by(Source.next_poll_at, Source.id).limit(limit)))


def claim(session: Session, source_id: int, now: datetime, *, early: bool = False) -> PollPlan | None:
    """Take a due source for one poll by moving its next one ahead; None: not due, or somebody else has it.

    `early` takes it although it is not due, because a person asked.
    """
    mine = update(Source).where(Source.id == source_id, Source.active)
    mine = mine if early else mine.where(Source.next_poll_at <= now)
    taken = mine.values(next_poll_at=now + LEASE, polled_at=now).returning(
        Source.id, Source.url, Source.etag, Source.last_modified
    )
    row = session.execute(taken.execution_options(synchronize_session=False)).one_or_none()
    return PollPlan(*row) if row else None


def read(plan: PollPlan, *, allow_private: bool, base_url: str) -> Reading:
    """Fetch and parse what was claimed. Talks to the network for up to 20 seconds; call it without a transaction."""
    fetched = source.fetch(plan.url, plan.etag, plan.last_modified, allow_private=allow_private, base_url=base_url)
    return _parsed(fetched) if isinstance(fetched, Fetched) else fetched


def try_out(url: str, *, allow_private: bool, base_url: str) -> Feed | FetchFailed:
    """What a source would bring if there were one. Talks to the network like `read`."""
    fetched = source.fetch(url, allow_private=allow_private, base_url=base_url)
    match _parsed(fetched) if isinstance(fetched, Fetched) else fetched:
        case Read(feed):
            return feed
        case FetchFailed() as failure:
            return failure
        case NotModified():
            return FetchFailed("The server says that nothing has changed, although we never asked before.")


def _parsed(fetched: Fetched) -> Read | FetchFailed:
    try:
        feed = parse(fetched.data, fetched.content_type, fetched.final_url)
    except NotAFeed as error:
        return FetchFailed(str(error))
    return Read(feed, fetched.etag, fetched.last_modified)


def record(session: Session, plan: PollPlan, reading: Reading, now: datetime) -> Polled:
    """Store what was read and remember how it went, all in one transaction."""
    polled = session.get(Source, plan.source_id, populate_existing=True)
    if polled is None:  # deleted while we read it
        return Polled()
    if isinstance(reading, FetchFailed):
        record_failure(polled, reading, now)
        return Polled(error=reading.sentence)
    stored = store(session, polled, reading.feed, now) if isinstance(reading, Read) else Stored()
    record_success(polled, reading, now)
    return Polled(stored)


def record_success(polled: Source, reading: Read | NotModified, now: datetime) -> None:
    """All is well with the source: ask again after INTERVAL."""
    polled.succeeded_at, polled.failures, polled.error = now, 0, ""
    polled.next_poll_at = now + INTERVAL
    if isinstance(reading, Read):
        polled.etag, polled.last_modified = reading.etag, reading.last_modified
        polled.title = polled.title or reading.feed.title[:300]


def record_failure(polled: Source, failure: FetchFailed, now: datetime) -> None:
    """The source could not be read: ask again later, later each time, and not before the server wants to be asked."""
    polled.failures += 1
    polled.error = failure.sentence
    pause = min(INTERVAL * 2 ** min(polled.failures, 10), LONGEST_PAUSE)
    wish = min(timedelta(seconds=failure.retry_after or 0), LONGEST_WISH)
    polled.next_poll_at = now + max(pause, wish)
    log.warning("Source %d (%s), failure %d in a row: %s", polled.id, polled.url, polled.failures, failure.sentence)

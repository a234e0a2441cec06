"""When a source is read, and what becomes of what it offers.

The steps of a poll, between which the caller commits, so that no transaction is open while the network talks:
`claim`, commit, `read`, `record`, commit.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session

from mailer.articles import child, holding, hosts, outcome
from mailer.articles.entry import Entry, Feed
from mailer.articles.ingest import Stored, store
from mailer.articles.intervals import LONGEST_WISH, SPREAD
from mailer.articles.kinds import POLLED
from mailer.articles.models import Source, Take
from mailer.articles.reading import Read, Reading
from mailer.articles.source import UNASKED, FetchFailed, NotModified

LEASE = timedelta(seconds=150)
"""How long a claimed source is left alone; a poll that dies is repeated after it. Longer than the longest poll."""

FARTHEST = LONGEST_WISH * (1 + SPREAD)
"""No next poll lies further ahead, unless a clock that ran ahead wrote it."""

NEWS = timedelta(days=2)
NEWEST = 5
"""Of the first reading of a source, what is so young and the first so many are news; the rest was there before us."""


@dataclass(frozen=True)
class PollPlan:
    """A claimed source, and what to ask it with."""

    source_id: int
    kind: str
    url: str
    etag: str = ""
    last_modified: str = ""
    since: datetime | None = None


@dataclass(frozen=True)
class Polled:
    """What a poll came to; `error` is a sentence, "" when all went well; `held` items wait for a look."""

    stored: Stored = field(default_factory=Stored)
    error: str = ""
    held: int = 0


def due(session: Session, now: datetime, limit: int) -> list[int]:
    """The sources that want to be read now, longest waiting first; of each host one, and none of a busy one."""
    place = func.row_number().over(partition_by=Source.host, order_by=(Source.next_poll_at, Source.id))
    wanted = select(Source.id, Source.host, Source.next_poll_at, place.label("place"))
    ready = wanted.where(Source.active, Source.kind.in_(POLLED), _is_due(now)).subquery().c
    query = select(ready.id).where(or_(ready.host == "", ready.place == 1), ~hosts.busy(ready.host, now))
    return list(session.scalars(query.order_by(ready.next_poll_at, ready.id).limit(limit)))


def claim(session: Session, source_id: int, now: datetime, *, early: bool = False) -> PollPlan | None:
    """Take a due source for one poll by moving its next one ahead.

    None: it is not due, somebody else has it, or somebody polls its host. `early` takes it although it is not due or
    its host is busy, because a person asked.
    """
    url = session.scalar(select(Source.url).where(Source.id == source_id))
    if url is None:
        return None
    host = hosts.host_of(url)
    hosts.lock(session, host)
    mine = update(Source).where(Source.id == source_id, Source.active, Source.kind.in_(POLLED))
    mine = mine if early else mine.where(_is_due(now), ~hosts.busy(host, now))
    taken = mine.values(next_poll_at=now + LEASE, polled_at=now, host=host).returning(
        Source.id, Source.kind, Source.url, Source.etag, Source.last_modified, Source.since
    )
    row = session.execute(taken.execution_options(synchronize_session=False)).one_or_none()
    return PollPlan(*row) if row else None


def _is_due(now: datetime) -> ColumnElement[bool]:
    return or_(Source.next_poll_at <= now, Source.next_poll_at > now + FARTHEST)


def read(plan: PollPlan, *, allow_private: bool, base_url: str) -> Reading:
    """Fetch and parse what was claimed, in a child process. Takes up to 25 seconds; call it without a transaction."""
    conditions = (plan.etag, plan.last_modified, plan.since)
    result: Reading = child.run(
        "read", plan.kind, plan.url, *conditions, allow_private=allow_private, base_url=base_url
    )
    return result


def record(session: Session, plan: PollPlan, reading: Reading, now: datetime) -> Polled:
    """Store what was read and remember how it went, all in one transaction."""
    source = session.get(Source, plan.source_id, populate_existing=True)
    if source is None:  # deleted while we read it
        return Polled()
    match reading:
        case FetchFailed():
            return _record_failure(session, source, reading, now)
        case NotModified() if not (plan.etag or plan.last_modified):
            return _record_failure(session, source, UNASKED, now)
        case NotModified():
            outcome.succeeded(source, reading, 0, now)
            return Polled()
        case Read():
            return _record_feed(session, source, reading, now)


def _record_failure(session: Session, source: Source, failure: FetchFailed, now: datetime) -> Polled:
    if failure.retry_after:
        hosts.lock(session, source.host)
        hosts.rest(session, source.host, now + min(timedelta(seconds=failure.retry_after), LONGEST_WISH))
    outcome.failed(source, failure, now)
    return Polled(error=failure.sentence)


def _record_feed(session: Session, source: Source, reading: Read, now: datetime) -> Polled:
    count = holding.looks_wrong(session, source, reading.feed, now)
    if count and not source.take:
        outcome.held(source, count, now)
        return Polled(held=count)
    if source.succeeded_at is None:
        stored = _store_first(session, source, reading.feed, now)
    else:
        stored = store(session, source, reading.feed, now, backlog=bool(count) and source.take == Take.AS_KNOWN)
    outcome.succeeded(source, reading, stored.new, now)
    return Polled(stored)


def _store_first(session: Session, source: Source, feed: Feed, now: datetime) -> Stored:
    """A source that is new to us must not fill the next issue with what is old."""
    ranked = sorted(feed.entries, key=lambda entry: -_moment(entry))
    count = max(NEWEST, sum(_moment(entry) > (now - NEWS).timestamp() for entry in ranked))
    news = store(session, source, replace(feed, entries=tuple(ranked[:count])), now)
    rest = store(session, source, replace(feed, entries=tuple(ranked[count:])), now, backlog=True)
    return Stored(news.new + rest.new, news.updated + rest.updated, len(feed.entries))


def _moment(entry: Entry) -> float:
    return entry.published_at.timestamp() if entry.published_at else 0.0

"""`postroom bench digest`: what an issue costs before its first mail, for many readers with a month behind them."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median

from sqlalchemy import insert, literal, select
from sqlalchemy.orm import Session

from mailer.articles import feed, ingest
from mailer.articles.kinds import SourceKind
from mailer.articles.models import Source
from mailer.bench import past
from mailer.bench.past import ARTICLES, Past
from mailer.bench.processes import usage
from mailer.bench.scratch import NotMeasured, scratch
from mailer.config import Settings
from mailer.db import make_engine
from mailer.delivery import fanout
from mailer.delivery.models import Delivery, DeliveryState
from mailer.digests import assembly, editions
from mailer.digests.models import Edition, Issue
from mailer.digests.release import release
from mailer.links import Links
from mailer.subscriptions import audience
from mailer.subscriptions.models import Subscription

NO_RELAY = "smtp://127.0.0.1:9?starttls=none"
FEEDS, ENTRIES = 10, 100
"""Feeds that are read, and entries in each."""
RUNS = 3
"""Fan-outs that are measured, and as many plain INSERTs, in turn; the median counts."""
RENDERED = 1_000
"""Editions that are rendered, those with the most readers."""


@dataclass(frozen=True)
class Measured:
    """One run. `ratio` is the time of a fan-out over that of one plain INSERT … SELECT of as many rows.

    Seconds per 1,000 are those of entries and of editions. CPU and memory are this process's own, without the database.
    """

    subscribers: int
    topics: int
    history: int
    ingest_seconds_per_1000: float
    selection_seconds: float
    plain_insert_seconds: float
    fan_out_seconds: float
    ratio: float
    queued: int
    skipped: int
    editions: int
    rendering_seconds_per_1000: float
    edition_kb: float
    fan_out_cpu_seconds: float | None
    fan_out_rss_mb: float | None
    cpu_seconds: float | None
    peak_rss_mb: float | None
    database: str


def measure(settings: Settings, subscribers: int, topics: int, days: int, note: Callable[[str], None]) -> Measured:
    """Measure each step on a database of its own, which is removed at the end."""
    with scratch(settings, NO_RELAY) as place:
        engine = make_engine(place.settings.database)
        try:
            with Session(engine, expire_on_commit=False) as session:
                made = past.make(session, subscribers, topics, days, note)
                session.commit()
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("ANALYZE" if engine.dialect.name == "sqlite" else "VACUUM ANALYZE")
            with Session(engine, expire_on_commit=False) as session:
                return _run(session, made, subscribers, Links(place.settings.secret, place.settings.base_url), note)
        finally:
            engine.dispose()


def _run(session: Session, made: Past, subscribers: int, links: Links, note: Callable[[str], None]) -> Measured:
    ingesting = _ingest(session, made)
    session.commit()
    note("articles stored")
    with _clock() as selecting:
        draft = assembly.draft(session, made.newsletter, schedule=None, slot=None, now=datetime.now(UTC))
    if not isinstance(draft, Issue):
        raise NotMeasured(f"no draft could be made: {draft.sentence}")
    articles = [*made.spread, *(each.article_id for each in draft.articles)][:ARTICLES]
    session.rollback()
    plain: list[float] = []
    fanned: list[Fanned] = []
    for turn in range(RUNS):
        plain.append(_plain(session, made, articles))
        session.rollback()
        fanned.append(_fan_out(session, made, articles))
        note(f"fan-out {turn + 1} of {RUNS}: {fanned[-1].seconds:.2f} s, plain {plain[-1]:.2f} s")
        if turn < RUNS - 1:
            session.rollback()
    after_fan_out = usage(os.getpid())
    rendering, size = _render(session, fanned[-1], links)
    session.rollback()
    after = usage(os.getpid())
    seconds = median(each.seconds for each in fanned)
    return Measured(
        subscribers=subscribers,
        topics=len(made.newsletter.topics),
        history=made.deliveries,
        ingest_seconds_per_1000=round(ingesting, 2),
        selection_seconds=round(selecting.seconds, 3),
        plain_insert_seconds=round(median(plain), 2),
        fan_out_seconds=round(seconds, 2),
        ratio=round(seconds / median(plain), 2),
        queued=fanned[-1].queued,
        skipped=fanned[-1].audience - fanned[-1].queued,
        editions=fanned[-1].editions,
        rendering_seconds_per_1000=round(rendering, 2),
        edition_kb=round(size / 1024, 1),
        fan_out_cpu_seconds=round(median(each.cpu_seconds for each in fanned), 3),
        fan_out_rss_mb=after_fan_out.peak_rss_mb if after_fan_out else None,
        cpu_seconds=round(after.cpu_seconds, 2) if after else None,
        peak_rss_mb=after.peak_rss_mb if after else None,
        database=session.get_bind().dialect.name,
    )


@dataclass
class _Clock:
    """Seconds that passed, and those that this process worked."""

    seconds: float = 0.0
    cpu_seconds: float = 0.0


@contextmanager
def _clock() -> Iterator[_Clock]:
    taken = _Clock()
    begun, worked = time.perf_counter(), time.process_time()
    yield taken
    taken.seconds, taken.cpu_seconds = time.perf_counter() - begun, time.process_time() - worked


@dataclass(frozen=True)
class Fanned:
    """A fan-out: what it took, and what came of it."""

    issue_id: int
    seconds: float
    cpu_seconds: float
    audience: int
    queued: int
    editions: int


def _ingest(session: Session, made: Past) -> float:
    """Seconds for 1,000 entries, from a document's bytes to rows."""
    now = datetime.now(UTC)
    documents = [past.document(number, ENTRIES) for number in range(FEEDS)]
    sources = [
        Source(newsletter=made.newsletter, kind=SourceKind.FEED.value, url=url, created_at=now, next_poll_at=now)
        for url, _ in documents
    ]
    session.add_all(sources)
    session.flush()
    with _clock() as taken:
        for source, (url, document) in zip(sources, documents, strict=True):
            ingest.store(session, source, feed.parse(document, "application/rss+xml", url), now)
    return taken.seconds * 1000 / (FEEDS * ENTRIES)


def _plain(session: Session, made: Past, articles: Sequence[int]) -> float:
    """Seconds for as many rows and no thought about them."""
    issue = past.issue_of(session, made.newsletter, None, articles)
    members = audience.members(issue.newsletter_id, None).with_only_columns(
        literal(issue.id), Subscription.subscriber_id, literal(DeliveryState.QUEUED.value), Subscription.topics
    )
    names = ["issue_id", "subscriber_id", "state", "edition"]
    with _clock() as taken:
        session.execute(insert(Delivery).from_select(names, members.order_by(Subscription.subscriber_id)))
    return taken.seconds


def _fan_out(session: Session, made: Past, articles: Sequence[int]) -> Fanned:
    issue = past.issue_of(session, made.newsletter, None, articles)
    release(session, issue.id, issue.version, "bench", datetime.now(UTC))
    with _clock() as taken:
        size = fanout.fan_out(session, issue.id, datetime.now(UTC)) or 0
    readers = session.scalars(select(Edition.readers).where(Edition.issue_id == issue.id)).all()
    return Fanned(issue.id, taken.seconds, taken.cpu_seconds, size, sum(readers), len(readers))


def _render(session: Session, fanned: Fanned, links: Links) -> tuple[float, float]:
    """Seconds for 1,000 editions, from rows to finished bytes, and the bytes of one."""
    largest = select(Edition.mask).where(Edition.issue_id == fanned.issue_id).order_by(Edition.readers.desc())
    masks = session.scalars(largest.limit(RENDERED)).all()
    size = 0
    with _clock() as taken:
        for mask in masks:
            compiled = editions.compile_edition(editions.content(session, fanned.issue_id, mask), links)
            size += sum(map(len, compiled.pieces))
    return taken.seconds * 1000 / len(masks), size / len(masks)

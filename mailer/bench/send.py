"""`postroom bench send`: from release to the last recorded answer, through real Celery workers."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import insert, literal, select
from sqlalchemy.orm import Session

from mailer.articles.models import Article
from mailer.bench.processes import usage
from mailer.bench.scratch import NotMeasured, Scratch, scratch, worker
from mailer.config import Settings
from mailer.db import make_engine
from mailer.delivery import receipt, sweep
from mailer.delivery.receipt import Receipt
from mailer.digests import editions
from mailer.digests.models import EVERY_ARTICLE, Issue, IssueArticle
from mailer.digests.release import release
from mailer.emails.compiled import Slot
from mailer.links import Links
from mailer.newsletters.models import EVERY_TOPIC, Newsletter
from mailer.queue import Job, celery, configure, enqueue
from mailer.subscriptions.models import Subscriber, Subscription, SubscriptionState

CHUNK = 20_000
STANDSTILL = 60.0
"""Seconds without progress after which the run is given up."""
SENTENCE = "The tide table for the north channel has been corrected after a reader wrote in. "


@dataclass(frozen=True)
class Measured:
    """One run. `message_kb` is the size on the wire, `cpu_seconds` the worker's, both its processes together."""

    messages: int
    seconds: float
    per_second: float
    cpu_seconds: float | None
    cpu_seconds_per_1000: float | None
    peak_rss_mb: float | None
    message_kb: float
    fan_out_seconds: float
    database: str


def measure(settings: Settings, readers: int, kilobytes: int, relay: str, note: Callable[[str], None]) -> Measured:
    """Send one issue to `readers` made-up readers over `relay`. Raises NotMeasured."""
    with scratch(settings, relay) as place:
        engine = make_engine(place.settings.database)
        try:
            with Session(engine, expire_on_commit=False) as session:
                issue = _issue(session, kilobytes)
                size = _size(session, issue, place.settings)
                _readers(session, issue.newsletter_id, readers, note)
                session.commit()
                configure(place.settings)
                with worker(place) as pid:
                    return _run(session, issue.id, readers, size, place, pid, note)
        finally:
            engine.dispose()


def _run(
    session: Session, issue_id: int, readers: int, size: float, place: Scratch, pid: int, note: Callable[[str], None]
) -> Measured:
    _await_worker(session, pid)
    before = usage(pid)
    start = time.perf_counter()
    if not release(session, issue_id, 1, "bench", datetime.now(UTC)):
        raise NotMeasured("the issue could not be released")
    session.commit()
    enqueue(Job.FAN_OUT, issue_id)
    fan_out_seconds, books = _await_end(session, issue_id, start, note)
    seconds = time.perf_counter() - start
    after = usage(pid)
    if books.accepted != readers:
        raise NotMeasured(f"not every message was accepted: {books}")
    cpu = round(after.cpu_seconds - before.cpu_seconds, 2) if before and after else None
    return Measured(
        messages=books.accepted,
        seconds=round(seconds, 2),
        per_second=round(readers / seconds, 1),
        cpu_seconds=cpu,
        cpu_seconds_per_1000=round(cpu / readers * 1000, 4) if cpu is not None else None,
        peak_rss_mb=after.peak_rss_mb if after else None,
        message_kb=size,
        fan_out_seconds=round(fan_out_seconds, 2),
        database=session.get_bind().dialect.name,
    )


def _await_worker(session: Session, pid: int) -> None:
    """Until the worker hears us."""
    deadline = time.monotonic() + 30
    while not celery.control.ping(timeout=0.5):
        if time.monotonic() > deadline or usage(pid) is None:
            raise NotMeasured("the worker did not start")
    session.rollback()


def _await_end(session: Session, issue_id: int, start: float, note: Callable[[str], None]) -> tuple[float, Receipt]:
    fanned_out: float | None = None
    last, moved = Receipt(), time.monotonic()
    while True:
        books = receipt.read(session, issue_id)
        if fanned_out is None and books.audience:
            fanned_out = time.perf_counter() - start
        working = not books.audience or sweep.has_due(session, datetime.now(UTC))
        session.rollback()
        if not working and not books.open:
            return fanned_out or 0.0, books
        if books != last:
            last, moved = books, time.monotonic()
            note(f"{books.accepted} of {books.audience} accepted")
        elif time.monotonic() - moved > STANDSTILL:
            raise NotMeasured(f"nothing moved for {STANDSTILL:.0f} seconds: {books}")
        time.sleep(0.2)


def _issue(session: Session, kilobytes: int) -> Issue:
    """A draft of twelve articles, with summaries as long as the size asks for."""
    now = datetime.now(UTC)
    newsletter = Newsletter(
        slug="bench",
        title="Bench Brief",
        publisher="The Bench",
        sender_name="The Bench",
        sender_address="brief@bench.example",
        postal_address="Bench Street 1",
        created_at=now,
    )
    issue = Issue(newsletter=newsletter, subject="What a message costs", created_at=now)
    note = (SENTENCE * (kilobytes * 1024 // len(SENTENCE) + 1))[: max(0, kilobytes - 18) * 512]
    issue.note = note
    for position in range(12):
        url = f"https://bench.example/{position}"
        title = f"Story {position}: what the harbour learned from the tide"
        article = Article(canonical_url=url, url=url, title=title, seen_at=now, updated_at=now)
        session.add(article)
        session.flush()
        issue.articles.append(
            IssueArticle(article_id=article.id, position=position, url=url, title=title, summary=SENTENCE * 2)
        )
    session.add(issue)
    session.flush()
    return issue


def _size(session: Session, issue: Issue, settings: Settings) -> float:
    links = Links(settings.secret, settings.base_url)
    compiled = editions.compile_edition(editions.content(session, issue.id, EVERY_ARTICLE), links)
    token = links.leaving_token(1, issue.id)
    message = compiled.fill({Slot.TO: "r@bench.example", Slot.MESSAGE_ID: "<1@bench.example>", Slot.TOKEN: token})
    return round(len(message) / 1024, 1)


def _readers(session: Session, newsletter_id: int, readers: int, note: Callable[[str], None]) -> None:
    now = datetime.now(UTC)
    for first in range(0, readers, CHUNK):
        addresses = [f"reader{number}@bench.example" for number in range(first, min(first + CHUNK, readers))]
        rows = [{"address": address, "address_key": address, "created_at": now} for address in addresses]
        session.execute(insert(Subscriber), rows)
        note(f"{first + len(rows)} readers made")
    active = literal(SubscriptionState.ACTIVE.value)
    names = ["subscriber_id", "newsletter_id", "state", "topics", "created_at", "requested_at", "request"]
    columns = (
        Subscriber.id,
        literal(newsletter_id),
        active,
        literal(EVERY_TOPIC),
        Subscriber.created_at,
        Subscriber.created_at,
        literal(1),
    )
    session.execute(insert(Subscription).from_select(names, select(*columns)))

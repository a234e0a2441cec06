"""Breaking news leaves at once, whatever else is being sent."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta
from importlib import import_module
from threading import Event

import pytest
import redis
from sqlalchemy import update
from sqlalchemy.orm import Session

from mailer.config import Settings
from mailer.delivery import dispatch, receipt
from mailer.delivery.journal import Journal
from mailer.delivery.lanes import BREAKING, lane
from mailer.delivery.models import Batch, Delivery
from mailer.digests import breaking
from mailer.digests.models import Issue
from mailer.digests.release import release
from mailer.newsletters.models import Newsletter
from mailer.queue import Job, Queue
from mailer.subscriptions.models import Subscriber, Subscription
from tests.delivery.making import add_readers, draft_of
from tests.services.scripted import Moment, ScriptedRelay, scripted_relay
from tests.services.valkey import Valkey
from tests.subscriptions.making import make_newsletter

pytestmark = pytest.mark.usefixtures("worker")

DIGEST_READERS, NEWS_READERS = 30, 3


@pytest.fixture
def go_on() -> Iterator[Event]:
    """Until it is set, the relay answers no digest."""
    event = Event()
    yield event
    event.set()


@pytest.fixture
def relay(go_on: Event, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedRelay]:
    """Takes breaking news as it comes, and holds every digest at its final dot."""

    def script(moment: Moment) -> None:
        if moment.phase == "dot" and not moment.recipient.startswith("news"):
            go_on.wait(60)

    with scripted_relay(ScriptedRelay(script)) as relay:
        app = import_module("worker.app")
        monkeypatch.setattr(app, "settings", settings.model_copy(update={"smtp_url": relay.url, "smtp_connections": 2}))
        yield relay


@pytest.fixture
def newsletter(session: Session) -> Newsletter:
    made = make_newsletter(session)
    made.breaking_cap = 2
    session.commit()
    return made


def ask_for_news(session: Session, newsletter: Newsletter, readers: int) -> list[int]:
    """New readers who get breaking news and nothing else."""
    ids = add_readers(session, newsletter, readers)
    session.execute(update(Subscription).where(Subscription.subscriber_id.in_(ids)).values(breaking=True))
    renamed = "news" + Subscriber.address
    session.execute(update(Subscriber).where(Subscriber.id.in_(ids)).values(address=renamed, address_key=renamed))
    session.commit()
    return ids


def break_news(session: Session, newsletter: Newsletter) -> Issue:
    article_id = draft_of(session, newsletter).articles[0].article_id
    issue = breaking.draft(session, newsletter, article_id, datetime.now(UTC))
    session.commit()
    assert breaking.send(session, issue, issue.version, "lea@ledger.example", datetime.now(UTC))
    session.commit()
    return issue


def until(true: Callable[[], bool]) -> None:
    deadline = datetime.now(UTC) + timedelta(seconds=20)
    while not true():
        assert datetime.now(UTC) < deadline
        Event().wait(0.01)


def test_a_digest_that_fills_every_lane_does_not_hold_breaking_news(
    session: Session, newsletter: Newsletter, relay: ScriptedRelay, go_on: Event
) -> None:
    tasks, news = import_module("worker.tasks.delivery"), import_module("worker.tasks.breaking")
    add_readers(session, newsletter, DIGEST_READERS)
    digest = draft_of(session, newsletter)
    assert release(session, digest.id, digest.version, "lea@ledger.example", datetime.now(UTC))
    session.commit()
    tasks.fan_out(digest.id)
    ask_for_news(session, newsletter, NEWS_READERS)
    with ThreadPoolExecutor() as others:
        lanes = [others.submit(tasks.send) for _ in range(2)]
        until(lambda: any(command.startswith("DATA") for command in relay.commands))
        issue = break_news(session, newsletter)
        news.fan_out(issue.id)
        news.send()
        arrived = relay.recipients()
        books = receipt.read(session, digest.id)
        session.commit()
        go_on.set()
        for lane in lanes:
            lane.result()
    assert len(arrived) == NEWS_READERS
    assert all(recipient.startswith("news") for recipient in arrived)
    assert (books.accepted, books.open) == (0, DIGEST_READERS)
    assert receipt.read(session, issue.id).accepted == NEWS_READERS
    assert receipt.read(session, digest.id).accepted == DIGEST_READERS


def test_who_has_quiet_hours_gets_it_afterwards_and_not_when_it_is_old(
    session: Session, newsletter: Newsletter, relay: ScriptedRelay
) -> None:
    news = import_module("worker.tasks.breaking")
    soon, late, _ = ask_for_news(session, newsletter, 3)
    hour = datetime.now(UTC).hour
    for reader, hours in ((soon, 2), (late, 9)):
        ends = time((hour + hours) % 24)
        mine = update(Subscription).where(Subscription.subscriber_id == reader)
        session.execute(mine.values(quiet_from=time(hour), quiet_until=ends, timezone="UTC"))
    session.commit()
    assert breaking.reach(session, newsletter, datetime.now(UTC)) == breaking.Reach(3, 1, 1)
    session.commit()
    issue = break_news(session, newsletter)
    news.fan_out(issue.id)
    news.send()
    books = receipt.read(session, issue.id)
    assert (books.accepted, books.open) == (1, 2)
    session.commit()
    for reader, ago in ((soon, timedelta(hours=2)), (late, breaking.FRESH + timedelta(hours=3))):
        session.execute(update(Issue).values(released_at=datetime.now(UTC) - ago))
        mine = update(Delivery).where(Delivery.subscriber_id == reader)
        session.execute(mine.values(due_at=datetime.now(UTC)))
        session.execute(update(Batch).values(due_at=datetime.now(UTC)))
        session.commit()
        news.send()
    books = receipt.read(session, issue.id)
    assert (books.accepted, books.skipped, books.balanced) == (2, {"stale": 1}, True)


def test_what_the_queue_forgot_is_asked_again_and_what_died_in_its_lane_is_settled(
    session: Session, newsletter: Newsletter, relay: ScriptedRelay, settings: Settings, broker: Valkey
) -> None:
    news, upkeep = import_module("worker.tasks.breaking"), import_module("worker.tasks.upkeep")
    ask_for_news(session, newsletter, NEWS_READERS)
    issue = break_news(session, newsletter)
    assert asked_by(broker, upkeep.sweep) == [Job.FAN_OUT_BREAKING]
    assert asked_by(broker, lambda: news.fan_out(issue.id)) == [Job.SEND_BREAKING]
    assert asked_by(broker, upkeep.sweep) == [Job.SEND_BREAKING]
    claimed = dispatch.claim(session, "here", datetime.now(UTC), urgent=True)
    session.commit()
    assert claimed is not None
    with lane(settings.data_dir, 1, BREAKING) as folder:
        assert folder is not None
        Journal(folder, claimed[0], [reader.subscriber_id for reader in claimed[1]]).abandon()
    upkeep.sweep()
    news.send()
    assert receipt.read(session, issue.id).accepted == NEWS_READERS


def asked_by(broker: Valkey, ask: Callable[[], None]) -> list[str]:
    """The jobs on the queue of breaking news that somebody asks for."""
    with redis.Redis.from_url(broker.url) as client:
        client.delete(Queue.BREAKING.value)
        ask()
        return [json.loads(text)["headers"]["task"] for text in client.lrange(Queue.BREAKING.value, 0, -1)]

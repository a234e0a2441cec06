"""The tick and the sweep, on rows and a queue that are real."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta
from importlib import import_module
from threading import Barrier

import pytest
import redis
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mailer.articles.models import Source
from mailer.config import Settings
from mailer.delivery import dispatch, receipt
from mailer.delivery.journal import Journal
from mailer.delivery.lanes import lane
from mailer.delivery.models import Batch, Delivery
from mailer.digests import release
from mailer.digests.models import Issue, IssueState
from mailer.newsletters.models import Mode, Newsletter, Schedule, Slot, SlotState
from mailer.ops import heartbeat
from mailer.queue import Job, Queue
from mailer.staff.models import LoginLink, Role, Staff
from mailer.subscriptions.models import (
    ConsentEvent,
    ConsentRecord,
    LetterKind,
    OwedLetter,
    Subscriber,
    Subscription,
    SubscriptionState,
)
from tests.digests.making import make_issue, make_source, see, titles
from tests.newsletters.making import make_newsletter, make_schedule
from tests.services.valkey import Valkey
from tests.subscriptions.making import sign_up

pytestmark = pytest.mark.usefixtures("worker")


@pytest.fixture
def queue(broker: Valkey) -> Iterator[redis.Redis]:
    client = redis.Redis.from_url(broker.url)
    client.flushall()
    yield client
    client.flushall()


@pytest.fixture
def now() -> datetime:
    """The tasks look at the clock themselves."""
    return datetime.now(UTC)


@pytest.fixture
def newsletter(session: Session) -> Newsletter:
    return make_newsletter(session)


def run(task: str) -> None:
    import_module("worker.tasks.upkeep").__dict__[task]()


def jobs(queue: redis.Redis) -> list[tuple[str, str]]:
    """What was asked for, and of which rows."""
    waiting = [json.loads(text)["headers"] for name in Queue for text in queue.lrange(name, 0, -1)]
    return sorted((headers["task"], headers["argsrepr"]) for headers in waiting)


def asked(job: Job, *ids: int) -> tuple[str, str]:
    return job.value, repr(ids)


def quiet_source(session: Session, newsletter: Newsletter, now: datetime, name: str = "all") -> Source:
    """One that is not due."""
    source = make_source(session, newsletter, name)
    source.next_poll_at = now + timedelta(minutes=5)
    session.commit()
    return source


def due_schedule(session: Session, newsletter: Newsletter, now: datetime, **recipe: object) -> Schedule:
    """One whose newest moment was a minute ago."""
    moment = now - timedelta(minutes=1)
    hour = time(moment.hour, moment.minute)
    return make_schedule(session, newsletter, hours=[hour], starts_at=now - timedelta(hours=1), **recipe)


def slots(session: Session) -> list[Slot]:
    session.expire_all()
    return list(session.scalars(select(Slot).order_by(Slot.id)))


def issues(session: Session) -> list[Issue]:
    session.expire_all()
    return list(session.scalars(select(Issue).order_by(Issue.id)))


def test_a_tick_is_a_sign_of_life(session: Session, now: datetime, queue: redis.Redis) -> None:
    run("tick")
    seen = heartbeat.seen(session, "beat")
    assert seen is not None
    assert seen >= now


def test_a_tick_makes_the_draft_that_is_due(
    session: Session, newsletter: Newsletter, now: datetime, queue: redis.Redis
) -> None:
    see(session, quiet_source(session, newsletter, now), "Ferry", now)
    due_schedule(session, newsletter, now)
    run("tick")
    (issue,) = issues(session)
    assert (titles(issue), issue.state) == (["Ferry"], IssueState.DRAFT)
    assert [slot.state for slot in slots(session)] == [SlotState.ISSUE]
    assert jobs(queue) == [asked(Job.CHECK_LINKS, issue.id)]


def test_an_automatic_issue_is_released_and_its_fan_out_asked_for(
    session: Session, newsletter: Newsletter, now: datetime, queue: redis.Redis
) -> None:
    see(session, quiet_source(session, newsletter, now), "Ferry", now)
    due_schedule(session, newsletter, now, mode=Mode.AUTOMATIC.value)
    run("tick")
    (issue,) = issues(session)
    assert issue.state == IssueState.SENDING
    assert jobs(queue) == [asked(Job.FAN_OUT, issue.id)]


def test_a_draft_whose_time_has_come_leaves_unless_somebody_holds_it(
    session: Session, newsletter: Newsletter, now: datetime, queue: redis.Redis
) -> None:
    drafts = []
    for title in ("Ferry", "Tram"):
        see(session, quiet_source(session, newsletter, now, title), title, now)
        drafts.append(make_issue(session, newsletter, now))
    left, held = drafts
    left.leaves_at = held.leaves_at = now - timedelta(minutes=1)
    held.held_at, held.held_by = now, "lea@ledger.example"
    session.commit()
    run("tick")
    assert [issue.state for issue in issues(session)] == [IssueState.SENDING, IssueState.DRAFT]
    assert asked(Job.FAN_OUT, left.id) in jobs(queue)
    assert asked(Job.FAN_OUT, held.id) not in jobs(queue)


def test_a_slot_without_articles_says_so(session: Session, newsletter: Newsletter, now: datetime) -> None:
    due_schedule(session, newsletter, now)
    run("tick")
    assert issues(session) == []
    assert [(slot.state, slot.reason) for slot in slots(session)] == [(SlotState.CLOSED, "There was no new article.")]


def test_two_ticks_at_once_make_one_slot_and_one_issue(
    session: Session, newsletter: Newsletter, now: datetime, queue: redis.Redis
) -> None:
    source = quiet_source(session, newsletter, now)
    see(session, source, "Ferry", now)
    due_schedule(session, newsletter, now, mode=Mode.AUTOMATIC.value)
    together = Barrier(2)

    def tick() -> None:
        together.wait(10)
        run("tick")

    with ThreadPoolExecutor(2) as pool:
        for future in [pool.submit(tick), pool.submit(tick)]:
            future.result(60)
    assert len(slots(session)) == len(issues(session)) == 1
    assert jobs(queue).count(asked(Job.FAN_OUT, issues(session)[0].id)) == 1


def test_a_tick_that_died_between_slot_and_draft_is_made_up_for(
    session: Session, newsletter: Newsletter, now: datetime
) -> None:
    see(session, make_source(session, newsletter), "Ferry", now)
    schedule = due_schedule(session, newsletter, now)
    session.add(Slot(schedule=schedule, due_at=now - timedelta(minutes=2)))
    session.commit()
    run("tick")
    assert slots(session)[0].state == SlotState.ISSUE


def test_one_broken_schedule_harms_no_other_and_is_not_hidden(
    session: Session, newsletter: Newsletter, now: datetime, queue: redis.Redis
) -> None:
    broken = make_newsletter(session, "broken")
    late = Slot(schedule=due_schedule(session, broken, now, freshness_minutes=1), due_at=now - timedelta(hours=9))
    session.add(late)
    broken.timezone = "Mars/Phobos"  # so its reason cannot be worded
    source = quiet_source(session, newsletter, now)
    see(session, source, "Ferry", now)
    due_schedule(session, newsletter, now)
    source.next_poll_at = now
    session.commit()
    with pytest.raises(ExceptionGroup, match="part of the upkeep failed"):
        run("tick")
    (issue,) = issues(session)
    assert titles(issue) == ["Ferry"]
    assert jobs(queue) == [asked(Job.CHECK_LINKS, issue.id), asked(Job.POLL_SOURCE, source.id)]


def test_a_tick_asks_for_the_sources_that_are_due(
    session: Session, newsletter: Newsletter, now: datetime, queue: redis.Redis
) -> None:
    due, _later = (quiet_source(session, newsletter, now, name) for name in ("due", "later"))
    due.next_poll_at = now
    session.commit()
    run("tick")
    assert jobs(queue) == [asked(Job.POLL_SOURCE, due.id)]


def test_a_tick_goes_on_while_the_broker_is_away(
    session: Session, newsletter: Newsletter, now: datetime, broker: Valkey
) -> None:
    see(session, quiet_source(session, newsletter, now), "Ferry", now)
    due_schedule(session, newsletter, now, mode=Mode.AUTOMATIC.value)
    broker.kill()
    try:
        run("tick")
    finally:
        broker.start()
    assert [issue.state for issue in issues(session)] == [IssueState.SENDING]


def released(session: Session, newsletter: Newsletter, now: datetime) -> Issue:
    see(session, make_source(session, newsletter), "Ferry", now)
    issue = make_issue(session, newsletter, now)
    release.release(session, issue.id, issue.version, "lea@ledger.example", now)
    session.commit()
    return issue


def fanned_out(session: Session, newsletter: Newsletter, now: datetime) -> Issue:
    """With one reader who is due."""
    issue = released(session, newsletter, now)
    issue.fanned_out_at, issue.audience = now, 1
    session.add(Delivery(issue_id=issue.id, subscriber_id=1))
    session.add(Batch(issue_id=issue.id, number=0, first_id=1, last_id=1, due_at=now))
    session.commit()
    return issue


def test_the_sweep_asks_again_for_mails_that_are_owed(
    session: Session, newsletter: Newsletter, now: datetime, queue: redis.Redis
) -> None:
    letter = sign_up(session, newsletter, now=now)
    lea = Staff(address="lea@ledger.example", role=Role.EDITOR.value, created_at=now)
    link = LoginLink(staff=lea, created_at=now, expires_at=now + timedelta(hours=1), mail_due_at=now)
    session.add(link)
    session.commit()
    run("sweep")
    assert jobs(queue) == [asked(Job.SEND_LOGIN_LINK, link.id), asked(Job.SEND_LETTER, letter.id)]


def test_the_sweep_ends_the_pauses_that_are_over(session: Session, newsletter: Newsletter, now: datetime) -> None:
    for minutes in (-1, 60):
        letter = sign_up(session, newsletter, f"reader{minutes}@mail.example", now=now)
        paused = update(Subscription).where(Subscription.id == letter.subscription_id)
        until = now + timedelta(minutes=minutes)
        session.execute(paused.values(state=SubscriptionState.PAUSED.value, paused_until=until))
    session.commit()
    run("sweep")
    states = session.scalars(select(Subscription.state).order_by(Subscription.id)).all()
    assert states == [SubscriptionState.ACTIVE, SubscriptionState.PAUSED]
    events = session.scalars(select(ConsentRecord.event).order_by(ConsentRecord.id)).all()
    assert events[-1] == ConsentEvent.RESUMED


def test_the_sweep_reminds_who_never_answered_and_asks_for_the_mail(
    session: Session, newsletter: Newsletter, now: datetime, queue: redis.Redis
) -> None:
    yesterday = now - timedelta(days=1)
    letter = sign_up(session, newsletter, now=yesterday)
    letter.due_at, letter.sent_at, letter.attempts = None, yesterday, 1
    session.commit()
    run("sweep")
    reminder = session.scalars(select(OwedLetter).order_by(OwedLetter.id.desc())).first()
    assert reminder is not None
    assert reminder.kind == LetterKind.REMINDER
    assert jobs(queue) == [asked(Job.SEND_LETTER, reminder.id)]


def test_the_sweep_forgets_who_never_answered(
    session: Session, newsletter: Newsletter, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_module("worker.tasks.upkeep"), "SLICE", 2)
    for number in range(5):
        sign_up(session, newsletter, f"{number}@ledger.example", now=now - timedelta(days=8))
    run("sweep")
    session.expire_all()
    assert session.scalars(select(Subscriber)).all() == []


def test_the_sweep_asks_again_for_a_fan_out_that_was_lost(
    session: Session, newsletter: Newsletter, now: datetime, queue: redis.Redis
) -> None:
    issue = released(session, newsletter, now)
    run("sweep")
    assert jobs(queue) == [asked(Job.FAN_OUT, issue.id)]


def test_the_sweep_rings_for_every_lane_when_something_is_due(
    session: Session, newsletter: Newsletter, now: datetime, queue: redis.Redis, settings: Settings
) -> None:
    fanned_out(session, newsletter, now)
    run("sweep")
    assert jobs(queue) == [asked(Job.SEND)] * settings.send_lanes


def test_a_sender_that_died_long_ago_is_settled_by_its_journal_and_not_by_its_lease(
    session: Session, newsletter: Newsletter, now: datetime, queue: redis.Redis, settings: Settings
) -> None:
    issue = fanned_out(session, newsletter, now)
    session.execute(update(Batch).values(due_at=now - 3 * dispatch.LEASE))
    claimed = dispatch.claim(session, "here", now - 2 * dispatch.LEASE)
    assert claimed is not None
    held, readers = claimed
    session.commit()
    with lane(settings.data_dir, settings.send_lanes) as folder:
        assert folder is not None
        Journal(folder, held, [reader.subscriber_id for reader in readers]).abandon()
    run("sweep")
    books = receipt.read(session, issue.id)
    assert (books.uncertain, books.open) == (0, len(readers))


def test_the_sweep_makes_an_issue_with_nothing_open_sent(
    session: Session, newsletter: Newsletter, now: datetime, queue: redis.Redis
) -> None:
    issue = released(session, newsletter, now)
    issue.fanned_out_at = now
    session.commit()
    run("sweep")
    session.refresh(issue)
    assert issue.state == IssueState.SENT
    assert jobs(queue) == []


def test_the_sweep_settles_what_a_cancelled_issue_owed(session: Session, newsletter: Newsletter, now: datetime) -> None:
    issue = fanned_out(session, newsletter, now)
    release.cancel(session, issue.id)
    session.commit()
    run("sweep")
    session.expire_all()
    assert [delivery.answer for delivery in session.scalars(select(Delivery))] == ["cancelled"]


def test_nothing_due_means_nothing_to_do(queue: redis.Redis) -> None:
    run("tick")
    run("sweep")
    assert jobs(queue) == []

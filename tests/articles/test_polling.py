from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from mailer.articles import child, polling
from mailer.articles.intervals import LONGEST, LONGEST_BACK_OFF, SHORTEST, SPREAD
from mailer.articles.kinds import SourceKind
from mailer.articles.models import Source
from mailer.articles.polling import LEASE, Polled, PollPlan
from mailer.articles.reading import Read
from mailer.articles.source import UNASKED, FetchFailed, NotModified
from tests.articles.making import HOME, NOW, articles, entry, feed, item, make_source, rss
from tests.articles.outlet import Answer, Outlet

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@pytest.fixture
def source(session: Session, outlet: Outlet) -> Source:
    return make_source(session, outlet.feed("/feed", rss(item(1), item(2)), ETag='"1"'))


def poll(session: Session, source: Source) -> Polled:
    plan = polling.claim(session, source.id, NOW, early=True)
    session.commit()
    assert plan is not None
    reading = polling.read(plan, allow_private=True, base_url="")
    polled = polling.record(session, plan, reading, NOW)
    session.commit()
    return polled


def plan_for(source: Source, etag: str = "") -> PollPlan:
    return PollPlan(source.id, source.kind, source.url, etag)


def test_a_poll_stores_what_the_feed_offers(session: Session, source: Source) -> None:
    polled = poll(session, source)
    assert (polled.error, polled.stored.new) == ("", 2)
    assert [article.title for article in articles(session)] == ["Story 1", "Story 2"]
    assert (source.title, source.etag, source.failures, source.error) == ("The Harbour Ledger", '"1"', 0, "")
    assert (source.polled_at, source.succeeded_at) == (NOW, NOW)
    assert SHORTEST <= source.next_poll_at - NOW <= LONGEST * (1 + SPREAD)


def test_the_second_poll_asks_only_for_changes(session: Session, source: Source, outlet: Outlet) -> None:
    poll(session, source)
    assert poll(session, source) == Polled()
    assert outlet.asked["/feed"][1]["If-None-Match"] == '"1"'
    assert source.etag == '"1"'


def test_nothing_new_although_we_asked_for_everything_is_a_failure(session: Session, source: Source) -> None:
    assert polling.record(session, plan_for(source), NotModified(), NOW) == Polled(error=UNASKED.sentence)
    assert (source.failures, source.succeeded_at) == (1, None)


def test_a_source_is_due_when_its_time_has_come(session: Session, source: Source) -> None:
    later = make_source(session, f"{HOME}/later", slug="evening")
    asleep = make_source(session, f"{HOME}/asleep", slug="asleep")
    brought = make_source(session, f"{HOME}/brought", slug="brought")
    later.next_poll_at, asleep.active, brought.kind = NOW + MINUTE, False, SourceKind.PUSH.value
    session.commit()
    assert polling.due(session, NOW, 10) == [source.id]
    assert polling.due(session, NOW + MINUTE, 10) == [source.id, later.id]
    assert polling.due(session, NOW + MINUTE, 1) == [source.id]
    assert polling.due(session, NOW - MINUTE, 10) == []


def test_a_clock_that_ran_ahead_does_not_put_a_source_off_for_years(session: Session, source: Source) -> None:
    source.polled_at = source.next_poll_at = NOW + 1000 * DAY
    source.host = "ledger.example"
    session.commit()
    assert polling.due(session, NOW, 10) == [source.id]
    assert polling.claim(session, source.id, NOW) is not None


def test_only_one_of_two_gets_a_due_source(session: Session, source: Source) -> None:
    assert polling.claim(session, source.id, NOW) == plan_for(source)
    assert polling.claim(session, source.id, NOW) is None
    assert polling.due(session, NOW, 10) == []


def test_a_poll_that_died_is_repeated_after_its_lease(session: Session, source: Source) -> None:
    polling.claim(session, source.id, NOW)
    assert polling.claim(session, source.id, NOW + LEASE - MINUTE) is None
    assert polling.claim(session, source.id, NOW + LEASE) is not None
    assert timedelta(seconds=2 * child.SECONDS) < LEASE


def test_two_pollers_at_once_store_each_article_once(engine: Engine, session: Session, source: Source) -> None:
    """One is slow, its lease ran out, and another polled meanwhile; both come to the database at the same moment."""
    reading = Read(feed(*(entry(number) for number in range(40))))

    def record(_: int) -> int:
        with Session(engine) as mine:
            polled = polling.record(mine, plan_for(source), reading, NOW)
            mine.commit()
            return polled.stored.new

    with ThreadPoolExecutor(2) as pollers:
        assert sorted(pollers.map(record, range(2))) == [0, 40]
    assert len(articles(session)) == 40


def test_a_person_need_not_wait_until_a_source_is_due(session: Session, source: Source) -> None:
    source.next_poll_at = NOW + MINUTE
    session.flush()
    assert polling.claim(session, source.id, NOW) is None
    assert polling.claim(session, source.id, NOW, early=True) is not None


def test_a_source_that_sleeps_or_is_gone_or_is_brought_cannot_be_claimed(session: Session, source: Source) -> None:
    source.active = False
    session.flush()
    assert polling.claim(session, source.id, NOW, early=True) is None
    assert polling.claim(session, source.id + 1000, NOW, early=True) is None
    source.active, source.kind = True, SourceKind.PASTED.value
    session.flush()
    assert polling.claim(session, source.id, NOW, early=True) is None


def test_failures_in_a_row_are_asked_again_later_and_later(session: Session, source: Source) -> None:
    pauses = []
    for _ in range(6):
        polling.record(session, plan_for(source), FetchFailed("The server is away."), NOW)
        pauses.append((source.next_poll_at - NOW) / MINUTE)
    for pause, least in zip(pauses, (10, 20, 40, 60, 60, 60), strict=True):
        assert least <= pause <= least * (1 + SPREAD)
    assert (source.failures, source.error, source.succeeded_at) == (6, "The server is away.", None)


def test_a_source_that_is_read_rarely_is_not_read_more_often_when_it_fails(session: Session, source: Source) -> None:
    source.interval_minutes = 120
    polling.record(session, plan_for(source), FetchFailed("The server is away."), NOW)
    assert source.next_poll_at - NOW >= 120 * MINUTE > LONGEST_BACK_OFF


@pytest.mark.parametrize(("wish", "minutes"), [(30, 10), (7200, 120), (10**9, 24 * 60)])
def test_a_server_is_not_asked_before_it_wants_to_be(session: Session, source: Source, wish: int, minutes: int) -> None:
    polling.record(session, plan_for(source), FetchFailed("Too often.", wish), NOW)
    assert minutes * MINUTE <= source.next_poll_at - NOW <= minutes * (1 + SPREAD) * MINUTE


def test_a_good_poll_forgets_the_failures(session: Session, source: Source) -> None:
    polling.record(session, plan_for(source), FetchFailed("Away."), NOW)
    assert polling.record(session, plan_for(source, '"1"'), NotModified(), NOW) == Polled()
    assert (source.failures, source.error) == (0, "")
    assert source.next_poll_at - NOW <= SHORTEST * (1 + SPREAD)


def test_what_is_no_feed_is_a_failure_in_words_and_will_be_read_again(
    session: Session, source: Source, outlet: Outlet
) -> None:
    outlet.serve("/feed", Answer(b"<html>Maintenance</html>", headers={"ETag": '"2"'}))
    assert poll(session, source).error.startswith("This address is a web page, not a feed.")
    assert (source.error[:22], source.etag, source.failures) == ("This address is a web ", "", 1)


def test_a_source_deleted_while_it_was_read_leaves_nothing(session: Session, source: Source) -> None:
    plan = plan_for(source)
    session.delete(source)
    session.commit()
    assert polling.record(session, plan, Read(feed(entry(1))), NOW) == Polled()
    assert articles(session) == []


def test_a_new_source_brings_its_newest_as_news_and_the_rest_as_known(session: Session, source: Source) -> None:
    young = [entry(n, published_at=NOW - n * timedelta(hours=5)) for n in range(1, 9)]
    old = [entry(n, published_at=NOW - n * DAY) for n in range(10, 30)]
    polled = polling.record(session, plan_for(source), Read(feed(*old, *young)), NOW)
    assert (polled.stored.new, polled.stored.seen) == (28, 28)
    assert {article.title for article in articles(session) if not article.backlog} == {each.title for each in young}


def test_a_new_source_without_dates_brings_its_first_five_as_news(session: Session, source: Source) -> None:
    polling.record(session, plan_for(source), Read(feed(*(entry(n) for n in range(10, 40)))), NOW)
    news = [article.title for article in articles(session) if not article.backlog]
    assert news == [f"Story {n}" for n in range(10, 15)]


def test_a_source_is_read_as_often_as_its_habit_asks(session: Session, source: Source) -> None:
    hourly = [entry(n, published_at=NOW - n * timedelta(hours=1)) for n in range(24)]
    polling.record(session, plan_for(source), Read(feed(*hourly)), NOW)
    assert (source.habit_minutes, source.interval_minutes, source.newest_at) == (60, 30, NOW)
    habits = [60]
    for number in range(100, 108):
        moment = NOW + (number - 99) * DAY
        polling.record(session, plan_for(source), Read(feed(entry(number, published_at=moment))), moment)
        habits.append(source.habit_minutes or 0)
    assert all(before < after for before, after in pairwise(habits))
    assert source.interval_minutes == LONGEST / MINUTE

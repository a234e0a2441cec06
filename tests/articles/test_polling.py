from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from mailer.articles import polling
from mailer.articles.models import Source
from mailer.articles.polling import INTERVAL, LEASE, Polled, PollPlan, Read
from mailer.articles.source import FetchFailed, NotModified
from tests.articles.making import HOME, NOW, articles, item, make_source, rss
from tests.articles.outlet import Answer, Outlet

MINUTE = timedelta(minutes=1)


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


def test_a_poll_stores_what_the_feed_offers(session: Session, source: Source) -> None:
    polled = poll(session, source)
    assert (polled.error, polled.stored.new) == ("", 2)
    assert [article.title for article in articles(session)] == ["Story 1", "Story 2"]
    assert (source.title, source.etag, source.failures, source.error) == ("The Harbour Ledger", '"1"', 0, "")
    assert (source.polled_at, source.succeeded_at, source.next_poll_at) == (NOW, NOW, NOW + INTERVAL)


def test_the_second_poll_asks_only_for_changes(session: Session, source: Source, outlet: Outlet) -> None:
    poll(session, source)
    assert poll(session, source) == Polled()
    assert outlet.asked["/feed"][1]["If-None-Match"] == '"1"'
    assert source.etag == '"1"'


def test_a_source_is_due_when_its_time_has_come(session: Session, source: Source) -> None:
    later = make_source(session, f"{HOME}/later", slug="evening")
    asleep = make_source(session, f"{HOME}/asleep", slug="asleep")
    later.next_poll_at, asleep.active = NOW + MINUTE, False
    session.commit()
    assert polling.due(session, NOW, 10) == [source.id]
    assert polling.due(session, NOW + MINUTE, 10) == [source.id, later.id]
    assert polling.due(session, NOW + MINUTE, 1) == [source.id]
    assert polling.due(session, NOW - MINUTE, 10) == []


def test_only_one_of_two_gets_a_due_source(session: Session, source: Source) -> None:
    assert polling.claim(session, source.id, NOW) == PollPlan(source.id, source.url, "", "")
    assert polling.claim(session, source.id, NOW) is None
    assert polling.due(session, NOW, 10) == []


def test_a_poll_that_died_is_repeated_after_its_lease(session: Session, source: Source) -> None:
    polling.claim(session, source.id, NOW)
    assert polling.claim(session, source.id, NOW + LEASE - MINUTE) is None
    assert polling.claim(session, source.id, NOW + LEASE) is not None


def test_a_person_need_not_wait_until_a_source_is_due(session: Session, source: Source) -> None:
    source.next_poll_at = NOW + MINUTE
    session.flush()
    assert polling.claim(session, source.id, NOW) is None
    assert polling.claim(session, source.id, NOW, early=True) is not None


def test_a_source_that_sleeps_or_is_gone_cannot_be_claimed(session: Session, source: Source) -> None:
    source.active = False
    session.flush()
    assert polling.claim(session, source.id, NOW, early=True) is None
    assert polling.claim(session, source.id + 1000, NOW, early=True) is None


def test_failures_in_a_row_are_asked_again_later_and_later(session: Session, source: Source) -> None:
    pauses = []
    for _ in range(6):
        polling.record(session, PollPlan(source.id, "", "", ""), FetchFailed("The server is away."), NOW)
        pauses.append((source.next_poll_at - NOW) / MINUTE)
    assert pauses == [10, 20, 40, 60, 60, 60]
    assert (source.failures, source.error, source.succeeded_at) == (6, "The server is away.", None)


@pytest.mark.parametrize(("wish", "minutes"), [(30, 10), (7200, 120), (10**9, 24 * 60)])
def test_a_server_is_not_asked_before_it_wants_to_be(session: Session, source: Source, wish: int, minutes: int) -> None:
    polling.record(session, PollPlan(source.id, "", "", ""), FetchFailed("Too often.", wish), NOW)
    assert source.next_poll_at == NOW + minutes * MINUTE


def test_a_good_poll_forgets_the_failures(session: Session, source: Source) -> None:
    plan = PollPlan(source.id, "", "", "")
    polling.record(session, plan, FetchFailed("Away."), NOW)
    assert polling.record(session, plan, NotModified(), NOW) == Polled()
    assert (source.failures, source.error, source.next_poll_at) == (0, "", NOW + INTERVAL)


def test_what_is_no_feed_is_a_failure_in_words_and_will_be_read_again(
    session: Session, source: Source, outlet: Outlet
) -> None:
    outlet.serve("/feed", Answer(b"<html>Maintenance</html>", headers={"ETag": '"2"'}))
    assert poll(session, source).error.startswith("This address is a web page, not a feed.")
    assert (source.error[:22], source.etag, source.failures) == ("This address is a web ", "", 1)


def test_a_source_deleted_while_it_was_read_leaves_nothing(session: Session, source: Source) -> None:
    plan = polling.claim(session, source.id, NOW)
    assert plan is not None
    reading = polling.read(plan, allow_private=True, base_url="")
    assert isinstance(reading, Read)
    session.delete(source)
    session.commit()
    assert polling.record(session, plan, reading, NOW) == Polled()
    assert articles(session) == []


def test_trying_out_an_address_says_what_it_would_bring(outlet: Outlet) -> None:
    url = outlet.feed("/feed", rss(item(1), item(2)))
    tried = polling.try_out(url, allow_private=True, base_url="")
    assert not isinstance(tried, FetchFailed)
    assert len(tried.entries) == 2
    assert isinstance(polling.try_out(f"{outlet.url}/none", allow_private=True, base_url=""), FetchFailed)
    outlet.serve("/odd", Answer(status=304))
    odd = polling.try_out(f"{outlet.url}/odd", allow_private=True, base_url="")
    assert isinstance(odd, FetchFailed)
    assert odd.sentence.startswith("The server says that nothing has changed")

"""When items that look new are held for a look."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from mailer.articles import holding, polling, steering
from mailer.articles.entry import Entry
from mailer.articles.ingest import Stored
from mailer.articles.models import Source, Take
from mailer.articles.polling import Polled, PollPlan
from mailer.articles.reading import Read
from tests.articles.making import NOW, articles, entry, feed, make_source

HOUR = timedelta(hours=1)
LATER = NOW + HOUR


def some(count: int, first: int = 0, age: timedelta = 2 * HOUR) -> list[Entry]:
    """Entries of one an hour, the youngest of them so old at LATER."""
    return [entry(first + n, published_at=LATER - age - n * HOUR) for n in range(count)]


def moved(entries: list[Entry]) -> list[Entry]:
    """The same entries at another site, which names them otherwise."""
    return [
        entry(number, guid=f"new-{number}", url=f"https://new.example/{number}", published_at=each.published_at)
        for number, each in enumerate(entries)
    ]


def record(session: Session, source: Source, *entries: Entry, at: int = 1) -> Polled:
    plan = PollPlan(source.id, source.kind, source.url)
    polled = polling.record(session, plan, Read(feed(*entries), '"1"'), NOW + at * HOUR)
    session.commit()
    return polled


@pytest.fixture
def source(session: Session) -> Source:
    """A source that has brought twenty articles."""
    made = make_source(session)
    record(session, made, *some(20), at=0)
    return made


def test_a_site_that_moved_is_held_and_nothing_of_it_is_stored(session: Session, source: Source) -> None:
    assert record(session, source, *moved(some(20))) == Polled(held=20)
    assert len(articles(session)) == 20
    assert (source.held_at, source.held_count, source.error, source.succeeded_at) == (LATER, 20, "", LATER)
    assert source.etag == ""  # or a decision would find that nothing has changed


@pytest.mark.parametrize(("take", "backlog"), [(Take.AS_NEWS, False), (Take.AS_KNOWN, True)])
def test_the_next_poll_takes_what_was_held_as_an_editor_says(
    session: Session, source: Source, take: Take, backlog: bool
) -> None:
    record(session, source, *moved(some(20)))
    assert steering.decide(source, take, LATER)
    assert record(session, source, *moved(some(20)), at=2).stored.new == 20
    assert [a.backlog for a in articles(session) if "new.example" in a.url] == [backlog] * 20
    assert (source.held_at, source.held_count, source.take, source.etag) == (None, 0, "", '"1"')
    assert record(session, source, *moved(some(20)), at=3) == Polled(Stored(0, 0, 20))


def test_a_source_that_comes_to_itself_is_not_held_any_more(session: Session, source: Source) -> None:
    record(session, source, *moved(some(20)))
    assert record(session, source, *some(20), at=2).held == 0
    assert (source.held_at, source.held_count) == (None, 0)


def test_a_decision_that_comes_too_late_makes_no_news_known(session: Session, source: Source) -> None:
    record(session, source, *moved(some(20)))
    assert steering.decide(source, Take.AS_KNOWN, LATER)
    record(session, source, *some(19), entry(100, published_at=LATER), at=2)
    assert [article.backlog for article in articles(session) if article.url.endswith("/100")] == [False]
    assert source.take == ""


def test_nothing_can_be_decided_about_a_source_that_holds_nothing(session: Session, source: Source) -> None:
    assert not steering.decide(source, Take.AS_NEWS, NOW)


@pytest.mark.parametrize(
    "entries",
    [
        pytest.param([*some(19), *some(1, 100)], id="one more"),
        pytest.param([entry(n, published_at=NOW + n * HOUR / 200) for n in range(100, 120)], id="a busy hour"),
        pytest.param([*some(10), *some(10, 100)], id="half of it"),
        pytest.param(some(7, 100), id="too few to tell"),
        pytest.param([entry(n, url=f"https://new.example/{n}") for n in range(20)], id="other addresses, same names"),
        pytest.param([entry(n, guid=f"new-{n}") for n in range(20)], id="other names, same addresses"),
        pytest.param([entry(n, published_at=LATER) for n in range(20)], id="other dates"),
        pytest.param([], id="nothing"),
    ],
)
def test_what_is_usual_is_not_held(session: Session, source: Source, entries: list[Entry]) -> None:
    assert holding.looks_wrong(session, source, feed(*entries), LATER) == 0


@pytest.mark.parametrize(
    "entries",
    [
        pytest.param(moved(some(20, 0, 5 * HOUR)), id="old ones under other names"),
        pytest.param([entry(n) for n in range(100, 120)], id="many without a date"),
        pytest.param([entry(n, published_at=LATER) for n in range(100, 120)], id="all with the date of now"),
        pytest.param(some(31, 100, timedelta(hours=-31)), id="more than any hour brings"),
    ],
)
def test_what_cannot_be_news_is_held(session: Session, source: Source, entries: list[Entry]) -> None:
    assert holding.looks_wrong(session, source, feed(*entries), LATER) == len(entries)


def test_many_after_a_long_silence_of_ours_are_news(session: Session, source: Source) -> None:
    hundred = [entry(n, published_at=NOW + (n - 99) * HOUR / 2) for n in range(100, 200)]
    assert holding.looks_wrong(session, source, feed(*hundred), NOW + 50 * HOUR) == 0
    assert holding.looks_wrong(session, source, feed(*hundred), LATER) == 100


def test_a_source_that_never_brought_anything_is_not_held(session: Session) -> None:
    source = make_source(session)
    source.succeeded_at = NOW
    assert holding.looks_wrong(session, source, feed(*some(412)), LATER) == 0

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, event, func, select
from sqlalchemy.orm import Session

from mailer.articles import aliases
from mailer.articles.entry import Entry, Feed
from mailer.articles.ingest import Stored, store
from mailer.articles.models import Article, Sighting, Source
from tests.articles.making import HOME, NOW, articles, entry, feed, make_source

LATER = NOW + timedelta(minutes=5)
MOST_STATEMENTS = 16
"""For a poll, however many entries it brings."""


@pytest.fixture
def source(session: Session) -> Source:
    return make_source(session)


@contextmanager
def statements(session: Session) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith(("PRAGMA", "BEGIN")):
            seen.append(statement)

    event.listen(session.get_bind(), "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(session.get_bind(), "before_cursor_execute", note)


def sightings(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Sighting)) or 0


def test_new_entries_become_articles(session: Session, source: Source) -> None:
    one = entry(
        1,
        url="http://ledger.example/1?utm_source=rss",
        summary="Back.",
        picture_url=f"{HOME}/1.jpg",
        picture_alt="A tram",
        author="Mara",
        section="City",
        language="en",
        published_at=NOW - timedelta(hours=1),
    )
    assert store(session, source, feed(one, entry(2)), NOW) == Stored(new=2, updated=0, seen=2)
    article, _ = articles(session)
    assert article.canonical_url == "https://ledger.example/1"
    assert article.url == "http://ledger.example/1?utm_source=rss"
    assert (article.title, article.summary, article.author) == ("Story 1", "Back.", "Mara")
    assert (article.picture_url, article.picture_alt) == (f"{HOME}/1.jpg", "A tram")
    assert (article.section, article.language) == ("City", "en")
    assert article.published_at == NOW - timedelta(hours=1)
    assert (article.seen_at, article.updated_at) == (NOW, NOW)


def test_the_same_feed_again_writes_nothing(session: Session, source: Source) -> None:
    same = feed(*(entry(n, summary="x") for n in range(20)))
    store(session, source, same, NOW)
    with statements(session) as seen:
        assert store(session, source, same, LATER) == Stored(new=0, updated=0, seen=20)
    assert all(statement.lstrip().startswith("SELECT") for statement in seen)
    assert {article.updated_at for article in articles(session)} == {NOW}


def test_many_entries_take_few_statements(session: Session, source: Source) -> None:
    many = feed(*(entry(n) for n in range(400)))
    with statements(session) as seen:
        assert store(session, source, many, NOW).new == 400
    assert len(seen) <= MOST_STATEMENTS
    with statements(session) as seen:
        assert store(session, source, feed(*(entry(n, title="New") for n in range(400))), LATER).updated == 400
    assert len(seen) <= MOST_STATEMENTS


def test_more_entries_than_fit_one_statement(session: Session, source: Source) -> None:
    many = feed(*(entry(n) for n in range(1201)))
    assert store(session, source, many, NOW) == Stored(1201, 0, 1201)
    assert store(session, source, many, LATER) == Stored(0, 0, 1201)


@pytest.mark.parametrize("word", ["title", "summary", "picture_url"])
def test_a_change_of_words_changes_the_article(session: Session, source: Source, word: str) -> None:
    old = entry(1, summary="Old", picture_url=f"{HOME}/old.jpg", published_at=NOW)
    store(session, source, feed(old, entry(2)), NOW)
    changed = replace(old, **{word: f"{HOME}/new"})  # type: ignore[arg-type]
    assert store(session, source, feed(changed, entry(2)), LATER) == Stored(new=0, updated=1, seen=2)
    one, two = articles(session)
    assert getattr(one, word) == f"{HOME}/new"
    assert (one.seen_at, one.updated_at, one.published_at) == (NOW, LATER, NOW)
    assert two.updated_at == NOW


def test_one_article_of_two_newsletters_is_stored_once_and_seen_twice(session: Session, source: Source) -> None:
    other = make_source(session, f"{HOME}/other", slug="evening")
    store(session, source, feed(entry(1, url="http://ledger.example/1/")), NOW)
    assert store(session, other, feed(entry(1, guid="x")), LATER) == Stored(new=0, updated=0, seen=1)
    assert len(articles(session)) == 1
    assert sightings(session) == 2


def test_the_source_that_was_first_speaks_for_the_article(session: Session, source: Source) -> None:
    other = make_source(session, f"{HOME}/other", slug="evening")
    store(session, source, feed(entry(1)), NOW)
    loud = feed(entry(1, title="YOU WILL NOT BELIEVE THIS TRAM"))
    assert store(session, other, loud, LATER).updated == 0
    assert store(session, other, loud, LATER).updated == 0
    assert articles(session)[0].title == "Story 1"
    session.delete(source)
    session.flush()
    assert store(session, other, loud, LATER).updated == 1
    assert articles(session)[0].title == "YOU WILL NOT BELIEVE THIS TRAM"


def test_a_known_guid_at_a_new_address_is_the_old_article(session: Session, source: Source) -> None:
    store(session, source, feed(entry(1, published_at=NOW)), NOW)
    before = articles(session)[0].id
    moved = entry(1, url=f"{HOME}/renamed", title="Renamed", published_at=NOW)
    assert store(session, source, feed(moved), LATER) == Stored(new=0, updated=1, seen=1)
    (article,) = articles(session)
    assert (article.id, article.url, article.title) == (before, f"{HOME}/renamed", "Renamed")
    assert article.canonical_url == "https://ledger.example/renamed"
    assert (aliases.find(session, f"{HOME}/1"), aliases.find(session, moved.url)) == (before, before)
    assert store(session, source, feed(moved), LATER) == Stored(new=0, updated=0, seen=1)
    other = make_source(session, f"{HOME}/other", slug="evening")
    assert store(session, other, feed(entry(1, guid="old")), LATER) == Stored(new=0, updated=0, seen=1)


def test_a_guid_means_nothing_at_another_source(session: Session, source: Source) -> None:
    other = make_source(session, f"{HOME}/other", slug="evening")
    store(session, source, feed(entry(1, guid="1")), NOW)
    assert store(session, other, feed(entry(2, guid="1")), NOW).new == 1


def test_a_guid_that_numbers_a_place_on_the_page_moves_no_article(session: Session, source: Source) -> None:
    store(session, source, feed(entry(1, guid="top", published_at=NOW - timedelta(days=1))), NOW)
    assert store(session, source, feed(entry(2, guid="top", published_at=NOW)), LATER).new == 1
    assert [article.title for article in articles(session)] == ["Story 1", "Story 2"]


def test_a_guid_of_an_entry_without_a_date_moves_it_only_under_its_headline(session: Session, source: Source) -> None:
    store(session, source, feed(entry(1, guid="top"), entry(2, guid="next")), NOW)
    moved = feed(entry(3, guid="top"), entry(4, guid="next", title="Story 2"))
    assert store(session, source, moved, LATER).new == 1
    assert [article.url for article in articles(session)] == [f"{HOME}/1", f"{HOME}/3", f"{HOME}/4"]


def test_a_guid_that_every_entry_has_moves_no_article(session: Session, source: Source) -> None:
    store(session, source, feed(entry(1, guid="feed"), entry(2, guid="feed")), NOW)
    assert store(session, source, feed(entry(3, guid="feed"), entry(4, guid="feed")), LATER).new == 2
    assert len(articles(session)) == 4


def test_two_entries_that_swap_guids_stay_two_articles(session: Session, source: Source) -> None:
    store(session, source, feed(entry(1, guid="a"), entry(2, guid="b")), NOW)
    swapped = feed(entry(1, guid="b"), entry(3, guid="a", title="Story 1"), entry(2, guid="c"))
    assert store(session, source, swapped, LATER).seen == 3
    assert [article.url for article in articles(session)] == [f"{HOME}/1", f"{HOME}/2", f"{HOME}/3"]


def test_an_entry_that_is_there_twice_counts_as_its_first(session: Session, source: Source) -> None:
    twice = feed(entry(1, title="Newest"), entry(1, guid="other", title="Older"))
    assert store(session, source, twice, NOW) == Stored(new=1, updated=0, seen=2)
    assert store(session, source, twice, LATER) == Stored(new=0, updated=0, seen=2)
    assert articles(session)[0].title == "Newest"


def test_dates_are_ruled_as_articles_come_in(session: Session, source: Source) -> None:
    ahead = (entry(1, published_at=NOW + timedelta(hours=23)), entry(2, published_at=NOW + timedelta(hours=25)))
    store(session, source, feed(*ahead, entry(3)), NOW)
    assert [article.published_at for article in articles(session)] == [NOW, None, None]


def test_a_new_date_on_an_old_article_does_not_make_it_news(session: Session, source: Source) -> None:
    written = NOW - timedelta(days=2)
    store(session, source, feed(entry(1, published_at=written)), NOW)
    assert store(session, source, feed(entry(1, published_at=LATER)), LATER).updated == 0
    assert store(session, source, feed(entry(1, published_at=LATER, summary="More.")), LATER).updated == 1
    assert articles(session)[0].published_at == written
    earlier = written - timedelta(hours=3)
    assert store(session, source, feed(entry(1, published_at=earlier, summary="More.")), LATER).updated == 1
    assert articles(session)[0].published_at == earlier


def test_a_feed_that_dates_all_entries_alike_dates_none(session: Session, source: Source) -> None:
    store(session, source, feed(*(entry(n, published_at=NOW) for n in range(5))), NOW)
    assert {article.published_at for article in articles(session)} == {None}


def test_the_language_is_detected_where_the_feed_does_not_say(session: Session, source: Source) -> None:
    russian = "Городской трамвай возвращается в порт после тридцати лет перерыва"
    store(session, source, feed(entry(1, title=russian), entry(2, title=russian, language="en"), entry(3)), NOW)
    assert [article.language for article in articles(session)] == ["ru", "ru", ""]
    with statements(session) as seen:
        store(session, source, feed(entry(1, title=russian), entry(2, title=russian, language="en")), LATER)
    assert all(statement.lstrip().startswith("SELECT") for statement in seen)


def test_what_is_taken_as_known_is_no_news(session: Session, source: Source) -> None:
    store(session, source, feed(entry(1)), NOW, backlog=True)
    store(session, source, feed(entry(1, title="New words"), entry(2)), LATER)
    assert [article.backlog for article in articles(session)] == [True, False]


def test_articles_keep_the_order_of_the_feed(session: Session, source: Source) -> None:
    store(session, source, feed(*(entry(n) for n in (7, 3, 9, 1))), NOW)
    by_id = session.scalars(select(Article.url).order_by(Article.id))
    assert list(by_id) == [f"{HOME}/{n}" for n in (7, 3, 9, 1)]


def test_any_script_and_sign_comes_back_as_it_was(session: Session, source: Source) -> None:
    title = "Şəhər — город — مدينة — 城市 — 🚋 ‘’“”"
    store(session, source, feed(entry(1, title=title)), NOW)
    session.commit()
    assert articles(session)[0].title == title


def test_an_empty_feed_changes_nothing(session: Session, source: Source) -> None:
    assert store(session, source, feed(), NOW) == Stored()


def test_two_polls_at_once_store_each_article_once(engine: Engine, session: Session, source: Source) -> None:
    """Both bring the same hundred articles, in opposite order."""
    other = make_source(session, f"{HOME}/other", slug="evening")
    entries = [entry(n) for n in range(100)]
    session.close()
    ready = threading.Barrier(2)
    failures: list[BaseException] = []

    def poll(source_id: int, offered: list[Entry]) -> None:
        try:
            with Session(engine) as mine:
                ready.wait(10)
                store(mine, mine.get_one(Source, source_id), Feed("", "", tuple(offered)), NOW)
                mine.commit()
        except BaseException as error:
            failures.append(error)

    threads = [
        threading.Thread(target=poll, args=(source.id, entries)),
        threading.Thread(target=poll, args=(other.id, entries[::-1])),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failures == []
    assert session.scalar(select(func.count()).select_from(Article)) == 100
    assert sightings(session) == 200

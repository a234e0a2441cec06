import threading
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from mailer.articles import clusters
from mailer.articles.entry import Entry, Feed
from mailer.articles.ingest import store
from mailer.articles.models import Article, Source
from tests.articles.making import HOME, NOW, articles, entry, feed, make_source

HERALD = "https://herald.example"
WIRE = (
    "The old tram line to the harbour opens again on Saturday after thirty years, the city council said, and rides "
    "will be free on the first weekend for everybody who brings a bicycle."
)
TITLE = "Harbour tram to run again after thirty years"


@pytest.fixture
def source(session: Session) -> Source:
    return make_source(session)


@pytest.fixture
def herald(session: Session) -> Source:
    return make_source(session, f"{HERALD}/feed", slug="evening")


def tram(number: int, home: str = HOME, **given: object) -> Entry:
    return entry(number, url=f"{home}/{number}", **{"title": TITLE, "summary": WIRE, **given})


def tied(session: Session) -> dict[str, str | None]:
    """Address → address of the first of its cluster."""
    rows = {article.id: article for article in articles(session)}
    return {each.url: rows[each.cluster_id].url if each.cluster_id else None for each in rows.values()}


def test_one_report_of_two_outlets_is_one_cluster(session: Session, source: Source, herald: Source) -> None:
    store(session, source, feed(tram(1), entry(2, title="Ferry is late", summary="Again.")), NOW)
    assert set(tied(session).values()) == {None}
    store(session, herald, feed(tram(3, HERALD, title=f"{TITLE} | Herald")), NOW + timedelta(hours=3))
    assert tied(session) == {f"{HOME}/1": f"{HOME}/1", f"{HOME}/2": None, f"{HERALD}/3": f"{HOME}/1"}


def test_a_third_one_joins_the_same_cluster(session: Session, source: Source, herald: Source) -> None:
    times = make_source(session, "https://times.example/feed", slug="noon")
    store(session, source, feed(tram(1)), NOW)
    store(session, herald, feed(tram(2, HERALD)), NOW)
    store(session, times, feed(tram(3, "https://times.example", title="Old line opens on Saturday")), NOW)
    assert set(tied(session).values()) == {f"{HOME}/1"}


def test_after_three_days_nothing_is_tied(session: Session, source: Source, herald: Source) -> None:
    store(session, source, feed(tram(1)), NOW)
    store(session, herald, feed(tram(2, HERALD)), NOW + timedelta(days=3, minutes=1))
    assert set(tied(session).values()) == {None}


def test_an_outlet_that_moves_an_article_without_its_guid_repeats_it(session: Session, source: Source) -> None:
    store(session, source, feed(tram(1, published_at=NOW)), NOW)
    store(session, source, feed(tram(2, guid="another", published_at=NOW)), NOW + timedelta(hours=1))
    assert set(tied(session).values()) == {f"{HOME}/1"}


def test_an_article_that_is_written_anew_is_looked_at_again(session: Session, source: Source, herald: Source) -> None:
    """The newer one was tied to nothing; the older one takes it up and, being older, gives the cluster its number."""
    store(session, source, feed(entry(1, title="Tram: more soon")), NOW)
    store(session, herald, feed(tram(2, HERALD)), NOW)
    store(session, source, feed(tram(1)), NOW + timedelta(minutes=5))
    assert set(tied(session).values()) == {f"{HOME}/1"}
    store(session, source, feed(entry(1, title="Something else by now")), NOW + timedelta(minutes=9))
    assert set(tied(session).values()) == {f"{HOME}/1"}


def test_a_live_report_and_a_series_of_one_outlet_stay_apart(session: Session, source: Source) -> None:
    live = (tram(n, title="Live: fire in the harbour", published_at=NOW - timedelta(minutes=n)) for n in range(1, 4))
    days = (tram(n, title=f"Weather for {day}") for n, day in ((4, "Monday"), (5, "Tuesday")))
    store(session, source, feed(*live, *days), NOW)
    assert set(tied(session).values()) == {None}


def test_the_introduction_that_a_long_series_shares_ties_nothing(
    session: Session, source: Source, herald: Source
) -> None:
    store(session, source, feed(*(tram(n, title=f"Part {n}") for n in range(60))), NOW)
    store(session, herald, feed(*(tram(n, HERALD, title=f"Part {n}") for n in range(100, 120))), NOW)
    assert set(tied(session).values()) == {None}


def test_two_clusters_become_one_under_the_lowest_number(session: Session, source: Source, herald: Source) -> None:
    store(session, source, feed(tram(1), entry(2, title="Ferry is late again today")), NOW)
    store(session, herald, feed(tram(3, HERALD), entry(4, url=f"{HERALD}/4", title="Ferry is late again today")), NOW)
    first, second, *_ = session.scalars(select(Article.id).order_by(Article.id))
    clusters.join(session, second, first)
    assert set(session.scalars(select(Article.cluster_id))) == {first}
    clusters.leave(session, first, first)
    session.expire_all()
    assert set(session.scalars(select(Article.cluster_id).where(Article.id != first))) == {second}


def test_of_two_polls_at_once_the_second_sees_the_first(
    engine: Engine, session: Session, source: Source, herald: Source
) -> None:
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

    words = [f"{word} tram to run again" for word in ("Harbour", "Northern", "Airport", "Market", "Mountain")]
    offers = [
        [entry(n, url=f"{home}/{n}", title=title) for n, title in enumerate(words)][::step]
        for home, step in ((HOME, 1), (HERALD, -1))
    ]
    pairs = zip((source.id, herald.id), offers, strict=True)
    threads = [threading.Thread(target=poll, args=pair) for pair in pairs]
    session.close()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failures == []
    for article in articles(session):
        alike = [other.id for other in articles(session) if other.title == article.title]
        assert article.cluster_id == min(alike)

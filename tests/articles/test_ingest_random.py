"""Whatever sources do to their entries, in whatever order: each article once, every entry seen, clusters whole."""

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mailer.articles import aliases
from mailer.articles.canonical import canonical
from mailer.articles.entry import Entry
from mailer.articles.ingest import store
from mailer.articles.models import Article, ArticleAlias, Sighting, Source
from tests.articles.making import NOW, feed, make_source

TITLES = (
    "Harbour tram to run again after thirty years",
    "Ferry is late",
    "Live: fire at the old quay",
    "Council votes",
)
SUMMARIES = ("", "The old tram line to the harbour opens again on Saturday, the city council said.", "More soon.")
SITES = ("https://ledger.example", "http://www.ledger.example", "https://herald.example")

moments = st.sampled_from([None, NOW, NOW - timedelta(days=2), NOW + timedelta(hours=4), NOW + timedelta(days=9)])
entries = st.builds(
    lambda guid, site, path, track, **words: Entry(guid=guid, url=f"{site}/{path}{track}", **words),
    guid=st.sampled_from(["", "a", "b", "c", "d"]),
    site=st.sampled_from(SITES),
    path=st.sampled_from("uvwxyz"),
    track=st.sampled_from(["", "/", "?utm_source=x", "#top"]),
    title=st.sampled_from(TITLES),
    summary=st.sampled_from(SUMMARIES),
    published_at=moments,
)
polls = st.lists(st.tuples(st.integers(0, 2), st.lists(entries, max_size=6)), min_size=1, max_size=8)


@given(polls)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_article_is_there_once_is_seen_and_has_a_whole_cluster(
    session: Session, polled: list[tuple[int, list[Entry]]]
) -> None:
    session.rollback()  # what the example before stored
    sources = _sources(session)
    for number, (which, offered) in enumerate(polled):
        stored = store(session, sources[which], feed(*offered), NOW + timedelta(minutes=number))
        assert stored.new + stored.updated + stored.unchanged == stored.seen == len(offered)
        for entry in offered:
            article_id = aliases.find(session, entry.url)
            assert article_id is not None
            assert session.get(Sighting, (article_id, sources[which].id)) is not None
        _check(session)
        again = store(session, sources[which], feed(*offered), NOW + timedelta(minutes=number))
        assert again.new == 0
        _check(session)


def _sources(session: Session) -> list[Source]:
    found = list(session.scalars(select(Source).order_by(Source.id)))
    return found or [
        make_source(session, f"https://{slug}.example/feed", slug=slug) for slug in ("one", "two", "three")
    ]


def _check(session: Session) -> None:
    rows = session.execute(select(Article.id, Article.canonical_url, Article.cluster_id, Article.published_at)).all()
    names = [row.canonical_url for row in rows] + list(session.scalars(select(ArticleAlias.canonical_url)))
    assert len(names) == len(set(names))
    assert all(canonical(name) == name for name in names)
    for row in rows:
        together = [other.id for other in rows if other.cluster_id == row.cluster_id]
        assert row.cluster_id is None or (row.cluster_id == min(together) and len(together) > 1)
        assert row.published_at is None or row.published_at <= NOW + timedelta(minutes=9)
    orphans = select(func.count()).where(Article.id.not_in(select(Sighting.article_id)))
    assert session.scalar(orphans) == 0

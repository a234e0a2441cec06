"""Feeds as news sites really served them, through the whole path: loopback HTTP, parser, both databases."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from statistics import median
from time import perf_counter

import pytest
from sqlalchemy import distinct, func, select, update
from sqlalchemy.orm import Session

from mailer.articles.canonical import canonical, uri
from mailer.articles.dates import are_stamped
from mailer.articles.models import Article, Sighting, Source
from mailer.articles.polling import Polled
from tests.articles.making import NOW
from tests.articles.outlet import Outlet
from tests.articles.outlet import outlet as open_outlet
from tests.flows.captured import Captured, mojibake, poll
from tests.flows.captured import collection as captured_feeds
from tests.newsletters.making import make_newsletter

HTML = re.compile(
    r"</?(?:p|a|b|i|em|strong|div|span|br|img|script|style|iframe)\b[^>]*>|&(?:amp|lt|gt|quot|nbsp|#\d+);"
)
# A Norwegian company's cuttings from Swedish papers, and a Russian feed with some articles in English.
ALSO = {"030_codehollow_Rss20ISO88591Intranet30.xml": "sv", "119_egfedorov_dossier.xml": "en"}


@pytest.fixture(scope="module")
def collection() -> list[Captured]:
    return captured_feeds()


@pytest.fixture
def outlet(collection: list[Captured]) -> Iterator[Outlet]:
    with open_outlet() as opened:
        for captured in collection:
            captured.serve(opened)
        yield opened


@pytest.fixture
def sources(session: Session, outlet: Outlet, collection: list[Captured]) -> dict[str, int]:
    newsletter = make_newsletter(session)
    made = [
        Source(newsletter_id=newsletter.id, url=f"{outlet.url}/{captured.name}", created_at=NOW, next_poll_at=NOW)
        for captured in collection
    ]
    session.add_all(made)
    session.commit()
    return {captured.name: source.id for captured, source in zip(collection, made, strict=True)}


@pytest.mark.slow
def test_every_captured_feed_is_stored_whole_and_legible(
    session: Session, sources: dict[str, int], collection: list[Captured]
) -> None:
    assert len(collection) == 68
    polled, seconds = {}, []
    for name, source_id in sources.items():
        began = perf_counter()
        polled[name] = poll(session, source_id, NOW)
        seconds.append(perf_counter() - began)
    assert {name: result.error for name, result in polled.items() if result.error} == {}
    _assert_languages(session, sources, collection)
    print(_figures(session, polled, seconds))  # noqa: T201  # for pytest -s
    for captured in collection:
        articles = _articles(session, sources[captured.name])
        assert len(captured.entries) == captured.found, captured.name
        assert _lost(captured, articles) == [], captured.name
        assert polled[captured.name].stored.seen == len(captured.worth_reading), captured.name
        _assert_legible(captured, articles)
        _assert_dates(captured, articles)
    _assert_nothing_new(session, sources)


def _articles(session: Session, source_id: int) -> list[Article]:
    mine = select(Article).join(Sighting, Sighting.article_id == Article.id).where(Sighting.source_id == source_id)
    return list(session.scalars(mine))


def _lost(captured: Captured, articles: list[Article]) -> list[str]:
    """Addresses (or titles, where there is none) of entries that no article stands for."""
    names = {article.canonical_url for article in articles}
    titles = {article.title for article in articles}
    lost = []
    for entry in captured.worth_reading:
        address = uri(
            entry.get("feedburner_origlink") or entry.get("link") or entry.get("url") or entry.get("id") or ""
        )
        if address and canonical(address) not in names:
            lost.append(address)
        elif not address and entry.get("title") not in titles:
            lost.append(entry.get("title"))
    return lost


def _assert_legible(captured: Captured, articles: list[Article]) -> None:
    torn_at_the_outlet = "\ufffd".encode() in captured.data
    for article in articles:
        for text in (article.title, article.summary, article.picture_alt, article.author, article.section):
            where = f"{captured.name}: {text!r}"
            assert "\ufffd" not in text or torn_at_the_outlet, where
            assert not mojibake(text), where
            assert not HTML.search(text), where
        assert article.title, captured.name
        assert len(article.summary) <= 300
        assert article.url.isascii()


def _assert_languages(session: Session, sources: dict[str, int], collection: list[Captured]) -> None:
    """As the collection's list has them, or as we read ourselves."""
    told = [(captured, article) for captured in collection for article in _articles(session, sources[captured.name])]
    tags = [(captured, article.language.partition("-")[0]) for captured, article in told]
    silent = [captured for captured, language in tags if not language]
    wrong = [
        (captured.name, language)
        for captured, language in tags
        if language not in {"", *captured.languages, ALSO.get(captured.name)}
    ]
    print(f"\nlanguages: {len(tags) - len(silent) - len(wrong)} right, {len(wrong)} wrong, {len(silent)} not told")  # noqa: T201
    assert wrong == []
    assert len(silent) <= len(tags) * 0.03


def _figures(session: Session, polled: dict[str, Polled], seconds: list[float]) -> str:
    """What came in, what became of it, and how long it took."""
    tied = select(func.count(Article.id), func.count(distinct(Article.cluster_id))).where(
        Article.cluster_id.is_not(None)
    )
    members, clusters = session.execute(tied).one()
    return (
        f"{len(polled)} feeds: {sum(result.stored.seen for result in polled.values())} entries in, "
        f"{session.scalar(select(func.count(Article.id)))} articles out, "
        f"{members} of them tied in {clusters} clusters\n"
        f"seconds per feed: median {median(seconds):.3f}, at most {max(seconds):.3f}"
    )


def _assert_dates(captured: Captured, articles: list[Article]) -> None:
    """As another reader of dates has it, where that can read them at all; the stamp of a whole feed is none."""
    if are_stamped([entry.get("published") for entry in captured.entries]):
        return
    assert sum(article.published_at is None for article in articles) <= captured.undated, captured.name
    dated = {article.canonical_url: article.published_at for article in articles}
    for entry in captured.worth_reading:
        name = canonical(uri(entry.get("feedburner_origlink") or entry.get("link") or entry.get("url") or entry["id"]))
        moment = _moment(entry.get("published") or entry.get("date_published") or entry.get("updated") or "")
        if moment is not None and name in dated:
            assert dated.pop(name) == moment, f"{captured.name}: {name}"


def _moment(date: str) -> datetime | None:
    for reader in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = reader(date.strip())
        except ValueError:
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None


def _assert_nothing_new(session: Session, sources: dict[str, int]) -> None:
    """At the second poll, neither when the outlet says that nothing changed nor when it sends everything again."""
    for _ in range(2):
        for name, source_id in sources.items():
            again = poll(session, source_id, NOW)
            assert (again.error, again.stored.new, again.stored.updated) == ("", 0, 0), name
        session.execute(update(Source).values(etag=""))
        session.commit()

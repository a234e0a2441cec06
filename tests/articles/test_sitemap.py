import gzip
from datetime import UTC, datetime, timedelta

import pytest

from mailer.articles import reading
from mailer.articles.entry import Entry, Feed, NotAFeed
from mailer.articles.kinds import SourceKind
from mailer.articles.reading import Read
from mailer.articles.sitemap import MOST_CHILDREN, MOST_ENTRIES, Index, read
from mailer.articles.source import FetchFailed, NotModified
from tests.articles.making import HOME
from tests.articles.outlet import Answer, Outlet

AT = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
URL = f"{HOME}/news-sitemap.xml"


def urlset(*places: str) -> str:
    spaces = (
        'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" '
        'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'
    )
    return f'<?xml version="1.0" encoding="UTF-8"?><urlset {spaces}>{"".join(places)}</urlset>'


def place(number: int, date: datetime | str = AT, more: str = "") -> str:
    news = (
        "<news:publication><news:name>The Harbour Ledger</news:name>"
        "<news:language>az</news:language></news:publication>"
        f"<news:publication_date>{date if isinstance(date, str) else date.isoformat()}</news:publication_date>"
        f"<news:title>Story &amp;amp; {number}</news:title>"
    )
    return f"<url><loc>{HOME}/{number}</loc>{more}<news:news>{news}</news:news></url>"


def index(*addresses: str) -> str:
    children = "".join(
        f"<sitemap><loc>{address}</loc><lastmod>2026-11-{number + 10}</lastmod></sitemap>"
        for number, address in enumerate(addresses)
    )
    return f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{children}</sitemapindex>'


def feed(text: str) -> Feed:
    found = read(text.encode(), "application/xml", URL, AT)
    assert isinstance(found, Feed)
    return found


def test_an_article_comes_with_all_that_a_news_sitemap_says() -> None:
    image = f"<image:image><image:loc>{HOME}/p.jpg</image:loc></image:image>"
    found = feed(urlset(place(1, "2026-11-24T09:00:00+04:00", image)))
    assert (found.title, found.language) == ("The Harbour Ledger", "az")
    assert found.entries == (
        Entry(
            guid="",
            url=f"{HOME}/1",
            title="Story & 1",
            picture_url=f"{HOME}/p.jpg",
            language="az",
            published_at=datetime(2026, 11, 24, 5, 0, tzinfo=UTC),
        ),
    )


def test_what_is_older_than_two_days_is_no_news_and_the_newest_comes_first() -> None:
    old, young = AT - timedelta(days=2, seconds=1), AT - timedelta(days=2)
    found = feed(urlset(place(1, old), place(2, young), place(3), place(4, "2026-11-23"), place(5, "soon")))
    assert [entry.url[-1] for entry in found.entries] == ["3", "4", "2", "5"]


def test_of_too_many_the_newest_are_taken() -> None:
    found = feed(urlset(*(place(n, AT - timedelta(minutes=n)) for n in range(MOST_ENTRIES + 5))))
    assert [found.entries[0].url, len(found.entries)] == [f"{HOME}/0", MOST_ENTRIES]


def test_an_index_leads_to_its_sitemaps_of_news() -> None:
    assert read(index("/pages.xml", "/a-news.xml", "/news-b.xml.gz").encode(), "", URL, AT) == Index(
        (f"{HOME}/news-b.xml.gz", f"{HOME}/a-news.xml")
    )
    many = read(index(*(f"/{n}.xml" for n in range(9))).encode(), "", URL, AT)
    assert many == Index(tuple(f"{HOME}/{n}.xml" for n in range(8, 8 - MOST_CHILDREN, -1)))


def test_a_packed_sitemap_and_one_that_breaks_off_are_read() -> None:
    text = urlset(place(1), place(2), place(3))
    assert read(gzip.compress(text.encode()), "application/gzip", URL, AT) == feed(text)
    assert len(feed(text[: text.index("/3<")]).entries) == 2


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"<!DOCTYPE html><html></html>", "no sitemap"),
        (b"", "no sitemap"),
        (b"<rss><channel/></rss>", "no sitemap"),
        (b'<!DOCTYPE x [<!ENTITY a "aa">]><urlset>&a;</urlset>', "no document type"),
        (urlset(f"<url><loc>{HOME}/1</loc></url>").encode(), "names no news"),
        (gzip.compress(bytes(11_000_000)), "larger than 10 MB"),
        (b"\x1f\x8bnonsense", "cannot be undone"),
    ],
)
def test_what_is_no_news_sitemap_is_said_in_a_sentence(data: bytes, says: str) -> None:
    with pytest.raises(NotAFeed, match=says):
        read(data, "application/xml", URL, AT)


def test_a_sitemap_is_read_over_http_and_an_index_with_its_children(outlet: Outlet) -> None:
    today = datetime.now(UTC)
    url = outlet.feed("/news.xml", urlset(place(1, today)), ETag='"1"')
    outlet.feed("/news-city.xml", urlset(place(2, today)))
    outlet.feed("/news-broken.xml", "nothing")
    tree = outlet.feed("/sitemap.xml", index("/news.xml", "/news-city.xml", "/news-broken.xml", "/news-none.xml"))
    reach = {"allow_private": True, "base_url": ""}
    first = reading.read(SourceKind.SITEMAP, url, **reach)  # type: ignore[arg-type]
    assert isinstance(first, Read)
    assert reading.read(SourceKind.SITEMAP, url, first.etag, **reach) == NotModified()  # type: ignore[arg-type]
    whole = reading.read(SourceKind.SITEMAP, tree, **reach)  # type: ignore[arg-type]
    assert isinstance(whole, Read)
    assert ([entry.url for entry in whole.feed.entries], whole.etag) == ([f"{HOME}/2", f"{HOME}/1"], "")
    outlet.serve("/sitemap.xml", Answer(index("/news-none.xml").encode()))
    assert isinstance(reading.read(SourceKind.SITEMAP, tree, **reach), FetchFailed)  # type: ignore[arg-type]

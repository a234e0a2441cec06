"""What is found at an address that somebody types."""

from datetime import UTC, datetime

import pytest

from mailer.articles import child
from mailer.articles.discovery import COMMON_PATHS, MOST_READ, NOTHING, Offer, offers
from mailer.articles.kinds import SourceKind
from mailer.articles.source import FetchFailed
from tests.articles.making import item, rss
from tests.articles.outlet import Answer, Outlet
from tests.articles.test_sitemap import index, place, urlset
from tests.services.wordpress_rest import BEGINNING, Post, Site, wordpress_rest

NEWEST = datetime(2026, 11, 23, 10, 2, tzinfo=UTC)


def look(url: str) -> list[Offer] | FetchFailed:
    return offers(url, allow_private=True, base_url="")


def front(outlet: Outlet, head: str = "") -> str:
    text = f"<!DOCTYPE html><html><head><title>The Harbour Ledger</title>{head}</head><body></body></html>"
    return outlet.serve("/", Answer(text.encode(), headers={"Content-Type": "text/html"}))


def alternate(path: str, kind: str = "application/rss+xml", title: str = "") -> str:
    return f'<link rel="alternate" type="{kind}" title="{title}" href="{path}">'


def asked(outlet: Outlet) -> list[str]:
    return sorted(path for path, requests in outlet.asked.items() for _ in requests)


def test_a_feed_is_the_one_offer_of_its_address_and_read_once(outlet: Outlet) -> None:
    url = outlet.feed("/feed", rss(item(1), item(2)))
    assert look(url) == [Offer(SourceKind.FEED, url, "The Harbour Ledger", 2, NEWEST)]
    assert asked(outlet) == ["/feed"]


def test_a_front_page_offers_the_feeds_it_names_and_the_sitemaps_of_robots(outlet: Outlet) -> None:
    comments = alternate("/comments/feed", title="Ledger » Comments")
    url = front(outlet, comments + alternate("/empty") + alternate("/gone") + alternate("/feed") + alternate("/feed"))
    outlet.feed("/feed", rss(item(1), item(2)))
    outlet.feed("/empty", rss())
    lines = f"User-agent: *\nSitemap: {outlet.url}/pages.xml\nsitemap: {outlet.url}/news.xml\n"
    outlet.serve("/robots.txt", Answer(lines.encode()))
    outlet.feed("/news.xml", urlset(place(1, datetime.now(UTC))))
    outlet.feed("/pages.xml", "<urlset><url><loc>/a</loc></url></urlset>")
    found = look(url)
    assert isinstance(found, list)
    assert [(offer.kind, offer.url.removeprefix(outlet.url), offer.count) for offer in found] == [
        (SourceKind.FEED, "/feed", 2),
        (SourceKind.SITEMAP, "/news.xml", 1),
        (SourceKind.FEED, "/empty", 0),
    ]
    assert asked(outlet) == ["/", "/empty", "/feed", "/gone", "/news.xml", "/pages.xml", "/robots.txt"]


def test_a_wordpress_offers_its_posts_wherever_it_lies() -> None:
    for site in (Site([Post(3)], "/blog"), Site([Post(3)], plain=True)):
        with wordpress_rest(site):
            posts = site.root.rstrip("/") + "/wp/v2/posts"
            offer = Offer(SourceKind.WORDPRESS, posts, "Ledger – News", 1, site.posts[0].written)
            assert look(f"{site.home}/") == [offer]
            (direct,) = look(posts)  # type: ignore[misc]
            (root,) = look(site.root)  # type: ignore[misc]
            assert (direct.kind, direct.url, root.url) == (SourceKind.WORDPRESS, posts, posts)
            assert direct.newest == BEGINNING.replace(minute=3)


def test_a_sitemap_typed_by_hand_is_offered_with_all_its_children(outlet: Outlet) -> None:
    outlet.feed("/news.xml", urlset(place(1, datetime.now(UTC))))
    url = outlet.feed("/sitemap.xml", index("/news.xml"))
    (offer,) = look(url)  # type: ignore[misc]
    assert (offer.kind, offer.url, offer.count, offer.title) == (SourceKind.SITEMAP, url, 1, "The Harbour Ledger")


def test_usual_places_are_asked_only_when_the_site_names_none(outlet: Outlet) -> None:
    url = front(outlet)
    outlet.feed("/rss.xml", rss(item(1)))
    found = look(url)
    assert isinstance(found, list)
    assert [offer.url for offer in found] == [f"{outlet.url}/rss.xml"]
    assert asked(outlet) == ["/", "/feed", "/feed.xml", "/robots.txt", "/rss", "/rss.xml"]


def test_a_site_that_offers_nothing_is_asked_little_and_told_so(outlet: Outlet) -> None:
    assert look(front(outlet)) == FetchFailed(NOTHING)
    assert asked(outlet) == sorted(["/", "/robots.txt", *COMMON_PATHS])


def test_a_page_that_names_many_feeds_does_not_make_us_read_them_all(outlet: Outlet) -> None:
    assert look(front(outlet, "".join(alternate(f"/{n}") for n in range(99)))) == FetchFailed(NOTHING)
    assert len(outlet.asked) == MOST_READ + 2


@pytest.mark.parametrize("address", ["/gone", "/word"])
def test_an_address_that_is_no_page_and_no_source_says_so(outlet: Outlet, address: str) -> None:
    outlet.serve("/word", Answer(b"Gone fishing", headers={"Content-Type": "text/html"}))
    failure = look(outlet.url + address)
    assert isinstance(failure, FetchFailed)
    assert failure.sentence.startswith("There is no")


def test_looking_is_done_in_a_child_process(outlet: Outlet) -> None:
    url = outlet.feed("/feed", rss(item(1)))
    found = child.run("offers", url, allow_private=True, base_url="")
    assert found == look(url)

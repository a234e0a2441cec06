"""Posts of a WordPress, over HTTP, from a server that pages and refuses as WordPress does."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest

from mailer.articles import reading
from mailer.articles.entry import Entry
from mailer.articles.kinds import SourceKind
from mailer.articles.posts import MOST_PAGES, OVERLAP
from mailer.articles.reading import Read
from mailer.articles.source import FetchFailed
from mailer.articles.wordpress import PER_PAGE, changed_within, posts_of
from tests.services.wordpress_rest import BEGINNING, Post, Site, wordpress_rest

HOUR = timedelta(hours=1)


@pytest.fixture
def site() -> Iterator[Site]:
    with wordpress_rest(Site()) as served:
        yield served


def read(site: Site, since: datetime | None = None) -> Read | FetchFailed:
    found = reading.read(
        SourceKind.WORDPRESS, posts_of(site.root), since=since, allow_private=True, base_url="https://news.example"
    )
    assert isinstance(found, Read | FetchFailed)
    return found


def numbers(found: Read | FetchFailed) -> list[int]:
    """The posts by their numbers; each has one in its address."""
    assert isinstance(found, Read), found
    return [int(entry.url.rstrip("/").rpartition("/")[2]) for entry in found.feed.entries]


def test_a_post_comes_with_its_picture_author_and_categories(site: Site) -> None:
    site.posts = [Post(7, categories=("Uncategorized", "City &amp; Port", "Sea"))]
    found = read(site)
    assert isinstance(found, Read)
    assert found.since == site.posts[0].written
    assert found.feed.entries == (
        Entry(
            guid=f"{site.home}/?p=7",
            url=f"{site.home}/7/",
            title="Story “7”",
            summary="The ferry is back…",
            picture_url=f"{site.home}/wp-content/7-1024.jpg",
            picture_alt="The ferry & the quay",
            author="Mara Quist",
            section="City & Port",
            categories=("City & Port", "Sea"),
            published_at=site.posts[0].written,
        ),
    )


def test_what_strangers_may_not_see_is_left_out(site: Site) -> None:
    site.posts = [Post(1, pictured=False), Post(2, protected=True)]
    found = read(site)
    assert numbers(found) == [1]
    assert isinstance(found, Read)
    assert found.feed.entries[0].picture_url == ""


def test_the_first_reading_takes_the_newest_the_next_ones_every_page_of_changes(site: Site) -> None:
    site.posts = [Post(number) for number in range(1, PER_PAGE + 4)]
    first = read(site)
    assert numbers(first) == list(range(PER_PAGE + 3, 3, -1))
    assert isinstance(first, Read)
    assert first.since == site.posts[-1].written
    assert numbers(read(site, first.since)) == [PER_PAGE + 3]  # within the overlap
    site.posts += [Post(number) for number in range(200, 200 + 2 * PER_PAGE + 10)]
    site.posts[0].modified = BEGINNING + 10 * HOUR
    third = read(site, first.since)
    assert sorted(numbers(third)) == [1, PER_PAGE + 3, *range(200, 200 + 2 * PER_PAGE + 10)]
    assert isinstance(third, Read)
    assert third.since == site.posts[0].modified


def test_a_mass_change_is_read_in_several_goes_and_nothing_is_left_out(site: Site) -> None:
    many = MOST_PAGES * PER_PAGE + 30
    moment = BEGINNING + 50 * HOUR
    site.posts = [Post(n, modified=moment + timedelta(seconds=n // 200)) for n in range(1, many + 1)]
    seen: set[int] = set()
    since = BEGINNING + 49 * HOUR
    for _ in range(3):
        found = read(site, since)
        seen |= {*numbers(found)}
        assert isinstance(found, Read)
        assert found.since is not None
        since = found.since
    assert len(seen) == many
    assert len(site.asked) <= 3 * MOST_PAGES


def test_more_posts_of_one_second_than_a_reading_takes_do_not_stop_what_comes_after(site: Site) -> None:
    many = (MOST_PAGES + 3) * PER_PAGE
    site.posts = [Post(n, modified=BEGINNING + HOUR) for n in range(1, many)] + [
        Post(many, modified=BEGINNING + 2 * HOUR)
    ]
    seen: set[int] = set()
    since: datetime | None = BEGINNING
    for _ in range(3):
        found = read(site, since)
        seen |= {*numbers(found)}
        assert isinstance(found, Read)
        since = found.since
    assert seen >= {*range(4 * PER_PAGE, many + 1)}
    assert numbers(read(site, since)) == [many]


def test_a_page_that_fails_ends_the_reading_and_the_next_one_begins_there(site: Site) -> None:
    site.posts = [Post(n, modified=BEGINNING + HOUR) for n in range(1, PER_PAGE + 2)]
    site.fails_at = 2
    found = read(site, BEGINNING)
    assert len(numbers(found)) >= PER_PAGE
    assert isinstance(found, Read)
    site.fails_at = 0
    assert len(numbers(read(site, found.since))) == PER_PAGE + 1
    site.fails_at = 1
    failure = read(site, found.since)
    assert isinstance(failure, FetchFailed)
    assert failure.sentence == "The server has trouble of its own. (HTTP 500)"


def test_a_wordpress_that_knows_no_changes_gives_its_newest(site: Site) -> None:
    site.old = True
    site.posts = [Post(number) for number in range(1, 2 * PER_PAGE)]
    assert numbers(read(site, BEGINNING + 2 * PER_PAGE * OVERLAP))[0] == 2 * PER_PAGE - 1


def test_posts_that_vanish_between_two_pages_end_the_reading(site: Site) -> None:
    site.posts = [Post(n, modified=BEGINNING + HOUR) for n in range(1, PER_PAGE + 2)]
    page = site.page
    site.page = lambda query: (site.posts.clear() if query.get("page") == "2" else None) or page(query)  # type: ignore[method-assign, func-returns-value]
    assert len(numbers(read(site, BEGINNING))) >= PER_PAGE


@pytest.mark.parametrize(
    ("site", "says"),
    [
        (Site(refused=True), "The site does not show its posts to strangers. (HTTP 401)"),
        (Site(folder="/elsewhere"), "There is no REST API of WordPress at this address. (HTTP 404)"),
    ],
)
def test_a_refusal_is_a_sentence(site: Site, says: str) -> None:
    with wordpress_rest(site):
        site.home = site.home.removesuffix("/elsewhere")
        found = read(site)
    assert isinstance(found, FetchFailed)
    assert found.sentence == says


def test_a_site_without_pretty_addresses_or_in_a_folder_is_read_as_well() -> None:
    for site in (Site([Post(3)], plain=True), Site([Post(3)], folder="/blog"), Site([Post(3)], "/blog", plain=True)):
        with wordpress_rest(site):
            assert numbers(read(site)) == [3]
            assert numbers(read(site, BEGINNING)) == [3]


def test_what_an_editor_wrote_into_the_address_stays_in_it() -> None:
    address = "https://ledger.example/wp-json/wp/v2/posts?categories=5&per_page=3"
    asked = changed_within(address, BEGINNING, BEGINNING + HOUR, 2)
    query = dict(parse_qsl(urlsplit(asked).query))
    assert (query["categories"], query["per_page"], query["page"]) == ("5", str(PER_PAGE), "2")
    assert query["modified_after"] == "2026-11-24T06:00:00Z"

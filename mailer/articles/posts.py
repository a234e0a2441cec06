"""The posts of a WordPress site, page after page: the newest at first, then what changed since the last one."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mailer.articles import wordpress
from mailer.articles.entry import Entry, Feed
from mailer.articles.source import UNASKED, Fetched, FetchFailed, NotModified
from mailer.articles.wordpress import Page

MOST_PAGES = 10
"""Of one reading; the next one goes on from there."""

OVERLAP = timedelta(minutes=1)
"""How far we look back behind the last change: posts do not become visible in the order in which they were saved."""

SECOND = timedelta(seconds=1)
"""As exactly does WordPress say when a post was changed."""

Ask = Callable[..., Fetched | NotModified | FetchFailed]
"""Fetches an address; etag and last_modified may follow."""


@dataclass(frozen=True)
class Posts:
    """What was found, and where the next reading goes on."""

    feed: Feed
    since: datetime | None


def read(ask: Ask, url: str, since: datetime | None) -> Posts | FetchFailed:
    """The newest posts, or those changed `since`. Raises NotAFeed.

    A failure on a later page ends the reading with what there is: the next one begins there, and says so if it fails.
    """
    return _latest(ask, url) if since is None else _changed(ask, url, since)


def _latest(ask: Ask, url: str) -> Posts | FetchFailed:
    page = _page(ask, wordpress.latest(url))
    if isinstance(page, FetchFailed):
        return page
    return Posts(Feed("", "", page.entries), max(page.changes, default=None))


def _changed(ask: Ask, url: str, since: datetime) -> Posts | FetchFailed:
    place = beginning = _Place(since - OVERLAP)
    entries: dict[str, Entry] = {}
    for _ in range(MOST_PAGES):
        page = _page(ask, place.address(url), place.number)
        if isinstance(page, FetchFailed):
            return Posts(_feed(entries), place.since) if entries else page
        if page.changes and min(page.changes) < place.after:  # older than 5.7, it gave its oldest posts
            return _latest(ask, url)
        entries |= {entry.url: entry for entry in page.entries}
        following = place.following(page)
        if following is None:
            return Posts(_feed(entries), max([since, place.after, *page.changes]))
        place = following
    stuck = place.after == beginning.after  # more posts of one second than a whole reading takes: the newest are here
    return Posts(_feed(entries), (place.behind() if stuck else place).since)


@dataclass(frozen=True)
class _Place:
    """Where the reading stands: at the posts changed after a moment.

    Not simply at the next page of them: what changes meanwhile moves to the end, and all others up one place. Posts of
    one second come in any order; where they fill a page, that `second` is read by their ids.
    """

    after: datetime
    second: datetime | None = None
    number: int = 1

    @property
    def since(self) -> datetime:
        """What to remember, so that the next reading begins here."""
        return self.after + OVERLAP

    def address(self, url: str) -> str:
        if self.second is None:
            return wordpress.changed(url, self.after)
        return wordpress.changed_within(url, self.second - SECOND, self.second + SECOND, self.number)

    def following(self, page: Page) -> "_Place | None":
        """Where to go on after this page; None at the end."""
        if self.second is not None:
            return self.behind() if self.number >= page.pages else replace(self, number=self.number + 1)
        if page.pages <= 1:
            return None
        last = max(page.changes, default=self.after)
        if last - SECOND > self.after:
            return _Place(last - SECOND)
        return _Place(self.after, second=self.after + SECOND)

    def behind(self) -> "_Place":
        """After the second that is being read."""
        return self if self.second is None else _Place(self.second)


def _page(ask: Ask, address: str, number: int = 1) -> Page | FetchFailed:
    match ask(address):
        case Fetched(data, headers=headers, final_url=final_url):
            return wordpress.read(data, headers, final_url)
        case FetchFailed(status=400) if number > 1:  # rest_post_invalid_page_number: there were fewer posts just now
            return Page((), 0, ())
        case FetchFailed(status=401 | 403) as failure:
            return replace(failure, sentence=f"The site does not show its posts to strangers. (HTTP {failure.status})")
        case FetchFailed(status=404) as failure:
            return replace(failure, sentence="There is no REST API of WordPress at this address. (HTTP 404)")
        case FetchFailed() as failure:
            return failure
    return UNASKED


def _feed(entries: dict[str, Entry]) -> Feed:
    return Feed("", "", tuple(entries.values()))

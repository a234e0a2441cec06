"""One reading of a source, whatever its kind. Talks to the network: call it without a transaction."""

import time
from dataclasses import dataclass
from datetime import datetime

from mailer.articles import feed, posts, sitemap, source
from mailer.articles.entry import Feed, NotAFeed
from mailer.articles.kinds import SourceKind
from mailer.articles.posts import Ask
from mailer.articles.source import Fetched, FetchFailed, NotModified

LEAST = 1.0
"""Seconds that must be left to ask for one more page."""


@dataclass(frozen=True)
class Read:
    """A feed, and what to ask with next time: so that it only comes when it changed, or only what changed since."""

    feed: Feed
    etag: str = ""
    last_modified: str = ""
    since: datetime | None = None


Reading = Read | NotModified | FetchFailed


def read(
    kind: SourceKind,
    url: str,
    etag: str = "",
    last_modified: str = "",
    since: datetime | None = None,
    *,
    allow_private: bool,
    base_url: str,
    seconds: float = source.SECONDS,
) -> Reading:
    """What the source at `url` offers, unless it is unchanged. Takes no longer than `seconds`, all pages together."""
    ask = asking(allow_private=allow_private, base_url=base_url, seconds=seconds)
    return read_by(ask, kind, url, etag, last_modified, since)


def read_by(
    ask: Ask, kind: SourceKind, url: str, etag: str = "", last_modified: str = "", since: datetime | None = None
) -> Reading:
    """Like `read`, with a way to fetch that several readings share."""
    try:
        match kind:
            case SourceKind.FEED:
                return _feed(ask, url, etag, last_modified)
            case SourceKind.SITEMAP:
                return _sitemap(ask, url, etag, last_modified)
            case SourceKind.WORDPRESS:
                return _wordpress(ask, url, since)
    except NotAFeed as error:
        return FetchFailed(str(error))
    raise ValueError(f"articles are brought to a source of kind {kind}; nobody reads it")


def asking(*, allow_private: bool, base_url: str, seconds: float) -> Ask:
    """A way to fetch several addresses within `seconds` for all of them."""
    deadline = time.monotonic() + seconds

    def ask(url: str, etag: str = "", last_modified: str = "") -> Fetched | NotModified | FetchFailed:
        left = deadline - time.monotonic()
        if left < LEAST:
            return FetchFailed(f"The server did not finish its answers within {seconds:.0f} seconds.")
        return source.fetch(url, etag, last_modified, allow_private=allow_private, base_url=base_url, seconds=left)

    return ask


def _feed(ask: Ask, url: str, etag: str, last_modified: str) -> Reading:
    fetched = ask(url, etag, last_modified)
    if not isinstance(fetched, Fetched):
        return fetched
    return Read(feed.parse(fetched.data, fetched.content_type, fetched.final_url), fetched.etag, fetched.last_modified)


def _wordpress(ask: Ask, url: str, since: datetime | None) -> Reading:
    found = posts.read(ask, url, since)
    return found if isinstance(found, FetchFailed) else Read(found.feed, since=found.since)


def _sitemap(ask: Ask, url: str, etag: str, last_modified: str) -> Reading:
    fetched = ask(url, etag, last_modified)
    if not isinstance(fetched, Fetched):
        return fetched
    found = sitemap.read(fetched.data, fetched.content_type, fetched.final_url, fetched.at)
    if isinstance(found, Feed):
        return Read(found, fetched.etag, fetched.last_modified)
    return _children(ask, found)  # an index stays the same while what it names changes: ask for it each time


def _children(ask: Ask, index: sitemap.Index) -> Reading:
    """The news of all sitemaps of an index; one that cannot be read does not hide the others."""
    feeds: list[Feed] = []
    failure = FetchFailed("This sitemap names other sitemaps, and none of them has news.")
    for address in index.children:
        fetched = ask(address)
        if isinstance(fetched, Fetched):
            try:
                found = sitemap.read(fetched.data, fetched.content_type, fetched.final_url, fetched.at)
            except NotAFeed:
                continue
            feeds += [found] if isinstance(found, Feed) else []
        elif isinstance(fetched, FetchFailed):
            failure = fetched
    if not feeds:
        return failure
    return Read(Feed(feeds[0].title, feeds[0].language, tuple(entry for each in feeds for entry in each.entries)))

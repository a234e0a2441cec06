"""What a site offers to read: somebody typed the address of its front page, or of a feed. Talks to the network."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from urllib.parse import unquote, urljoin

from mailer.articles import feed, wordpress
from mailer.articles.canonical import uri
from mailer.articles.encoding import decode
from mailer.articles.entry import Feed
from mailer.articles.kinds import SourceKind
from mailer.articles.page import site_name
from mailer.articles.posts import Ask
from mailer.articles.reading import Read, asking, read_by
from mailer.articles.sitemap import GZIP
from mailer.articles.source import UNASKED, Fetched, FetchFailed, NotModified
from mailer.articles.tags import tags

SECONDS = 20.0
"""For everything: somebody waits."""

MOST_READ = 10
"""Addresses that are read to see what is in them."""

MOST_SITEMAPS = 3

COMMON_PATHS = ("/feed", "/rss", "/feed.xml", "/rss.xml", "/atom.xml", "/feed.json")
"""Where feeds usually are. Asked only when the site names none."""

BEST_FIRST = (SourceKind.WORDPRESS, SourceKind.FEED, SourceKind.SITEMAP)
"""The first has pictures and categories for every article, the last has no summaries."""

NOTHING = (
    "We found no feed, no posts of a WordPress and no news sitemap there. "
    "Ask the site for the address of its RSS feed, or let it push its articles."
)

_API = "https://api.w.org/"
_API_LINK = re.compile(rf"""<([^<>]+)>\s*;\s*rel=["']?{re.escape(_API)}""")
_SITEMAP_LINE = re.compile(r"^\s*sitemap\s*:\s*(\S+)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class Offer:
    """Something a newsletter can take as a source: how many articles it has just now, and when the newest came out."""

    kind: SourceKind
    url: str
    title: str
    count: int
    newest: datetime | None


def offers(url: str, *, allow_private: bool, base_url: str) -> list[Offer] | FetchFailed:
    """What there is at an address, best first; never an empty list. A feed is the one offer of its own address."""
    ask = asking(allow_private=allow_private, base_url=base_url, seconds=SECONDS)
    fetched = ask(url)
    match fetched:
        case FetchFailed() as failure:
            return failure
        case NotModified():
            return UNASKED
        case Fetched():
            pass
    text = decode(fetched.data, fetched.content_type).lstrip()
    if not feed.is_page(text):
        return _itself(ask, uri(url), fetched, text)
    tries = _Tries(ask, site_name(text))
    found = [offer for candidate in _named(ask, fetched, text) if (offer := tries.offer(*candidate))]
    usual = (tries.offer(SourceKind.FEED, urljoin(fetched.final_url, path)) for path in COMMON_PATHS)
    found = found or list(islice(filter(None, usual), 1))
    return sorted(found, key=lambda offer: (not offer.count, BEST_FIRST.index(offer.kind))) or FetchFailed(NOTHING)


class _Tries:
    """Candidates, each read once, as long as somebody may wait."""

    def __init__(self, ask: Ask, site: str) -> None:
        self._ask, self._site, self._tried = ask, site, set[str]()

    def offer(self, kind: SourceKind, address: str) -> Offer | None:
        """What it turns out to be; None for nothing."""
        if not address or address in self._tried or len(self._tried) >= MOST_READ:
            return None
        self._tried.add(address)
        reading = read_by(self._ask, kind, address)
        return _offer(kind, address, reading.feed, self._site) if isinstance(reading, Read) else None


def _itself(ask: Ask, url: str, fetched: Fetched, text: str) -> list[Offer] | FetchFailed:
    """The address that was typed is no page: it is a source, or nothing."""
    kind = _kind_of(url, fetched, text)
    address = wordpress.posts_of(url) if kind is SourceKind.WORDPRESS and not text.startswith("[") else url
    reading = read_by(lambda asked, *rest: fetched if asked == url else ask(asked, *rest), kind, address)
    if isinstance(reading, Read):
        return [_offer(kind, address, reading.feed, "")]
    return reading if isinstance(reading, FetchFailed) else FetchFailed(NOTHING)


def _kind_of(url: str, fetched: Fetched, text: str) -> SourceKind:
    if "<urlset" in text or "<sitemapindex" in text or fetched.data.startswith(GZIP):
        return SourceKind.SITEMAP
    are_posts = text.startswith("[") and wordpress.POSTS in unquote(url)
    is_root = text.startswith("{") and any(name in text for name in ('"wp/v2"', '"wp\\/v2"'))
    return SourceKind.WORDPRESS if are_posts or is_root else SourceKind.FEED


def _named(ask: Ask, fetched: Fetched, text: str) -> Iterator[tuple[SourceKind, str]]:
    """What the page, its headers and the site's robots.txt lead to."""
    if root := _api(fetched, text):
        yield SourceKind.WORDPRESS, wordpress.posts_of(root)
    for address in feed.offered_by(text, fetched.final_url):
        yield SourceKind.FEED, address
    for address in _sitemaps(ask(urljoin(fetched.final_url, "/robots.txt"))):
        yield SourceKind.SITEMAP, address


def _api(fetched: Fetched, text: str) -> str:
    """The address of the REST API: from the header or the page, else where WordPress usually has it."""
    header = _API_LINK.search(fetched.headers.get("link", ""))
    links = (link.get("href", "") for link in tags(text[: feed.HEAD_LENGTH], "link") if link.get("rel") == _API)
    usual = "/wp-json/" if "/wp-content/" in text else ""
    written = header[1] if header else next(links, usual)
    return uri(written, fetched.final_url) if written else ""


def _sitemaps(robots: Fetched | NotModified | FetchFailed) -> list[str]:
    """Those that robots.txt names, the ones for news first."""
    text = decode(robots.data, robots.content_type) if isinstance(robots, Fetched) else ""
    named = dict.fromkeys(uri(address) for address in _SITEMAP_LINE.findall(text[: feed.HEAD_LENGTH]))
    return sorted(filter(None, named), key=lambda address: "news" not in address.lower())[:MOST_SITEMAPS]


def _offer(kind: SourceKind, url: str, found: Feed, site: str) -> Offer:
    dates = [entry.published_at for entry in found.entries if entry.published_at]
    return Offer(kind, url, found.title or site, len(found.entries), max(dates, default=None))

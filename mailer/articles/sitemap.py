"""News sitemaps: lists of a site's newest articles, made for search engines. Google's rules say what is in them.

developers.google.com/search/docs/crawling-indexing/sitemaps/news-sitemap; sitemaps.org/protocol.html
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree.ElementTree import Element, ParseError, XMLPullParser

from mailer.articles.canonical import uri
from mailer.articles.encoding import decode
from mailer.articles.entry import Entry, Feed, Found, NotAFeed, language_tag, make_entry, moment
from mailer.articles.pictures import widest
from mailer.articles.text import heading

FRESH = timedelta(days=2)
"""An article stays in a news sitemap for this long; many sites forget to take it out."""

MOST_ENTRIES = 1000
"""Of one news sitemap, by Google's rules; the newest are taken."""

MOST_CHILDREN = 5
"""Sitemaps of an index that are read. A site has one for news, or one for each section."""

LARGEST = 10_000_000
"""Bytes after decompression, as for every answer."""

GZIP = b"\x1f\x8b"

_BEGINNING = datetime.min.replace(tzinfo=UTC)
_STEP = 65_536


@dataclass(frozen=True)
class Index:
    """A sitemap of sitemaps: the addresses of those worth reading for news, best first."""

    children: tuple[str, ...]


def read(data: bytes, content_type: str, url: str, at: datetime) -> Feed | Index:
    """The news in what `url` answered `at` that moment, newest first. Raises NotAFeed."""
    places = [place for place in _places(decode(_unpacked(data), content_type).lstrip()) if _is_of_use(place)]
    if children := [place for place in places if _name(place) == "sitemap"]:
        return Index(_children(children, url))
    news = [place for place in places if _name(place) == "url"]
    if not news:
        raise NotAFeed("This sitemap names no news. A news sitemap says title and date of each article.")
    entries = sorted(_entries(news, url, at), key=_date, reverse=True)
    title = _text(news[0], "news", "publication", "name")
    return Feed(title, language_tag(_text(news[0], "news", "publication", "language")), tuple(entries[:MOST_ENTRIES]))


def _unpacked(data: bytes) -> bytes:
    """Many sitemaps are files that are packed with gzip."""
    if not data.startswith(GZIP):
        return data
    unpacker = zlib.decompressobj(wbits=31)
    try:
        text = unpacker.decompress(data, LARGEST)
    except zlib.error:
        raise NotAFeed("The sitemap is packed in a way that cannot be undone.") from None
    if unpacker.unconsumed_tail:
        raise NotAFeed(f"The sitemap is larger than {LARGEST // 1_000_000} MB.")
    return text


def _places(text: str) -> Iterator[Element]:
    """Each <url> or <sitemap>; where the document breaks off, those before that place."""
    if "<!DOCTYPE" in text or "<!ENTITY" in text:  # what entities are made of, and no sitemap has one
        raise NotAFeed("This is no sitemap: those have no document type.")
    depth, root = 0, Element("")
    for event, element in _events(text):
        if event == "start":
            root = element if depth == 0 else root
            depth += 1
            continue
        depth -= 1
        if depth == 1:
            yield element
            root.clear()
    if _name(root) not in ("urlset", "sitemapindex"):
        raise NotAFeed("There is no sitemap at this address.")


def _events(text: str) -> Iterator[tuple[str, Element]]:
    parser: XMLPullParser[Element] = XMLPullParser(("start", "end"))
    try:
        for start in range(0, len(text), _STEP):
            parser.feed(text[start : start + _STEP])
            events: Iterator[Any] = parser.read_events()
            yield from events
    except ParseError:  # what came before is there all the same
        return


def _is_of_use(place: Element) -> bool:
    return _name(place) == "sitemap" or _child(place, "news") is not None


def _children(places: list[Element], url: str) -> tuple[str, ...]:
    """Those that are called news, where one is; newest first."""
    found = [(uri(_text(place, "loc"), url), moment(_text(place, "lastmod")) or _BEGINNING) for place in places]
    usable = [child for child in found if child[0]]
    named = [child for child in usable if "news" in child[0].rpartition("/")[2].lower()] or usable
    return tuple(address for address, _ in sorted(named, key=lambda child: child[1], reverse=True)[:MOST_CHILDREN])


def _entries(news: list[Element], url: str, at: datetime) -> Iterator[Entry]:
    for place in news:
        entry = make_entry(_found(place), url)
        if entry is not None and (entry.published_at is None or entry.published_at >= at - FRESH):
            yield entry


def _found(place: Element) -> Found:
    link = _text(place, "loc")
    images = ({"medium": "image", "url": _text(image, "loc")} for image in place if _name(image) == "image")
    return Found(
        link=link,
        title=heading(_text(place, "news", "title")),
        picture=widest(images, link),
        language=_text(place, "news", "publication", "language"),
        published_at=moment(_text(place, "news", "publication_date")),
    )


def _date(entry: Entry) -> datetime:
    return entry.published_at or _BEGINNING


def _text(element: Element, *names: str) -> str:
    """The words of the element that these names lead to, "" where there is none."""
    place: Element | None = element
    for name in names:
        place = _child(place, name) if place is not None else None
    return (place.text or "").strip() if place is not None else ""


def _child(element: Element, name: str) -> Element | None:
    return next((child for child in element if _name(child) == name), None)


def _name(element: Element) -> str:
    """Without the namespace: sites spell those of news and images in many wrong ways."""
    return element.tag.rpartition("}")[2]

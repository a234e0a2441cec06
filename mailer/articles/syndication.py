"""RSS 0.9 to 2.0, RDF and Atom, read by feedparser; what follows is what it leaves to us."""

import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from time import struct_time
from typing import Any

import feedparser

from mailer.articles.canonical import uri
from mailer.articles.entry import CATEGORIES, Feed, Found, NotAFeed, language_tag, make_entry
from mailer.articles.footers import without_footer
from mailer.articles.pictures import NO_PICTURE, Picture, first_in, widest
from mailer.articles.text import MARKUP_LENGTH, heading, line, plain, says_something

# From its fallback for broken XML; found by feeding it broken feeds.
WHAT_FEEDPARSER_RAISES = (LookupError, TypeError, ValueError, AttributeError, AssertionError, RecursionError)

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_REFERENCE = re.compile(r"&#(?:[xX]([0-9a-fA-F]+)|([0-9]+));?")
# feedparser takes the words about a picture for the words of the entry.
_CAPTION = re.compile(r"<(/?)media:description\b[^<>]*>")
_IN_BRACKETS = re.compile(r"\(([^()]+)\)")
_MAILBOX = re.compile(r"<?\S*@\S*")
_NUMERIC_DATE = re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})(?: (\d{1,2}):(\d{2})(?::(\d{2}))?)?$")


def read(text: str, url: str) -> Feed:
    """The feed in `text`, which was served from `url`. Raises NotAFeed when there is none in it."""
    found = _parse(text, url)
    if not found.version and not found.entries:
        raise NotAFeed("There is no RSS, Atom or JSON feed at this address.")
    home = uri(_string(found.feed, "link")) or url
    language = language_tag(_string(found.feed, "language"))
    entries = (make_entry(_found(dict(raw), language, found.version, home), home) for raw in found.entries)
    title = heading(_string(found.feed, "title"))
    return Feed(title, language, tuple(entry for entry in entries if entry is not None))


def _parse(text: str, url: str) -> Any:
    text = _REFERENCE.sub(_legal_reference, _ILLEGAL.sub("", text.lstrip()))
    text = _CAPTION.sub(r"<\1media:caption>", text)
    headers = {"content-type": "application/xml; charset=utf-8", "content-location": url}
    # Bytes in a stream: feedparser would take bare bytes for the name of a file, and open it.
    stream = io.BytesIO(text.encode("utf-8", "replace"))
    try:
        return feedparser.parse(stream, response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
    except WHAT_FEEDPARSER_RAISES as error:
        raise NotAFeed(f"The feed at this address is too broken to be read ({type(error).__name__}).") from error


def _legal_reference(match: re.Match[str]) -> str:
    """A numeric reference, unless it names what XML forbids: one such makes the whole document broken."""
    hexadecimal, decimal = match.groups()
    digits = (hexadecimal or decimal).lstrip("0")
    code = int(digits or "0", 16 if hexadecimal else 10) if len(digits) < 8 else 0
    legal = code in (9, 10, 13) or 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code < 0x110000
    return match[0] if legal else ""


def _found(raw: dict[str, Any], language: str, version: str, home: str) -> Found:
    link = uri(_string(raw, "feedburner_origlink")) or _string(raw, "link")
    markups = list(_markups(raw, version, link))
    words = filter(says_something, map(_words, markups))
    return Found(
        link=link,
        guid=_string(raw, "id"),
        title=_title(raw, version),
        summary=next(words, ""),
        picture=_picture(raw, [markup for _, markup in markups], link or home),
        author=_author(raw, version),
        categories=_categories(raw),
        language=_string(raw, "language") or _string(raw.get("title_detail"), "language") or language,
        published_at=_published(raw),
    )


def _string(holder: Any, key: str) -> str:
    """A value of feedparser's that is text; unexpected attributes make it a dictionary."""
    value = holder.get(key) if isinstance(holder, dict) else None
    return value.strip() if isinstance(value, str) else ""


def _title(raw: dict[str, Any], version: str) -> str:
    title = _string(raw, "title")
    return line(title) if _is_plain(raw.get("title_detail"), version) else heading(title)


def _is_plain(detail: Any, version: str) -> bool:
    """Only Atom says whether a text is HTML; in RSS it is, whatever feedparser guesses."""
    return version.startswith("atom") and _string(detail, "type") == "text/plain"


def _markups(raw: dict[str, Any], version: str, link: str) -> Iterator[tuple[bool, str]]:
    """What the entry has to say, shortest first: is it plain text, and the text."""
    contents = [content for content in raw.get("content", []) if isinstance(content, dict)]
    summary = _string(raw, "summary")
    detail = raw.get("summary_detail") or (contents[0] if contents else None)
    for text, kind in [(summary, detail), *((_string(content, "value"), content) for content in contents)]:
        yield _is_plain(kind, version), without_footer(text, link)


def _words(markup: tuple[bool, str]) -> str:
    is_plain, text = markup
    return text[:MARKUP_LENGTH] if is_plain else plain(text)


def _picture(raw: dict[str, Any], markups: list[str], base: str) -> Picture:
    media = _dictionaries(raw.get("media_content"))
    if (picture := widest(media, base)).url:
        return Picture(picture.url, plain(_string(raw, "media_caption")) if len(media) == 1 else "")
    image = raw.get("image")
    offers = [
        [{"medium": "image", **thumbnail} for thumbnail in _dictionaries(raw.get("media_thumbnail"))],
        [link for link in _dictionaries(raw.get("links")) if link.get("rel") == "enclosure"],
        [{"medium": "image", **image}] if isinstance(image, dict) else [],
    ]
    found = (picture for offer in offers if (picture := widest(offer, base)).url)
    inside = (picture for markup in reversed(markups) if (picture := first_in(markup, base)).url)
    return next(found, None) or next(inside, NO_PICTURE)


def _dictionaries(values: Any) -> list[dict[str, Any]]:
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []


def _author(raw: dict[str, Any], version: str) -> str:
    """The names of those who wrote it; an address is nobody's name."""
    alone = _string(raw, "author")
    if "@" in alone and not version.startswith("atom"):
        # "desk@ledger.example (Mara Quist)", of which feedparser knows only domains of two to four letters.
        inside = _IN_BRACKETS.search(alone)
        return heading(inside[1] if inside else _MAILBOX.sub("", alone))
    names = [heading(_string(author, "name")) for author in _dictionaries(raw.get("authors"))]
    return ", ".join(name for name in dict.fromkeys(names) if name) or heading(alone)


def _categories(raw: dict[str, Any]) -> list[str]:
    tags = _dictionaries(raw.get("tags"))[:CATEGORIES]
    return [heading(_string(tag, "label") or _string(tag, "term")) for tag in tags]


def _published(raw: dict[str, Any]) -> datetime | None:
    """When it was published, or changed where only that is known. feedparser gives UTC."""
    for key in ("published", "updated", "created"):
        moment = raw.get(f"{key}_parsed")
        if isinstance(moment, struct_time):
            # feedparser takes "2020/1/10" for the first of November.
            numbers = _NUMERIC_DATE.match(_string(raw, key))
            year, month, day, hour, minute, second = map(int, numbers.groups("0")) if numbers else moment[:6]
            try:
                return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
            except ValueError:  # the 31st of February
                return None
    return None

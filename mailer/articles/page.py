"""One article, read from its own page: somebody pasted its address. Talks to the network."""

import html
import logging
import re
from collections.abc import Mapping

import trafilatura
from trafilatura.settings import Document

from mailer.articles import source
from mailer.articles.encoding import decode
from mailer.articles.entry import Entry, Found, make_entry, moment
from mailer.articles.pictures import Picture, widest
from mailer.articles.source import UNASKED, Fetched, FetchFailed
from mailer.articles.tags import own_address, tags
from mailer.articles.text import line, says_something

ACCEPT = "text/html, application/xhtml+xml;q=0.9, */*;q=0.5"

LONGEST = 2_000_000
"""Characters of a page that are read."""

HEAD_LENGTH = 200_000
"""Characters in which metadata is looked for. Some sites put all their styles before it."""

NOTHING = "There is no article that we could read at this address. Write its title and text by hand."

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # it warns of each page without an article

_TITLE = re.compile(r"<title\b[^<>]*>([^<]*)", re.IGNORECASE)
_DATE = re.compile(r'"datePublished"\s*:\s*"([^"]+)"')


def read_page(url: str, *, allow_private: bool, base_url: str) -> Entry | FetchFailed:
    """The article at `url`, as its page tells about it."""
    fetched = source.fetch(url, allow_private=allow_private, base_url=base_url, accept=ACCEPT)
    match fetched:
        case Fetched(content_type=kind) if kind and "html" not in kind.lower() and "xml" not in kind.lower():
            return FetchFailed(f"This address is not a web page but {kind.partition(';')[0].strip()[:60]}.")
        case Fetched():
            return entry_of(decode(fetched.data, fetched.content_type), fetched.final_url) or FetchFailed(NOTHING)
        case FetchFailed():
            return fetched
    return UNASKED


def entry_of(markup: str, url: str) -> Entry | None:
    """The article in a page that `url` answered with; None where there is no title in it."""
    markup = markup[:LONGEST]
    said, told = _metadata(markup), _read(markup, url)
    title = said.get("og:title") or told.title or ""
    if not says_something(title):
        return None
    address = own_address(markup[:HEAD_LENGTH], url)
    words = (said.get("og:description", ""), said.get("description", ""), told.description or "", told.text or "")
    found = Found(
        link=address,
        title=title,
        summary=next(filter(says_something, words), ""),
        picture=_picture(said, told.image or "", url),
        author=told.author or "",
        categories=[said.get("article:section", "")],
        language=_language(markup, said),
        published_at=moment(_date(markup, said, told)),
    )
    return make_entry(found, address)


def site_name(markup: str) -> str:
    """What a site calls itself, "" where it does not."""
    title = _TITLE.search(markup[:HEAD_LENGTH])
    return line(_metadata(markup).get("og:site_name", "") or html.unescape(title[1] if title else ""))


def _metadata(markup: str) -> Mapping[str, str]:
    """What the <meta> elements say, each name once: the first has it."""
    said: dict[str, str] = {}
    for tag in tags(markup[:HEAD_LENGTH], "meta"):
        name = (tag.get("property") or tag.get("name") or "").lower()
        said.setdefault(name, line(tag.get("content", "")))
    return said


def _read(markup: str, url: str) -> Document:
    """What trafilatura makes of it; it wants the text to be an article, and the metadata stand without one."""
    dates = {"original_date": True, "extensive_search": False}  # extensively, it takes any date in the text
    whole = trafilatura.bare_extraction(
        markup, url=url, fast=True, include_comments=False, with_metadata=True, date_extraction_params=dates
    )
    return whole if isinstance(whole, Document) else trafilatura.extract_metadata(markup, url, {**dates, "url": url})


def _picture(said: Mapping[str, str], fallback: str, url: str) -> Picture:
    address = said.get("og:image:secure_url") or said.get("og:image") or said.get("twitter:image") or fallback
    sides = {side: said.get(f"og:image:{side}") for side in ("width", "height")}
    kind = said.get("og:image:type", "")
    found = widest([{"medium": "image", "type": kind, "url": address, **sides}] if address else [], url)
    return Picture(found.url, said.get("og:image:alt", "") if found.url else "")


def _language(markup: str, said: Mapping[str, str]) -> str:
    page = next(tags(markup[:HEAD_LENGTH], "html"), {})
    return page.get("lang") or said.get("og:locale") or said.get("content-language") or ""


def _date(markup: str, said: Mapping[str, str], told: Document) -> str:
    """With its hour, where the page says it."""
    stated = _DATE.search(markup)
    return said.get("article:published_time") or (stated[1] if stated else "") or told.date or ""

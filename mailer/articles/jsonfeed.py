"""JSON Feed, versions 1 and 1.1 (jsonfeed.org)."""

import json
from typing import Any

from mailer.articles.canonical import uri
from mailer.articles.entry import Feed, Found, NotAFeed, language_tag, make_entry, moment
from mailer.articles.pictures import Picture, first_in, widest
from mailer.articles.text import MARKUP_LENGTH, line, plain, says_something


def read(text: str, url: str) -> Feed:
    """The feed in `text`, which was served from `url`. Raises NotAFeed when there is none in it."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise NotAFeed("This address answers with broken JSON, not with a feed.") from None
    items = document.get("items") if isinstance(document, dict) else None
    if not isinstance(items, list) or "jsonfeed" not in str(document.get("version")):
        raise NotAFeed("This address answers with JSON that is not a feed.")
    home = uri(_text(document, "home_page_url"), url) or url
    language = language_tag(_text(document, "language"))
    found = (_found(item, document, language, home) for item in items if isinstance(item, dict))
    entries = (make_entry(one, home) for one in found)
    return Feed(line(_text(document, "title")), language, tuple(entry for entry in entries if entry is not None))


def _found(item: dict[str, Any], document: dict[str, Any], language: str, home: str) -> Found:
    link = _text(item, "url")
    markup = _text(item, "content_html")
    words = (_text(item, "summary"), _text(item, "content_text")[:MARKUP_LENGTH], plain(markup))
    tags = item.get("tags")
    return Found(
        link=uri(link, home) if link else "",
        guid=_text(item, "id"),
        title=_text(item, "title"),
        summary=next(filter(says_something, words), ""),
        picture=_picture(item, markup, home),
        author=_authors(item) or _authors(document),
        categories=[str(tag) for tag in tags] if isinstance(tags, list) else [],
        language=_text(item, "language") or language,
        published_at=moment(_text(item, "date_published") or _text(item, "date_modified")),
    )


def _text(holder: dict[str, Any], key: str) -> str:
    """A value that should be text; identifiers are numbers in many feeds."""
    value = holder.get(key)
    return str(value).strip() if isinstance(value, str | int | float) else ""


def _picture(item: dict[str, Any], markup: str, home: str) -> Picture:
    offers = [{"medium": "image", "url": _text(item, key)} for key in ("image", "banner_image")]
    offered = widest([offer for offer in offers if offer["url"]], home)
    return offered if offered.url else first_in(markup, home)


def _authors(holder: dict[str, Any]) -> str:
    authors = holder.get("authors") or [holder.get("author")]
    names = [_text(author, "name") for author in authors if isinstance(author, dict)]
    return ", ".join(name for name in names if name)

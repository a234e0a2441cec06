"""Posts as the REST API of WordPress gives them: /wp-json/wp/v2/posts, with what belongs to each embedded.

developer.wordpress.org/rest-api/reference/posts; `modified_after` came with WordPress 5.7, older ones ignore it.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from mailer.articles.encoding import decode
from mailer.articles.entry import Entry, Found, NotAFeed, make_entry, moment
from mailer.articles.footers import without_footer
from mailer.articles.pictures import Picture, first_in, widest
from mailer.articles.text import heading, plain, says_something

PER_PAGE = 50
POSTS = "/wp/v2/posts"

_FIELDS = "id,guid,link,date_gmt,modified_gmt,title,excerpt,content,_links,_embedded"
_EMBEDDED = "author,wp:featuredmedia,wp:term"
_NO_CATEGORY = "uncategorized"
"""The slug of the category that a post has when nobody chose one."""


@dataclass(frozen=True)
class Page:
    """One page of posts: how many pages there are, and when its posts were changed."""

    entries: tuple[Entry, ...]
    pages: int
    changes: tuple[datetime, ...]


def posts_of(root: str) -> str:
    """Where the posts are, from the address of the API: /wp-json/, or ?rest_route=/ on sites without pretty ones."""
    parts = urlsplit(root)
    query = dict(parse_qsl(parts.query))
    if "rest_route" in query:
        return urlunsplit(parts._replace(query=urlencode(query | {"rest_route": POSTS}, safe="/")))
    return urlunsplit(parts._replace(path=parts.path.rstrip("/") + POSTS, query=""))


def latest(url: str) -> str:
    """The address of the newest posts of `url`."""
    return _address(url, orderby="date", order="desc")


def changed(url: str, after: datetime) -> str:
    """The address of the posts changed after that moment, first change first."""
    return _address(url, orderby="modified", order="asc", modified_after=_moment(after))


def changed_within(url: str, after: datetime, before: datetime, number: int) -> str:
    """The address of the page with this number (from 1) of the posts changed between two moments, newest post first."""
    span = {"modified_after": _moment(after), "modified_before": _moment(before)}
    return _address(url, orderby="id", order="desc", page=str(number), **span)


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _address(url: str, **more: str) -> str:
    parts = urlsplit(url)
    given = dict(parse_qsl(parts.query, keep_blank_values=True))  # of the editor, such as categories=5
    wanted = {"_embed": _EMBEDDED, "_fields": _FIELDS, "per_page": str(PER_PAGE)}
    return urlunsplit(parts._replace(query=urlencode(given | wanted | more, safe=",:/"), fragment=""))


def read(data: bytes, headers: Mapping[str, str], url: str) -> Page:
    """The posts that `url` answered with. Raises NotAFeed."""
    posts = [post for post in _list(data, headers.get("content-type", "")) if isinstance(post, dict)]
    entries = (make_entry(_found(post), url) for post in posts if not _holder(post, "content").get("protected"))
    changes = (moment(_text(post, "modified_gmt")) for post in posts)
    pages = headers.get("x-wp-totalpages", "")
    return Page(
        tuple(entry for entry in entries if entry is not None),
        int(pages) if pages.isascii() and pages.isdigit() else 1,
        tuple(change for change in changes if change is not None),
    )


def _list(data: bytes, content_type: str) -> list[Any]:
    try:
        document = json.loads(decode(data, content_type).strip())
    except (ValueError, RecursionError):
        raise NotAFeed("This address does not answer with the posts of a WordPress site.") from None
    if isinstance(document, dict) and "code" in document:
        raise NotAFeed(f"WordPress refuses to give its posts: {heading(_text(document, 'message'))[:200]}")
    if not isinstance(document, list):
        raise NotAFeed("This address answers with JSON, but not with the posts of a WordPress site.")
    return document


def _found(post: dict[str, Any]) -> Found:
    link = _text(post, "link")
    excerpt, content = (without_footer(_text(_holder(post, key), "rendered"), link) for key in ("excerpt", "content"))
    embedded = _holder(post, "_embedded")
    return Found(
        link=link,
        guid=_text(_holder(post, "guid"), "rendered") or _text(post, "id"),
        title=heading(_text(_holder(post, "title"), "rendered")),
        summary=next(filter(says_something, map(plain, (excerpt, content))), ""),
        picture=_picture(embedded, content, link),
        author=", ".join(filter(None, (heading(_text(author, "name")) for author in _all(embedded.get("author"))))),
        categories=list(_categories(embedded)),
        published_at=moment(_text(post, "date_gmt")),
    )


def _picture(embedded: dict[str, Any], content: str, link: str) -> Picture:
    media = next(_all(embedded.get("wp:featuredmedia")), {})
    details = _holder(media, "media_details")
    sizes = [size for size in _holder(details, "sizes").values() if isinstance(size, dict)]
    original = {**details, "source_url": media.get("source_url"), "mime_type": media.get("mime_type")}
    offers = [_offer(size) for size in (*sizes, original) if size.get("source_url")]
    found = widest(offers, link)
    return Picture(found.url, heading(_text(media, "alt_text"))) if found.url else first_in(content, link)


def _offer(size: dict[str, Any]) -> dict[str, Any]:
    sides = {side: size.get(side) for side in ("width", "height")}
    return {"url": size["source_url"], "type": size.get("mime_type"), "length": size.get("filesize"), **sides}


def _categories(embedded: dict[str, Any]) -> Iterator[str]:
    groups = embedded.get("wp:term")
    for group in groups if isinstance(groups, list) else []:
        for term in _all(group):
            if term.get("taxonomy") == "category" and term.get("slug") != _NO_CATEGORY:
                yield heading(_text(term, "name"))


def _all(values: Any) -> Iterator[dict[str, Any]]:
    """The objects in a list. In the place of one that strangers may not see stands an error, which has a `code`."""
    for value in values if isinstance(values, list) else []:
        if isinstance(value, dict) and "code" not in value:
            yield value


def _holder(holder: dict[str, Any], key: str) -> dict[str, Any]:
    value = holder.get(key)
    return value if isinstance(value, dict) else {}


def _text(holder: dict[str, Any], key: str) -> str:
    value = holder.get(key)
    return str(value) if isinstance(value, str | int) else ""

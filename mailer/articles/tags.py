"""What stands in single elements of a web page: its links, its metadata, its pictures."""

import html
import re
from collections.abc import Iterator
from functools import cache
from urllib.parse import urlsplit

from mailer.articles.canonical import uri

_ATTRIBUTE = re.compile(r"""([a-zA-Z][a-zA-Z-]*)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")


def tags(markup: str, name: str) -> Iterator[dict[str, str]]:
    """The attributes of each element of this name, in order; their names in lower case, their values decoded."""
    for tag in _opening(name).finditer(markup):
        yield {key.lower(): html.unescape(a or b or c) for key, a, b, c in _ATTRIBUTE.findall(tag[1])}


def own_address(markup: str, url: str) -> str:
    """The address that the page at `url` gives itself for search engines, else `url`.

    One that leads to a front page is a mistake of the site.
    """
    links = (link for link in tags(markup, "link") if link.get("rel", "").lower() == "canonical")
    named = next((address for link in links if (address := uri(link.get("href", ""), url))), "")
    return url if is_front(named) else named


def is_front(address: str) -> bool:
    """Whether it is the front page of a site, or no address at all."""
    parts = urlsplit(address)
    return not parts.path.strip("/") and not parts.query


@cache
def _opening(name: str) -> re.Pattern[str]:
    return re.compile(rf"<{name}\b([^<>]*)>", re.IGNORECASE)

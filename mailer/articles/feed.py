"""The bytes of a feed, of whatever kind, turned into entries.

Dates: what cannot be read, or lies before 1995, is no date (None). Dates without a zone count as UTC. Whether a date
is too far ahead is for `ingest` to say, which knows what time it is.
"""

import html
import re

from mailer.articles import jsonfeed, syndication
from mailer.articles.canonical import uri
from mailer.articles.encoding import decode
from mailer.articles.entry import Entry, Feed, NotAFeed

__all__ = ["Entry", "Feed", "NotAFeed", "parse"]

_PAGE = re.compile(r"(?:<\?xml[^>]*>|<!--.*?-->|\s)*(?:<!doctype\s+html|<html)\b", re.IGNORECASE | re.DOTALL)
_LINK = re.compile(r"<link\b[^<>]*>", re.IGNORECASE)
_FEED_TYPE = re.compile(r"application/(?:rss\+xml|atom\+xml|feed\+json)", re.IGNORECASE)
_HREF = re.compile(r"""\bhref\s*=\s*["']?([^"'\s<>]+)""", re.IGNORECASE)

HEAD_LENGTH = 100_000
"""Characters of a web page in which its feed is looked for."""


def parse(data: bytes, content_type: str, url: str) -> Feed:
    """Read what `url` answered with `content_type` (a header's value, may be empty). Raises NotAFeed."""
    text = decode(data, content_type).lstrip()
    if not text:
        raise NotAFeed("This address answers with nothing at all.")
    if _PAGE.match(text[:HEAD_LENGTH]):
        raise NotAFeed(_about_page(text[:HEAD_LENGTH], url))
    if text[0] in "{[":
        return jsonfeed.read(text, url)
    return syndication.read(text, url)


def _about_page(text: str, url: str) -> str:
    for link in _LINK.findall(text):
        if _FEED_TYPE.search(link) and (href := _HREF.search(link)) and (feed := uri(html.unescape(href[1]), url)):
            return f"This address is a web page, not a feed. The page says that its feed is {feed}"
    return "This address is a web page, not a feed. Ask the site for the address of its RSS or Atom feed."

"""The bytes of a feed, of whatever kind, turned into entries.

Dates that cannot be read are None, and those without a zone count as UTC. Whether a date can be is for `dates`.
"""

import re

from mailer.articles import jsonfeed, syndication
from mailer.articles.canonical import uri
from mailer.articles.encoding import decode
from mailer.articles.entry import Entry, Feed, NotAFeed
from mailer.articles.tags import tags

__all__ = ["Entry", "Feed", "NotAFeed", "parse"]

_PAGE = re.compile(r"(?:<\?xml[^>]*>|<!--.*?-->|\s)*(?:<!doctype\s+html|<html|<head)\b", re.IGNORECASE | re.DOTALL)
_COMMENTS = re.compile(r"\bcomments\b", re.IGNORECASE)

FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml")

HEAD_LENGTH = 100_000
"""Characters of a web page in which its feeds are looked for."""


def parse(data: bytes, content_type: str, url: str) -> Feed:
    """Read what `url` answered with `content_type` (a header's value, may be empty). Raises NotAFeed."""
    text = decode(data, content_type).lstrip()
    if not text:
        raise NotAFeed("This address answers with nothing at all.")
    if is_page(text):
        raise NotAFeed(_about_page(text[:HEAD_LENGTH], url))
    if text[0] in "{[":
        return jsonfeed.read(text, url)
    return syndication.read(text, url)


def is_page(text: str) -> bool:
    """Whether it is a web page, and no feed."""
    return _PAGE.match(text[:HEAD_LENGTH]) is not None


def offered_by(page: str, url: str) -> list[str]:
    """The addresses of the feeds that a web page at `url` names in its head, in its order; none for comments."""
    links = (link for link in tags(page[:HEAD_LENGTH], "link") if link.get("type", "").lower() in FEED_TYPES)
    named = (uri(link.get("href", ""), url) for link in links if not _COMMENTS.search(str(link)))
    return list(dict.fromkeys(address for address in named if address))


def _about_page(text: str, url: str) -> str:
    if feeds := offered_by(text, url):
        return f"This address is a web page, not a feed. The page says that its feed is {feeds[0]}"
    return "This address is a web page, not a feed. Ask the site for the address of its RSS or Atom feed."

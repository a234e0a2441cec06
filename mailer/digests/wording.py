"""Wording that spam filters dislike. Judgement only; every rule is a hint, none keeps an issue from leaving."""

import ipaddress
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from mailer.digests.checks import Finding, Level
from mailer.digests.printed import IssueContent

SHORTENERS = frozenset(
    {"bit.ly", "buff.ly", "cutt.ly", "goo.gl", "is.gd", "ow.ly", "rebrand.ly", "t.co", "tinyurl.com"}
)
FEWEST_CAPITALS = 10
"""Letters that a text needs before its capitals say something."""

_SHOUTED = re.compile(r"[!！]{2,}")
_DOMAIN = re.compile(r"\b((?:[a-z0-9-]+\.)+[a-z]{2,})\b", re.IGNORECASE)


def wording(content: IssueContent) -> list[Finding]:
    """What to say more quietly, and where a link looks like a trick."""
    return [*_loud(content), *(finding for text, url in _links(content) for finding in _link(text, url))]


def _loud(content: IssueContent) -> Iterator[Finding]:
    for name, text in (("subject", content.subject), ("preview line", content.preview_line)):
        if _capitals(text):
            yield Finding(Level.LOOK, f"The {name} is in capitals. Filters take that for spam.", "Write it quietly.")
        if _SHOUTED.search(text):
            sentence = f"The {name} has several exclamation marks in a row. Filters take that for spam."
            yield Finding(Level.LOOK, sentence, "One is enough, none is better.")


def _capitals(text: str) -> bool:
    cased = [letter for letter in text if letter.isupper() or letter.islower()]
    return len(cased) >= FEWEST_CAPITALS and sum(map(str.isupper, cased)) > 0.7 * len(cased)


def _links(content: IssueContent) -> Iterator[tuple[str, str]]:
    yield from ((article.title, article.url) for article in content.articles if article.url)
    if (ad := content.advertisement) and ad.url:
        yield ad.title or ad.text, ad.url


def _link(text: str, url: str) -> Iterator[Finding]:
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    if _is_number(host):
        yield Finding(Level.LOOK, f"“{text}” leads to {host}, a number. Filters refuse that.", "Use the site's name.")
    if host in SHORTENERS:
        sentence = f"“{text}” leads to {host}, which hides where it goes. Filters refuse that."
        yield Finding(Level.LOOK, sentence, "Use the whole address.")
    shown = next((found.lower().removeprefix("www.") for found in _DOMAIN.findall(text)), "")
    if _is_site(shown) and not (host == shown or host.endswith(f".{shown}") or shown.endswith(f".{host}")):
        sentence = f"“{text}” shows {shown} and leads to {host}. Filters take that for a trick."
        yield Finding(Level.LOOK, sentence, "Name the site it leads to, or none.")


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_site(text: str) -> bool:
    """Whether it is meant as the name of a site: the endings are those people type, so that “e.g.it” is none."""
    return text.rpartition(".")[2] in {
        "com",
        "net",
        "org",
        "info",
        "az",
        "ru",
        "tr",
        "de",
        "fr",
        "es",
        "kz",
        "uk",
        "cn",
    }

"""What every kind of feed comes down to: entries, clean and of a size that fits every table and every mail."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import unquote, urlsplit

from mailer.articles.canonical import LONGEST, anchored, uri
from mailer.articles.pictures import NO_PICTURE, Picture
from mailer.articles.text import line, lines, says_something, shorten

TITLE_LENGTH = 300
UNTITLED_LENGTH = 100
SENTENCE_ENDS = (".", "!", "?", "؟", "。", "！", "？")
AUTHOR_LENGTH = 300
CATEGORY_LENGTH = 200
CATEGORIES = 20
"""Of one entry; some sites put every word of the text among them."""

LANGUAGE_LENGTH = 35

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")


@dataclass(frozen=True)
class Entry:
    """One thing a feed offers to read. Everything is text without HTML; addresses are absolute, ASCII, http or https.

    `guid` is how the feed itself tells its entries apart, "" where it does not. `published_at` is None where the feed
    does not say, or says what cannot be read; whether it can be is for `dates`. The first of the `categories` is the
    `section`.
    """

    guid: str
    url: str
    title: str
    summary: str = ""
    picture_url: str = ""
    picture_alt: str = ""
    author: str = ""
    section: str = ""
    categories: tuple[str, ...] = ()
    language: str = ""
    published_at: datetime | None = None


@dataclass(frozen=True)
class Feed:
    """A feed as it was read: newest first in most, and only what the outlet offers just now."""

    title: str
    language: str
    entries: tuple[Entry, ...]


class NotAFeed(Exception):
    """There is no feed at this address; the text is a sentence for an editor."""


@dataclass(frozen=True)
class Found:
    """What a format's reader found in one entry: words as text, addresses as written."""

    link: str = ""
    guid: str = ""
    title: str = ""
    summary: str = ""
    picture: Picture = NO_PICTURE
    author: str = ""
    categories: Sequence[str] = ()
    language: str = ""
    published_at: datetime | None = None


def make_entry(found: Found, home: str) -> Entry | None:
    """The entry, or None for an empty shell: no words to read and nowhere to go.

    The address is the link, else the guid where that is one, else the site's `home` with a fragment made of what
    identifies the entry; so each has one, and the same at every poll. A missing title is made of the summary, or of
    the words in the address.
    """
    guid, summary, categories = line(found.guid), lines(found.summary), _categories(found.categories)
    title = line(found.title) or shorten(summary, UNTITLED_LENGTH)
    url = uri(found.link) or uri(guid)
    if not (title or url):
        return None
    url = url or uri(anchored(home, guid or title))
    return Entry(
        guid=guid if len(guid) <= LONGEST else hashlib.sha256(guid.encode()).hexdigest(),
        url=url,
        title=shorten(title, TITLE_LENGTH) or _words_in(url),
        summary=_summary(summary, title),
        picture_url=found.picture.url,
        picture_alt=shorten(line(found.picture.alt)),
        author=line(found.author)[:AUTHOR_LENGTH],
        section=next(iter(categories), ""),
        categories=categories,
        language=language_tag(found.language),
        published_at=found.published_at,
    )


def _categories(names: Sequence[str]) -> tuple[str, ...]:
    """Each once, whatever its case, as the source spells it first."""
    spelled: dict[str, str] = {}
    for name in map(line, names):
        if name and len(spelled) < CATEGORIES:
            spelled.setdefault(name[:CATEGORY_LENGTH].casefold(), name[:CATEGORY_LENGTH])
    return tuple(spelled.values())


def _summary(text: str, title: str) -> str:
    """The summary, without the title where it begins with it as a line or as a sentence of its own."""
    begins = text[: len(title)].casefold() == title.casefold()
    if begins and (text[len(title) :][:1] in ("", "\n") or title.endswith(SENTENCE_ENDS)):
        text = text[len(title) :].lstrip()
    return shorten(text) if says_something(text) else ""


def language_tag(tag: str) -> str:
    """A language in the usual spelling of BCP 47 ("az", "ru-RU", "zh-Hans"); "" when it is none."""
    tag = line(tag).replace("_", "-")
    if not _LANGUAGE.fullmatch(tag) or len(tag) > LANGUAGE_LENGTH:
        return ""
    primary, *rest = tag.lower().split("-")
    return "-".join([primary, *map(_subtag, rest)])


def _subtag(part: str) -> str:
    return part.upper() if len(part) == 2 else part.title() if len(part) == 4 and part.isalpha() else part


def moment(text: str) -> datetime | None:
    """A date as JSON and sitemaps write it (ISO 8601), in UTC where it names no zone; None when it is none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def _words_in(url: str) -> str:
    parts = urlsplit(url)
    longest = max(unquote(parts.path).split("/"), key=len)
    words = line(re.sub(r"[-_+]+|\.\w{2,5}$", " ", longest))[:TITLE_LENGTH]
    return words[:1].upper() + words[1:] or parts.netloc

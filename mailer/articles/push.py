"""Articles that a program brings: the newsroom's own CMS sends what it publishes, and shows the key of its source."""

import hashlib
import hmac
import secrets
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.articles import aliases, ingest
from mailer.articles.adding import TITLE_LENGTH
from mailer.articles.canonical import LONGEST, canonical, uri
from mailer.articles.entry import CATEGORIES, CATEGORY_LENGTH, Entry, Feed, Found, language_tag, make_entry
from mailer.articles.kinds import SourceKind
from mailer.articles.models import Article, Source
from mailer.articles.pictures import Picture, is_shown
from mailer.newsletters.models import Newsletter, Topic

MOST = 100
"""Articles of one push."""

SUMMARY_LENGTH = 5000
"""Characters that are taken; a summary keeps its first sentences."""


def _address(written: str) -> str:
    if not uri(written):
        raise ValueError("has to be an address that begins with https:// or http://")
    return written


def _picture(written: str) -> str:
    if written and not is_shown(written):
        raise ValueError("has to be the https:// address of a JPEG, PNG or GIF; mail programs do not show the others")
    return written


def _language(written: str) -> str:
    if written and not language_tag(written):
        raise ValueError("has to be a language tag, such as az or pt-BR")
    return written


class Pushed(BaseModel):
    """One article, as a program describes it. Everything is text without HTML."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    url: Annotated[str, Field(max_length=LONGEST), AfterValidator(_address)]
    title: Annotated[str, Field(min_length=1, max_length=300)]
    summary: Annotated[str, Field(max_length=SUMMARY_LENGTH)] = ""
    picture_url: Annotated[str, Field(max_length=LONGEST), AfterValidator(_picture)] = ""
    picture_alt: Annotated[str, Field(max_length=500)] = ""
    author: Annotated[str, Field(max_length=300)] = ""
    categories: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=CATEGORY_LENGTH)]], Field(max_length=CATEGORIES)
    ] = []
    language: Annotated[str, AfterValidator(_language)] = ""
    published_at: AwareDatetime | None = None
    id: Annotated[str, Field(max_length=LONGEST)] = ""


class Push(BaseModel):
    """What a program sends: some articles at once."""

    model_config = ConfigDict(extra="forbid")

    articles: Annotated[list[Pushed], Field(min_length=1, max_length=MOST)]


class Result(StrEnum):
    """What became of an article that was pushed."""

    NEW = "new"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


def add(session: Session, newsletter: Newsletter, title: str, topic: Topic | None, now: datetime) -> tuple[Source, str]:
    """A source that takes pushes, and its key, which is not kept and so is shown this once."""
    source = Source(
        newsletter_id=newsletter.id,
        topic_id=topic.id if topic else None,
        kind=SourceKind.PUSH.value,
        url=f"push:{secrets.token_hex(8)}",  # stands where other sources have an address
        title=title[:TITLE_LENGTH],
        created_at=now,
        next_poll_at=now,
    )
    key = new_key(source)
    session.add(source)
    session.flush()
    return source, key


def new_key(source: Source) -> str:
    """A key for the source, to be shown this once; the one before opens nothing any more."""
    key = f"push_{secrets.token_urlsafe(32)}"
    source.key_hash = _hash(key)
    return key


def opens(source: Source, key: str) -> bool:
    """Whether this is the source's key."""
    return hmac.compare_digest(source.key_hash, _hash(key))


def take(session: Session, source: Source, push: Push, now: datetime) -> list[Result]:
    """Store the articles; what became of each. The same push once more changes nothing."""
    entries = [_entry(each) for each in push.articles]
    stored = ingest.store(session, source, Feed("", "", tuple(entries)), now)
    source.succeeded_at = now
    source.newest_at = now if stored.new else source.newest_at
    names = [canonical(entry.url) for entry in entries]
    rows = aliases.by_name(session, select(Article.canonical_url, Article.seen_at, Article.updated_at), names)
    return [_result(rows[name].seen_at, rows[name].updated_at, now) for name in names]


def _entry(pushed: Pushed) -> Entry:
    found = Found(
        link=pushed.url,
        guid=pushed.id,
        title=pushed.title,
        summary=pushed.summary,
        picture=Picture(uri(pushed.picture_url), pushed.picture_alt),
        author=pushed.author,
        categories=pushed.categories,
        language=pushed.language,
        published_at=pushed.published_at,
    )
    entry = make_entry(found, pushed.url)
    assert entry is not None  # it has an address
    return entry


def _result(seen_at: datetime, updated_at: datetime, now: datetime) -> Result:
    if seen_at == now:
        return Result.NEW
    return Result.UPDATED if updated_at == now else Result.UNCHANGED


def _hash(key: str) -> str:
    """A random key of 256 bits needs no salt and no slow hash."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()

"""Store what a feed offers: each article once, whichever source brings it, and a sighting for each source that does.

The source that brought an article first speaks for it: its later changes change the article, those of others do not.
Otherwise two feeds that word it differently would overwrite each other at every poll.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from mailer.articles.canonical import canonical
from mailer.articles.feed import Entry, Feed
from mailer.articles.models import Article, Sighting, Source
from mailer.db import insert

CHUNK = 500
"""Entries per statement; SQLite takes about 32,000 values in one."""

AHEAD = timedelta(days=1)
"""A date further in the future than this is an error of the source, and so no date."""

WORDS = ("title", "summary", "picture_url", "picture_alt", "author", "section", "language")
"""What is compared, and what changes an article. Not the address: many carry something new at every poll."""


@dataclass(frozen=True)
class Stored:
    """What became of the entries of one poll."""

    new: int = 0
    updated: int = 0
    seen: int = 0
    """All entries, the new and the updated ones among them."""

    @property
    def unchanged(self) -> int:
        return self.seen - self.new - self.updated


def store(session: Session, source: Source, feed: Feed, now: datetime) -> Stored:
    """Bring the articles up to what the feed says. An entry that is there twice counts as its first occurrence."""
    wanted: dict[str, Entry] = {}
    for entry in feed.entries:
        wanted.setdefault(canonical(entry.url), entry)
    guids = Counter(entry.guid for entry in wanted.values())
    new = updated = 0
    for chunk in _chunks(wanted):
        trusted = {entry.guid: name for name, entry in chunk.items() if entry.guid and guids[entry.guid] == 1}
        born, changed = _store(session, source.id, chunk, trusted, now)
        new, updated = new + born, updated + changed
    return Stored(new, updated, len(feed.entries))


def _chunks(wanted: Mapping[str, Entry]) -> Iterator[dict[str, Entry]]:
    names = sorted(wanted)  # in one order, or two polls that bring the same articles wait for each other for ever
    for start in range(0, len(names), CHUNK):
        yield {name: wanted[name] for name in names[start : start + CHUNK]}


def _store(
    session: Session, source_id: int, wanted: Mapping[str, Entry], guids: Mapping[str, str], now: datetime
) -> tuple[int, int]:
    known = _by_name(session, wanted)
    known |= _moved(session, source_id, wanted, guids, known)
    born = _insert(session, {name: entry for name, entry in wanted.items() if name not in known}, now)
    ids = {name: row.id for name, row in known.items()} | born
    if missing := [name for name in wanted if name not in ids]:  # another poll was quicker
        ids |= {name: row.id for name, row in _by_name(session, missing).items()}
    changed = {row.id: name for name, row in known.items() if _differs(row, name, wanted[name])}
    ours = changed.keys() - _owned_by_others(session, list(changed), source_id)
    _update(session, {article_id: name for article_id, name in changed.items() if article_id in ours}, wanted, now)
    _sight(session, source_id, {article_id: wanted[name].guid for name, article_id in ids.items()}, now)
    return len(born), len(ours)


_COLUMNS = (Article.id, Article.canonical_url, Article.published_at, *(getattr(Article, word) for word in WORDS))


def _by_name(session: Session, names: Iterable[str]) -> dict[str, Row[Any]]:
    rows = session.execute(select(*_COLUMNS).where(Article.canonical_url.in_(list(names))))
    return {row.canonical_url: row for row in rows}


def _moved(
    session: Session,
    source_id: int,
    wanted: Mapping[str, Entry],
    guids: Mapping[str, str],
    known: Mapping[str, Row[Any]],
) -> dict[str, Row[Any]]:
    """Articles this source has named so before, under another address, by their new canonical address."""
    strangers = {guid: name for guid, name in guids.items() if name not in known}
    if not strangers:
        return {}
    sighted = select(Sighting.guid, *_COLUMNS).join(Article, Article.id == Sighting.article_id)
    query = sighted.where(Sighting.source_id == source_id, Sighting.guid.in_(list(strangers))).order_by(Article.id)
    rows = [(strangers[row.guid], row) for row in session.execute(query)]
    taken = {row.id for row in known.values()}
    return {name: row for name, row in rows if row.id not in taken and _is_same(row, wanted[name])}


def _is_same(row: Row[Any], entry: Entry) -> bool:
    """Whether a known guid at a new address is the old article. Some sites number places on a page, not articles."""
    dates = (row.published_at, entry.published_at)
    return row.title == entry.title or None in dates or dates[0] == dates[1]


def _differs(row: Row[Any], name: str, entry: Entry) -> bool:
    return row.canonical_url != name or any(getattr(row, word) != getattr(entry, word) for word in WORDS)


def _insert(session: Session, entries: Mapping[str, Entry], now: datetime) -> dict[str, int]:
    """The ids of those that were not there yet."""
    if not entries:
        return {}
    rows = [
        {"canonical_url": name, "url": entry.url, "published_at": _published(entry, now), "seen_at": now}
        | {"updated_at": now, **_words(entry)}
        for name, entry in entries.items()
    ]
    statement = insert(session, Article).values(rows).on_conflict_do_nothing(index_elements=["canonical_url"])
    return {
        row.canonical_url: row.id for row in session.execute(statement.returning(Article.id, Article.canonical_url))
    }


def _owned_by_others(session: Session, article_ids: list[int], source_id: int) -> set[int]:
    """Those of the articles that another source brought first."""
    if not article_ids:
        return set()
    sightings = select(Sighting.article_id, Sighting.source_id).where(Sighting.article_id.in_(article_ids))
    first: dict[int, int] = {}
    for row in session.execute(sightings.order_by(Sighting.seen_at, Sighting.source_id)):
        first.setdefault(row.article_id, row.source_id)
    return {article_id for article_id, owner in first.items() if owner != source_id}


def _update(session: Session, changed: Mapping[int, str], wanted: Mapping[str, Entry], now: datetime) -> None:
    if changed:
        rows = [
            {"id": article_id, "canonical_url": name, "url": wanted[name].url, "updated_at": now}
            | _words(wanted[name])
            | ({"published_at": published} if (published := _published(wanted[name], now)) else {})
            for article_id, name in sorted(changed.items())
        ]
        session.execute(update(Article), rows)


def _sight(session: Session, source_id: int, guids: Mapping[int, str], now: datetime) -> None:
    mine = select(Sighting.article_id, Sighting.guid).where(
        Sighting.source_id == source_id, Sighting.article_id.in_(list(guids))
    )
    before = {row.article_id: row.guid for row in session.execute(mine)}
    rows = [
        {"article_id": article_id, "source_id": source_id, "guid": guid, "seen_at": now}
        for article_id, guid in guids.items()
        if before.get(article_id) != guid
    ]
    if rows:
        statement = insert(session, Sighting).values(rows)
        renamed = {"guid": statement.excluded.guid}
        session.execute(statement.on_conflict_do_update(index_elements=["article_id", "source_id"], set_=renamed))


def _words(entry: Entry) -> dict[str, str]:
    return {word: getattr(entry, word) for word in WORDS}


def _published(entry: Entry, now: datetime) -> datetime | None:
    return entry.published_at if entry.published_at and entry.published_at <= now + AHEAD else None

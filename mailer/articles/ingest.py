"""Store what a source offers: each article once, whichever source brings it, and a sighting for each source that does.

The source that brought an article first speaks for it: its later changes change the article, those of others do not.
Otherwise two feeds that word it differently would overwrite each other at every poll.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from mailer.articles import aliases, changes, clusters, dates
from mailer.articles.canonical import canonical
from mailer.articles.entry import Entry, Feed
from mailer.articles.language import contradicts, language_of
from mailer.articles.models import Article, Sighting, Source
from mailer.db import insert, take_turn

CHUNK = 500
"""Entries per statement; SQLite takes about 32,000 values in one."""

TURN = "articles"
"""Who stores articles or ties them waits for the others."""

WORDS = ("title", "summary", "picture_url", "picture_alt", "author", "section", "categories")
"""What is compared, and what changes an article. Not the address: many carry something new at every poll."""

COLUMNS = (
    *(Article.id, Article.canonical_url, Article.language, Article.published_at, Article.seen_at),
    *(getattr(Article, word) for word in WORDS),
)


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


@dataclass(frozen=True)
class _Poll:
    """What one poll brings: `wanted` are its entries by their names, `guids` names by what the source calls them."""

    source: Source
    wanted: dict[str, Entry]
    guids: dict[str, str]
    now: datetime
    backlog: bool


def store(session: Session, source: Source, feed: Feed, now: datetime, *, backlog: bool = False) -> Stored:
    """Bring the articles up to what the feed says. An entry that is there twice counts as its first occurrence.

    With `backlog` what is new is only known from now on: no issue takes it by itself.
    """
    take_turn(session, TURN)
    wanted: dict[str, Entry] = {}
    for entry in _without_stamps(feed.entries):
        wanted.setdefault(canonical(entry.url), entry)
    guids = Counter(entry.guid for entry in wanted.values())
    new = updated = 0
    for chunk in _chunks(wanted):
        trusted = {entry.guid: name for name, entry in chunk.items() if entry.guid and guids[entry.guid] == 1}
        born, changed = _store(session, _Poll(source, chunk, trusted, now, backlog))
        new, updated = new + born, updated + changed
    return Stored(new, updated, len(feed.entries))


def _without_stamps(entries: tuple[Entry, ...]) -> Iterable[Entry]:
    if not dates.are_stamped([entry.published_at for entry in entries]):
        return entries
    return (replace(entry, published_at=None) for entry in entries)


def _chunks(wanted: Mapping[str, Entry]) -> Iterator[dict[str, Entry]]:
    names = list(wanted)
    for start in range(0, len(names), CHUNK):
        yield {name: wanted[name] for name in names[start : start + CHUNK]}


def _store(session: Session, poll: _Poll) -> tuple[int, int]:
    """How many of the entries are new, and how many changed an article."""
    known = aliases.by_name(session, select(*COLUMNS), poll.wanted)
    moved = _moved(session, poll, known)
    known |= moved
    born = _insert(session, poll, [name for name in poll.wanted if name not in known])
    changed = _changed(session, poll, known, moved)
    _update(session, changed, poll.now)
    changes.keep(session, changed, poll.now)
    _learn_moves(session, changed, moved)
    ids = {name: row.id for name, row in known.items()} | born
    _sight(session, poll, {ids[name]: entry.guid for name, entry in reversed(poll.wanted.items())})
    clusters.tie(session, poll.source, list(born.values()), _reworded(changed), poll.now)
    return len(born), len(changed)


def _moved(session: Session, poll: _Poll, known: Mapping[str, Row[Any]]) -> dict[str, Row[Any]]:
    """Articles this source has named so before, under another address, by their new canonical address."""
    strangers = {guid: name for guid, name in poll.guids.items() if name not in known}
    if not strangers:
        return {}
    query = select(Sighting.guid, *COLUMNS).join(Article, Article.id == Sighting.article_id)
    query = query.where(Sighting.source_id == poll.source.id, Sighting.guid.in_(list(strangers)))
    rows = [(strangers[row.guid], row) for row in session.execute(query.order_by(Article.id))]
    taken = {row.id for row in known.values()}
    return {name: row for name, row in rows if row.id not in taken and _is_same(row, poll.wanted[name])}


def _is_same(row: Row[Any], entry: Entry) -> bool:
    """Whether a known guid at a new address is the old article. Some sites number places on a page, not articles."""
    return row.title == entry.title or (entry.published_at is not None and row.published_at == entry.published_at)


def _insert(session: Session, poll: _Poll, names: list[str]) -> dict[str, int]:
    """The ids of the new articles, in the order of the feed."""
    if not names:
        return {}
    rows = [
        {"canonical_url": name, "url": entry.url, "language": language_of(entry.language, _text(entry))}
        | {"published_at": dates.published(entry.published_at, poll.now), "seen_at": poll.now, "updated_at": poll.now}
        | {"backlog": poll.backlog, **_words(entry)}
        for name in names
        if (entry := poll.wanted[name])
    ]
    statement = insert(session, Article).returning(Article.id, Article.canonical_url)
    return {row.canonical_url: row.id for row in session.execute(statement, rows)}


Changed = dict[int, tuple[Row[Any], dict[str, Any]]]
"""Articles that become another: the row before, and its columns after."""


def _changed(session: Session, poll: _Poll, known: Mapping[str, Row[Any]], moved: Mapping[str, Row[Any]]) -> Changed:
    """The articles that this source speaks for and now tells otherwise."""
    changed: Changed = {}
    by_their_names_first = sorted(known.items(), key=lambda item: item[1].canonical_url != item[0])
    seen: set[int] = set()
    for name, row in by_their_names_first:
        if row.id in seen:  # it is in the feed under another name as well
            continue
        seen.add(row.id)
        entry = poll.wanted[name]
        after = _words(entry) | {
            "canonical_url": name if name in moved else row.canonical_url,
            "language": _language(row, entry),
            "published_at": dates.still_published(row.published_at, row.seen_at, entry.published_at),
        }
        if any(getattr(row, column) != value for column, value in after.items()):
            changed[row.id] = (row, after | {"url": entry.url})
    others = _owned_by_others(session, list(changed), poll.source.id)
    return {article_id: change for article_id, change in changed.items() if article_id not in others}


def _language(row: Row[Any], entry: Entry) -> str:
    """It is looked into again only when the words or the declaration change: detecting is slow."""
    if (row.title, row.summary) == (entry.title, entry.summary) and (
        entry.language in ("", row.language) or contradicts(entry.language, _text(entry))
    ):
        return str(row.language)
    return language_of(entry.language, _text(entry))


def _owned_by_others(session: Session, article_ids: list[int], source_id: int) -> set[int]:
    """Those of the articles that another source brought first."""
    if not article_ids:
        return set()
    sightings = select(Sighting.article_id, Sighting.source_id).where(Sighting.article_id.in_(article_ids))
    first: dict[int, int] = {}
    for row in session.execute(sightings.order_by(Sighting.seen_at, Sighting.source_id)):
        first.setdefault(row.article_id, row.source_id)
    return {article_id for article_id, owner in first.items() if owner != source_id}


def _reworded(changed: Changed) -> list[int]:
    return [
        each for each, (row, after) in changed.items() if (row.title, row.summary) != (after["title"], after["summary"])
    ]


def _update(session: Session, changed: Changed, now: datetime) -> None:
    if changed:
        rows = [{"id": each, "updated_at": now} | after for each, (_, after) in sorted(changed.items())]
        session.execute(update(Article), rows)


def _learn_moves(session: Session, changed: Changed, moved: Mapping[str, Row[Any]]) -> None:
    """An article that moved keeps its old name too; one that another source speaks for gets the new name besides."""
    names = {row.canonical_url if row.id in changed else name: row.id for name, row in moved.items()}
    aliases.learn(session, names)


def _sight(session: Session, poll: _Poll, guids: Mapping[int, str]) -> None:
    mine = select(Sighting.article_id, Sighting.guid).where(
        Sighting.source_id == poll.source.id, Sighting.article_id.in_(list(guids))
    )
    before = {row.article_id: row.guid for row in session.execute(mine)}
    rows = [
        {"article_id": article_id, "source_id": poll.source.id, "guid": guid, "seen_at": poll.now}
        for article_id, guid in guids.items()
        if before.get(article_id) != guid
    ]
    if rows:
        statement = insert(session, Sighting).values(rows)
        renamed = {"guid": statement.excluded.guid}
        session.execute(statement.on_conflict_do_update(index_elements=["article_id", "source_id"], set_=renamed))


def _words(entry: Entry) -> dict[str, str]:
    given = {word: getattr(entry, word) for word in WORDS if word != "categories"}
    return given | {"categories": "\n".join(entry.categories)}


def _text(entry: Entry) -> str:
    return f"{entry.title}\n{entry.summary}"

"""Items that look new but cannot all be: a site moved, or gives its items new names. They are held for a look.

The rule. A source that is known is held when more than half of what it offers is unknown, by address and by the
source's own identifier, and

- at least FEW of the unknown are dated before our last good reading (by more than LATE, as some appear late), or have
  no date: we should have seen them then; or
- more than MANY are unknown, and more than thrice as many as its habit would have brought since that reading.

Nothing of a held reading is stored, and the source is read on: when it comes to itself, so does the hold.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.articles import aliases, dates
from mailer.articles.canonical import canonical
from mailer.articles.entry import Entry, Feed
from mailer.articles.models import Article, Sighting, Source

FEW = 8
MANY = 30
LATE = timedelta(hours=3)
TIMES = 3
CHUNK = 500
"""Names in one query; SQLite takes about 32,000 values."""


def looks_wrong(session: Session, source: Source, feed: Feed, now: datetime) -> int:
    """How many items are to be held; 0 when all is well with them."""
    last = source.succeeded_at
    if last is None or len(feed.entries) < FEW or not _is_known(session, source):
        return 0
    strangers = _unknown(session, source, feed)
    if len(strangers) * 2 <= len(feed.entries):
        return 0
    late = _dated_before(strangers, last - LATE)
    return len(strangers) if late >= FEW or _is_flood(source, len(strangers), last, now) else 0


def _unknown(session: Session, source: Source, feed: Feed) -> list[Entry]:
    """The entries that no article has the address of, and this source has not named before."""
    found: list[Entry] = []
    names = {canonical(entry.url): entry for entry in feed.entries}
    for chunk in _chunks(list(names)):
        addresses = aliases.by_name(session, select(Article.id, Article.canonical_url), chunk)
        left = [names[name] for name in chunk if name not in addresses]
        mine = select(Sighting.guid).where(Sighting.source_id == source.id)
        guids = set(session.scalars(mine.where(Sighting.guid.in_([entry.guid for entry in left if entry.guid]))))
        found += [entry for entry in left if entry.guid not in guids]
    return found


def _chunks(names: list[str]) -> Iterator[list[str]]:
    return (names[start : start + CHUNK] for start in range(0, len(names), CHUNK))


def _dated_before(entries: list[Entry], moment: datetime) -> int:
    """How many are dated before the moment, or are not dated; all one date is none."""
    moments = [entry.published_at for entry in entries]
    if dates.are_stamped(moments):
        return len(moments)
    return sum(1 for date in moments if date is None or date < moment)


def _is_known(session: Session, source: Source) -> bool:
    seen = select(Sighting.article_id).where(Sighting.source_id == source.id).limit(FEW)
    return len(session.scalars(seen).all()) == FEW


def _is_flood(source: Source, count: int, last: datetime, now: datetime) -> bool:
    habits = (now - last) / timedelta(minutes=source.habit_minutes) if source.habit_minutes else 1
    return count > MANY and count > TIMES * max(habits, 1)

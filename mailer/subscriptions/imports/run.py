"""One file on its way into a newsletter: in bulk, a chunk at a time, safe to repeat.

The caller commits after each chunk, or rolls it back to see what would happen.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlalchemy.orm import Session

from mailer.newsletters.models import Newsletter
from mailer.subscriptions.imports import store
from mailer.subscriptions.imports.intake import Row
from mailer.subscriptions.imports.joining import Joining
from mailer.subscriptions.imports.leaving import Leaving
from mailer.subscriptions.imports.sheet import BadRow
from mailer.subscriptions.imports.standings import Standing

CHUNK = 5_000
"""Rows per transaction: few enough to hold in memory and to bind in one statement."""


@dataclass
class Tally:
    """What became of the rows; `rows` is the sum of the others. Only the first two groups are mailed."""

    rows: int = 0
    imported: int = 0
    already: int = 0
    """Were readers here before."""
    unsubscribed: int = 0
    """Had left here, and stay so."""
    suppressed: int = 0
    """May not be mailed, by what was known here."""
    left_there: int = 0
    """Left there: kept as unsubscribed."""
    blocked_there: int = 0
    """Bounced or were blocked there: suppressed here."""
    unconfirmed: int = 0
    """Never confirmed there: left out."""
    outside: int = 0
    """Contacts there, not readers: left out."""
    duplicates: int = 0
    """Came in the file before: the first row counts."""
    bad: int = 0


def chunks(rows: Iterable[Row | BadRow]) -> Iterator[list[Row | BadRow]]:
    """The rows, a chunk at a time."""
    iterator = iter(rows)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk


class Import:
    """Takes rows in and counts them. `wording` says where and when these readers agreed, `file` is its name."""

    def __init__(
        self, session: Session, newsletter: Newsletter, *, wording: str, file: str, report: Callable[[BadRow], None]
    ) -> None:
        self.tally = Tally()
        self._session = session
        self._topics = {topic.slug: topic.mask for topic in newsletter.topics}
        self._joining = Joining(session, newsletter.id, self._topics, wording, file)
        self._leaving = Leaving(session, newsletter.id, file)
        self._report = report
        self._seen = _Seen()

    def store(self, chunk: Sequence[Row | BadRow], now: datetime) -> None:
        """Take one chunk in and count it."""
        good, tally = self._good(chunk), self.tally
        groups = {standing: _of(good, standing) for standing in Standing}
        self._leaving.block(groups[Standing.BLOCKED], now)
        self._leaving.leave(groups[Standing.UNSUBSCRIBED], now)
        readers = groups[Standing.SUBSCRIBED]
        suppressed = store.suppressed(self._session, readers)
        joined = self._joining.take_in({key: row for key, row in readers.items() if key not in suppressed}, now)
        tally.rows += len(chunk)
        tally.imported += joined.imported
        tally.already += joined.already
        tally.unsubscribed += joined.left_here
        tally.suppressed += len(suppressed)
        tally.left_there += len(groups[Standing.UNSUBSCRIBED])
        tally.blocked_there += len(groups[Standing.BLOCKED])
        tally.unconfirmed += len(groups[Standing.UNCONFIRMED])
        tally.outside += len(groups[Standing.OUTSIDE])

    def _good(self, chunk: Sequence[Row | BadRow]) -> dict[str, Row]:
        """The rows that can be read and that this file brings for the first time, by key."""
        good: dict[str, Row] = {}
        for row in map(self._checked, chunk):
            if isinstance(row, BadRow):
                self.tally.bad += 1
                self._report(row)
            elif self._seen.before(row.address.key):
                self.tally.duplicates += 1
            else:
                good[row.address.key] = row
        return good

    def _checked(self, row: Row | BadRow) -> Row | BadRow:
        """A no is a no, whatever topics stand beside it."""
        if isinstance(row, BadRow) or row.standing is not Standing.SUBSCRIBED:
            return row
        strange = [slug for slug in row.topics if slug not in self._topics]
        return BadRow(row.line, f"this newsletter has no topic {strange[0][:60]!r}") if strange else row


def _of(rows: dict[str, Row], standing: Standing) -> dict[str, Row]:
    return {key: row for key, row in rows.items() if row.standing is standing}


class _Seen:
    """The addresses a file has brought so far. Kept in a temporary file of SQLite's, so that memory stays flat."""

    def __init__(self) -> None:
        self._file = sqlite3.connect("", isolation_level=None)
        self._file.execute("PRAGMA synchronous=OFF")
        self._file.execute("CREATE TABLE seen (key TEXT PRIMARY KEY) WITHOUT ROWID")
        self._file.execute("BEGIN")

    def before(self, key: str) -> bool:
        """Whether the key came before; it has, from now on."""
        return self._file.execute("INSERT OR IGNORE INTO seen VALUES (?)", (key,)).rowcount == 0

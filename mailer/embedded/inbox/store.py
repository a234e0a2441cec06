"""Where the inbox keeps its mails: a SQLite file of its own, so that it never waits for a lock of the house."""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

KEEP = 2000
"""The newest mails that stay."""

HEAD = 16 * 1024
"""Bytes of a mail that are read for the list; headers are shorter."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS mails (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    received_at REAL NOT NULL,
    sender TEXT NOT NULL,
    recipient TEXT NOT NULL,
    data BLOB NOT NULL
)
"""


@dataclass(frozen=True)
class Arrival:
    """One mail for one recipient, as it came in; `received_at` in seconds since 1970."""

    received_at: float
    sender: str
    recipient: str
    data: bytes


@dataclass(frozen=True)
class Kept:
    """A mail in the store. In lists `data` holds its first bytes only."""

    id: int
    received_at: float
    sender: str
    recipient: str
    data: bytes


class Store:
    """Safe to use from several threads."""

    def __init__(self, path: Path, keep: int = KEEP) -> None:
        self._path, self._keep = path, keep
        self._writing = threading.Lock()
        self._writer = sqlite3.connect(path, check_same_thread=False)
        self._writer.execute("PRAGMA journal_mode=WAL")
        self._writer.execute("PRAGMA synchronous=NORMAL")
        self._writer.execute(_SCHEMA)

    def add(self, arrivals: Sequence[Arrival]) -> None:
        """Keep these, and forget the oldest above the limit. One commit."""
        rows = [(a.received_at, a.sender, a.recipient, a.data) for a in arrivals]
        with self._writing, self._writer:
            self._writer.executemany(
                "INSERT INTO mails (received_at, sender, recipient, data) VALUES (?, ?, ?, ?)", rows
            )
            self._writer.execute("DELETE FROM mails WHERE id <= (SELECT max(id) FROM mails) - ?", (self._keep,))

    def empty(self) -> None:
        """Forget all of them."""
        with self._writing, self._writer:
            self._writer.execute("DELETE FROM mails")

    def count(self) -> int:
        """How many there are."""
        with self._reading() as connection:
            number: int = connection.execute("SELECT count(*) FROM mails").fetchone()[0]
        return number

    def newest(self, limit: int, *, before: int | None = None, search: str = "") -> list[Kept]:
        """The newest first; only those with an id below `before`, and with `search` in one of the two addresses."""
        query = (
            f"SELECT id, received_at, sender, recipient, coalesce(substr(data, 1, {HEAD}), x'') FROM mails "  # noqa: S608  # a constant
            "WHERE id < ? AND (instr(lower(recipient), ?) OR instr(lower(sender), ?)) ORDER BY id DESC LIMIT ?"
        )
        below = before if before is not None else 2**62
        with self._reading() as connection:
            rows = connection.execute(query, (below, search.lower(), search.lower(), limit)).fetchall()
        return [Kept(*row) for row in rows]

    def read(self, mail_id: int) -> Kept | None:
        """One mail, whole."""
        query = "SELECT id, received_at, sender, recipient, data FROM mails WHERE id = ?"
        with self._reading() as connection:
            row = connection.execute(query, (mail_id,)).fetchone()
        return Kept(*row) if row else None

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path)) as connection:
            yield connection

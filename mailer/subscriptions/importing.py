"""Readers who agreed elsewhere, taken in from a file: in bulk, a chunk at a time, safe to repeat.

The caller commits after each chunk. Nobody who left or is suppressed comes back by an import.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from itertools import islice
from operator import or_
from typing import Any

from sqlalchemy import Row as Result
from sqlalchemy import insert as plain_insert
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mailer.db import insert
from mailer.newsletters.models import EVERY_TOPIC, Newsletter
from mailer.subscriptions.address import Address
from mailer.subscriptions.consent import fingerprint
from mailer.subscriptions.models import (
    ConsentEvent,
    ConsentRecord,
    Subscriber,
    Subscription,
    SubscriptionState,
    Suppression,
)
from mailer.subscriptions.sheet import BadRow, Row

CHUNK = 5_000
"""Rows per transaction: few enough to hold in memory and to bind in one statement."""


@dataclass
class Tally:
    """What became of the rows; `rows` is the sum of the others."""

    rows: int = 0
    imported: int = 0
    already: int = 0
    unsubscribed: int = 0
    suppressed: int = 0
    duplicates: int = 0
    bad: int = 0


def chunks(rows: Iterable[Row | BadRow]) -> Iterator[list[Row | BadRow]]:
    """The rows, a chunk at a time."""
    iterator = iter(rows)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk


class Import:
    """One file on its way into one newsletter. `wording` says where and when these readers agreed."""

    def __init__(
        self, session: Session, newsletter: Newsletter, *, wording: str, file: str, report: Callable[[BadRow], None]
    ) -> None:
        self.tally = Tally()
        self._session, self._newsletter_id = session, newsletter.id
        self._topics = {topic.slug: topic.mask for topic in newsletter.topics}
        self._proof = {
            "event": ConsentEvent.IMPORTED,
            "wording": wording,
            "wording_hash": fingerprint(wording),
            "page": file,
            "form": "import",
        }
        self._report = report
        self._seen = _Seen()

    def store(self, chunk: Sequence[Row | BadRow], now: datetime) -> None:
        """Take one chunk in and count it."""
        readers = self._mailable(self._good(chunk))
        keys = self._subscribers(readers, now)
        known = self._known(keys)
        rows = {id_: self._subscription(id_, readers[key], now) for id_, key in keys.items() if id_ not in known}
        taken_in = [*self._add(list(rows.values())), *self._confirm(known, now)]
        self._prove([(id_, readers[keys[subscriber_id]].address) for id_, subscriber_id in taken_in], now)
        left = sum(1 for standing in known.values() if standing == "left")
        self.tally.rows += len(chunk)
        self.tally.imported += len(taken_in)
        self.tally.unsubscribed += left
        self.tally.already += len(keys) - len(taken_in) - left

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
        if isinstance(row, Row) and (strange := [slug for slug in row.topics if slug not in self._topics]):
            return BadRow(row.line, f"this newsletter has no topic {strange[0][:60]!r}")
        return row

    def _mailable(self, readers: dict[str, Row]) -> dict[str, Row]:
        query = select(Suppression.address_key).where(Suppression.address_key.in_(readers))
        suppressed = set(self._session.scalars(query))
        self.tally.suppressed += len(suppressed)
        return {key: row for key, row in readers.items() if key not in suppressed}

    def _subscribers(self, readers: dict[str, Row], now: datetime) -> dict[int, str]:
        """Their keys by subscriber id; who is new gets one."""
        if not readers:
            return {}
        # In one order always, or two imports at once lock each other out.
        rows = [
            {"address": readers[key].address.address, "address_key": key, "created_at": now} for key in sorted(readers)
        ]
        self._session.execute(insert(self._session, Subscriber.__table__).on_conflict_do_nothing(), rows)
        query = select(Subscriber.id, Subscriber.address_key).where(Subscriber.address_key.in_(readers))
        return {row.id: row.address_key for row in self._session.execute(query)}

    def _known(self, subscriber_ids: Iterable[int]) -> dict[int, str]:
        """Who of them has a subscription already: "left", "pending" or "in", by subscriber id."""
        query = select(Subscription.subscriber_id, Subscription.state, Subscription.unsubscribed_at).where(
            Subscription.newsletter_id == self._newsletter_id, Subscription.subscriber_id.in_(subscriber_ids)
        )
        return {id_: _standing(state, left_at) for id_, state, left_at in self._session.execute(query)}

    def _subscription(self, subscriber_id: int, row: Row, now: datetime) -> dict[str, Any]:
        created_at = row.created_at or row.confirmed_at or now
        return {
            "subscriber_id": subscriber_id,
            "newsletter_id": self._newsletter_id,
            "state": SubscriptionState.ACTIVE,
            "topics": reduce(or_, (self._topics[slug] for slug in row.topics), 0) or EVERY_TOPIC,
            "created_at": created_at,
            "confirmed_at": row.confirmed_at or created_at,
        }

    def _add(self, rows: list[dict[str, Any]]) -> Sequence[Result[int, int]]:
        """The (subscription id, subscriber id) of each row that nobody else added meanwhile."""
        if not rows:
            return []
        table = Subscription.__table__
        statement = insert(self._session, table).on_conflict_do_nothing().returning(table.c.id, table.c.subscriber_id)
        return self._session.execute(statement, rows).all()

    def _confirm(self, known: dict[int, str], now: datetime) -> Sequence[Result[int, int]]:
        """Make active who asked by a form, never answered the mail, and never left."""
        pending = [id_ for id_, standing in known.items() if standing == "pending"]
        if not pending:
            return []
        return self._session.execute(
            update(Subscription)
            .where(
                Subscription.newsletter_id == self._newsletter_id,
                Subscription.subscriber_id.in_(pending),
                Subscription.state == SubscriptionState.PENDING,
                Subscription.unsubscribed_at.is_(None),
            )
            .values(state=SubscriptionState.ACTIVE, confirmed_at=now, confirmation_due_at=None)
            .returning(Subscription.id, Subscription.subscriber_id)
            .execution_options(synchronize_session=False)
        ).all()

    def _prove(self, taken_in: list[tuple[int, Address]], now: datetime) -> None:
        if taken_in:
            rows = [
                {"subscription_id": id_, "address": address.address, "at": now, **self._proof}
                for id_, address in taken_in
            ]
            self._session.execute(plain_insert(ConsentRecord), rows)


def _standing(state: str, left_at: datetime | None) -> str:
    """Who left and was signed up again by somebody, but never answered, has still left."""
    if state == SubscriptionState.UNSUBSCRIBED or (state == SubscriptionState.PENDING and left_at is not None):
        return "left"
    return "pending" if state == SubscriptionState.PENDING else "in"


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

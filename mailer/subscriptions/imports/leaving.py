"""Readers who said no elsewhere, or cannot be reached: remembered, so that no later list brings them back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mailer.db import insert
from mailer.subscriptions.imports import store
from mailer.subscriptions.imports.intake import Row
from mailer.subscriptions.models import ConsentEvent, Subscription, SubscriptionState, Suppression


@dataclass(frozen=True)
class Leaving:
    """Keeps the noes of one file for one newsletter."""

    session: Session
    newsletter_id: int
    file: str

    def leave(self, readers: Mapping[str, Row], now: datetime) -> int:
        """Keep the rows, by key, as unsubscribed; the number that is new here.

        A dated no ends a subscription that was confirmed before it. One without a date counts from now on: to ask a
        reader who wanted to stay once more costs less than to mail one who wanted to go.
        """
        ids = store.subscribers(self.session, (row.address for row in readers.values()), now)
        by_subscriber = {id_: readers[key] for key, id_ in ids.items()}
        rows = [self._subscription(id_, row, now) for id_, row in by_subscriber.items()]
        left = [*self._end(rows), *self._add(rows)]
        records = []
        for id_, reader in left:
            row = by_subscriber[reader]
            records += store.came_along(id_, row, self.file)
            records.append(self._record(id_, row, now))
        store.prove(self.session, records)
        return len(left)

    def block(self, readers: Mapping[str, Row], now: datetime) -> int:
        """Suppress the rows, by key; the number that is new here. The first reason stays."""
        rows = [
            {"address_key": key, "reason": self._reason(readers[key])[:200], "created_at": readers[key].left_at or now}
            for key in sorted(readers)
        ]
        if not rows:
            return 0
        table = Suppression.__table__
        statement = insert(self.session, table).on_conflict_do_nothing().returning(table.c.id)
        return len(self.session.execute(statement, rows).all())

    def _reason(self, row: Row) -> str:
        return f"bounced or blocked, says {self.file}{f' ({row.reason})' if row.reason else ''}"

    def _record(self, id_: int, row: Row, now: datetime) -> dict[str, Any]:
        return store.record(
            id_, row.address, ConsentEvent.UNSUBSCRIBED, row.left_at or now, self.file, detail=row.reason
        )

    def _subscription(self, subscriber_id: int, row: Row, now: datetime) -> dict[str, Any]:
        left_at = row.left_at or now
        created_at = min(row.created_at or left_at, left_at)
        return {
            "subscriber_id": subscriber_id,
            "newsletter_id": self.newsletter_id,
            "state": SubscriptionState.UNSUBSCRIBED,
            "created_at": created_at,
            "requested_at": created_at,
            "unsubscribed_at": left_at,
        }

    def _add(self, rows: list[dict[str, Any]]) -> list[tuple[int, int]]:
        """Those that had no subscription here."""
        if not rows:
            return []
        table = Subscription.__table__
        statement = insert(self.session, table).on_conflict_do_nothing().returning(table.c.id, table.c.subscriber_id)
        return [(row.id, row.subscriber_id) for row in self.session.execute(statement, rows)]

    def _end(self, rows: list[dict[str, Any]]) -> list[tuple[int, int]]:
        """Those that were readers here, or had been asked, before they said no."""
        left_at = {row["subscriber_id"]: row["unsubscribed_at"] for row in rows}
        ours = select(Subscription.id, Subscription.subscriber_id, Subscription.confirmed_at).where(
            Subscription.newsletter_id == self.newsletter_id,
            Subscription.subscriber_id.in_(left_at),
            Subscription.state != SubscriptionState.UNSUBSCRIBED,
        )
        ended = [
            (id_, subscriber_id)
            for id_, subscriber_id, confirmed_at in self.session.execute(ours)
            if confirmed_at is None or confirmed_at <= left_at[subscriber_id]
        ]
        for id_, subscriber_id in ended:
            end = update(Subscription).where(Subscription.id == id_)
            self.session.execute(
                end.values(state=SubscriptionState.UNSUBSCRIBED, unsubscribed_at=left_at[subscriber_id]),
                execution_options={"synchronize_session": False},
            )
        return ended

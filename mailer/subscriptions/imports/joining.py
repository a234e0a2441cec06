"""Readers who said yes elsewhere become active here, with the proof that came along."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from sqlalchemy import Row as Result
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mailer.db import insert
from mailer.newsletters.models import EVERY_TOPIC
from mailer.subscriptions.imports import store
from mailer.subscriptions.imports.intake import Row
from mailer.subscriptions.models import ConsentEvent, Subscription, SubscriptionState


@dataclass(frozen=True)
class Joined:
    """How many became readers, were some before, and had left here."""

    imported: int = 0
    already: int = 0
    left_here: int = 0


@dataclass(frozen=True)
class Joining:
    """Takes readers of one file into one newsletter. `topics` gives the mask of each slug."""

    session: Session
    newsletter_id: int
    topics: Mapping[str, int]
    wording: str
    file: str

    def take_in(self, readers: Mapping[str, Row], now: datetime) -> Joined:
        """Store the rows, by key. Nobody who has left comes back."""
        by_subscriber = {
            id_: readers[key]
            for key, id_ in store.subscribers(self.session, (r.address for r in readers.values()), now).items()
        }
        known = self._known(by_subscriber)
        new = [self._subscription(id_, row, now) for id_, row in by_subscriber.items() if id_ not in known]
        taken_in = [*self._add(new), *self._confirm(known, by_subscriber, now)]
        self._prove([(id_, by_subscriber[subscriber_id]) for id_, subscriber_id in taken_in], now)
        left = sum(standing == "left" for standing in known.values())
        return Joined(len(taken_in), len(by_subscriber) - len(taken_in) - left, left)

    def _known(self, subscriber_ids: Iterable[int]) -> dict[int, str]:
        """Who of them has a subscription already: "left", "pending" or "in", by subscriber id."""
        query = select(Subscription.subscriber_id, Subscription.state, Subscription.unsubscribed_at).where(
            Subscription.newsletter_id == self.newsletter_id, Subscription.subscriber_id.in_(subscriber_ids)
        )
        return {id_: _standing(state, left_at) for id_, state, left_at in self.session.execute(query)}

    def _subscription(self, subscriber_id: int, row: Row, now: datetime) -> dict[str, Any]:
        created_at = row.created_at or row.confirmed_at or now
        return {
            "subscriber_id": subscriber_id,
            "newsletter_id": self.newsletter_id,
            "state": SubscriptionState.ACTIVE,
            "topics": reduce(or_, (self.topics[slug] for slug in row.topics), 0) or EVERY_TOPIC,
            "created_at": created_at,
            "requested_at": created_at,
            "confirmed_at": row.confirmed_at or created_at,
        }

    def _add(self, rows: list[dict[str, Any]]) -> Sequence[Result[int, int]]:
        """The (subscription id, subscriber id) of each row that nobody else added meanwhile."""
        if not rows:
            return []
        table = Subscription.__table__
        statement = insert(self.session, table).on_conflict_do_nothing().returning(table.c.id, table.c.subscriber_id)
        return self.session.execute(statement, rows).all()

    def _confirm(
        self, known: Mapping[int, str], by_subscriber: Mapping[int, Row], now: datetime
    ) -> list[tuple[int, int]]:
        """Make active who asked by a form, never answered the mail, and never left."""
        confirmed: list[tuple[int, int]] = []
        for subscriber_id in (id_ for id_, standing in known.items() if standing == "pending"):
            row = by_subscriber[subscriber_id]
            statement = (
                update(Subscription)
                .where(
                    Subscription.newsletter_id == self.newsletter_id,
                    Subscription.subscriber_id == subscriber_id,
                    Subscription.state == SubscriptionState.PENDING,
                    Subscription.unsubscribed_at.is_(None),
                )
                .values(state=SubscriptionState.ACTIVE, confirmed_at=row.confirmed_at or row.created_at or now)
                .returning(Subscription.id)
                .execution_options(synchronize_session=False)
            )
            confirmed += [(id_, subscriber_id) for id_ in self.session.scalars(statement)]
        return confirmed

    def _prove(self, taken_in: list[tuple[int, Row]], now: datetime) -> None:
        """What is known of the sign-up and the confirmation there, then the import itself."""
        records = []
        for id_, row in taken_in:
            records += store.came_along(id_, row, self.file)
            imported = store.record(id_, row.address, ConsentEvent.IMPORTED, now, self.file, wording=self.wording)
            records.append(imported)
        store.prove(self.session, records)


def _standing(state: str, left_at: datetime | None) -> str:
    """Who left and was signed up again by somebody, but never answered, has still left."""
    if state == SubscriptionState.UNSUBSCRIBED or (state == SubscriptionState.PENDING and left_at is not None):
        return "left"
    return "pending" if state == SubscriptionState.PENDING else "in"

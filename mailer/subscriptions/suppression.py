"""Addresses nobody may mail, in any newsletter."""

from datetime import datetime

from sqlalchemy import ColumnElement, SQLColumnExpression, exists, select
from sqlalchemy.orm import Session

from mailer.db import insert
from mailer.subscriptions.models import Subscriber, Subscription, Suppression


def suppress(session: Session, key: str, reason: str, now: datetime) -> None:
    """Never mail this address again. `key` is `Address.key`; the first reason stays."""
    row = {"address_key": key, "reason": reason, "created_at": now}
    session.execute(insert(session, Suppression).values(row).on_conflict_do_nothing())


def find(session: Session, key: str) -> Suppression | None:
    """The suppression of an address, if there is one."""
    return session.scalar(select(Suppression).where(Suppression.address_key == key))


def of_key(key: SQLColumnExpression[str]) -> ColumnElement[bool]:
    """SQL: this `Address.key` is suppressed."""
    return exists().where(Suppression.address_key == key)


def of_subscription() -> ColumnElement[bool]:
    """SQL: the address of this row of `subscriptions` is suppressed."""
    return exists(
        select(Suppression.id)
        .join(Subscriber, Subscriber.address_key == Suppression.address_key)
        .where(Subscriber.id == Subscription.subscriber_id)
        .correlate(Subscription)
    )

"""The mail that asks "was it you?", and the press that says yes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from sqlalchemy import and_, case, literal, null, select, update
from sqlalchemy.orm import Session

from mailer.db import UtcDateTime
from mailer.emails.smtp import Outcome
from mailer.newsletters.models import Newsletter
from mailer.subscriptions import consent, suppression
from mailer.subscriptions.models import ConsentEvent, Subscription, SubscriptionState

CLAIM = timedelta(minutes=2)
"""How long a worker may take; then the mail is owed again."""

RETRIES = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 60, 240, 720))
"""Waits after each failed attempt."""

ATTEMPTS = len(RETRIES) + 1


@dataclass(frozen=True)
class Owed:
    """A confirmation mail that this worker, and no other, is to send now. `attempt` counts from 1."""

    subscription_id: int
    request: int
    attempt: int
    address: str
    newsletter: Newsletter


class Standing(Enum):
    """What a confirmation link can still do."""

    PENDING = "pending"
    """The button makes the reader active."""
    ACTIVE = "active"
    """Nothing more: the reader is in."""
    STALE = "stale"
    """Nothing: the reader left since, signed up anew, may not be mailed, or is not known."""


def claim(session: Session, subscription_id: int, now: datetime) -> Owed | None:
    """Take the mail before the wire, until `now` + CLAIM; None when none is owed.

    After the last attempt, and for a suppressed address, the mail is given up: the row stays pending.
    """
    attempts, due = Subscription.confirmation_attempts, Subscription.confirmation_due_at
    may_send = and_(attempts < ATTEMPTS, ~suppression.of_subscription())
    claimed = session.execute(
        update(Subscription)
        .where(Subscription.id == subscription_id, Subscription.state == SubscriptionState.PENDING, due <= now)
        .values(
            confirmation_due_at=case((may_send, literal(now + CLAIM, UtcDateTime())), else_=null()),
            confirmation_attempts=attempts + 1,
        )
        .returning(due, attempts, Subscription.request)
    ).one_or_none()
    if claimed is None or claimed.confirmation_due_at is None:
        return None
    subscription = session.get_one(Subscription, subscription_id)
    return Owed(
        subscription_id,
        claimed.request,
        claimed.confirmation_attempts,
        subscription.subscriber.address,
        subscription.newsletter,
    )


def record(session: Session, owed: Owed, outcome: Outcome, now: datetime) -> None:
    """Write what happened after the wire. A mail in doubt counts as sent; whoever lost the claim writes nothing."""
    session.execute(
        update(Subscription)
        .where(Subscription.id == owed.subscription_id, Subscription.confirmation_attempts == owed.attempt)
        .values(_after(owed.attempt, outcome, now))
    )


def _after(attempt: int, outcome: Outcome, now: datetime) -> dict[str, datetime | None]:
    match outcome:
        case Outcome.ACCEPTED | Outcome.UNCERTAIN:
            return {"confirmation_sent_at": now, "confirmation_due_at": None}
        case Outcome.DEFERRED | Outcome.UNSENT if attempt < ATTEMPTS:
            return {"confirmation_due_at": now + RETRIES[attempt - 1]}
        case _:
            return {"confirmation_due_at": None}


def owed(session: Session, now: datetime, limit: int) -> Sequence[int]:
    """Ids of subscriptions whose mail is due, longest waiting first: what the sweep asks for again."""
    due = Subscription.confirmation_due_at
    return session.scalars(select(Subscription.id).where(due <= now).order_by(due).limit(limit)).all()


def standing(subscription: Subscription | None, request: int) -> Standing:
    """What a link made for `request` can still do. Changes nothing."""
    if subscription is None:
        return Standing.STALE
    if subscription.state in (SubscriptionState.ACTIVE, SubscriptionState.PAUSED):
        return Standing.ACTIVE
    if subscription.state == SubscriptionState.PENDING and subscription.request == request:
        return Standing.PENDING
    return Standing.STALE


def confirm(session: Session, subscription_id: int, request: int, *, network: str, now: datetime) -> Standing:
    """The reader pressed the button: a pending subscription with this `request` number becomes active.

    Answers ACTIVE (from now on, or since before) or STALE.
    """
    confirmed = session.scalar(
        update(Subscription)
        .where(
            Subscription.id == subscription_id,
            Subscription.state == SubscriptionState.PENDING,
            Subscription.request == request,
            ~suppression.of_subscription(),
        )
        .values(
            state=SubscriptionState.ACTIVE,
            confirmed_at=now,
            confirmation_due_at=None,
            unsubscribed_at=None,
            unsubscribed_issue_id=None,
        )
        .returning(Subscription.id)
    )
    subscription = session.get(Subscription, subscription_id)
    if confirmed is None or subscription is None:
        already = standing(subscription, request) is Standing.ACTIVE
        return Standing.ACTIVE if already else Standing.STALE
    address = subscription.subscriber.address
    consent.record(session, subscription_id, ConsentEvent.CONFIRMED, address=address, at=now, network=network)
    return Standing.ACTIVE

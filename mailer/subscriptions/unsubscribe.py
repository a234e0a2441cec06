"""Leaving a newsletter, and taking that back."""

from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from mailer.subscriptions import consent, suppression
from mailer.subscriptions.models import ConsentEvent, Subscription, SubscriptionState

UNDO = timedelta(days=30)
"""How long a reader who left can come back by one press."""


def leave(
    session: Session, subscription_id: int, *, issue_id: int | None, network: str, now: datetime
) -> Subscription | None:
    """End a subscription; None when there is no such one. Safe to repeat: the first leaving counts.

    `issue_id` is the issue the reader left from, None when it is not known.
    """
    subscription = session.get(Subscription, subscription_id)
    if subscription is None:
        return None
    left = session.execute(
        update(Subscription)
        .where(Subscription.id == subscription_id, Subscription.state != SubscriptionState.UNSUBSCRIBED)
        .values(
            state=SubscriptionState.UNSUBSCRIBED,
            unsubscribed_at=now,
            unsubscribed_issue_id=issue_id,
            confirmation_due_at=None,
        )
        .returning(Subscription.id)
    ).first()
    if left:
        _record(session, subscription, ConsentEvent.UNSUBSCRIBED, network, now)
    return subscription


def can_undo(subscription: Subscription, now: datetime) -> bool:
    """Whether one press brings this reader back: confirmed once, and left not long ago."""
    return (
        subscription.state == SubscriptionState.UNSUBSCRIBED
        and subscription.confirmed_at is not None
        and subscription.unsubscribed_at is not None
        and subscription.unsubscribed_at > now - UNDO
    )


def undo(session: Session, subscription_id: int, *, network: str, now: datetime) -> bool:
    """Make a reader who left active again; False when that needs a new sign-up."""
    back = session.execute(
        update(Subscription)
        .where(
            Subscription.id == subscription_id,
            Subscription.state == SubscriptionState.UNSUBSCRIBED,
            Subscription.confirmed_at.is_not(None),
            Subscription.unsubscribed_at > now - UNDO,
            ~suppression.of_subscription(),
        )
        .values(state=SubscriptionState.ACTIVE, unsubscribed_at=None, unsubscribed_issue_id=None)
        .returning(Subscription.id)
    ).first()
    if back is None:
        return False
    subscription = session.get_one(Subscription, subscription_id)
    _record(session, subscription, ConsentEvent.CONFIRMED, network, now, form="undo")
    return True


def left_from(session: Session, issue_id: int) -> int:
    """How many readers left by the links in this issue."""
    return session.scalar(select(func.count()).where(Subscription.unsubscribed_issue_id == issue_id)) or 0


def _record(
    session: Session, subscription: Subscription, event: ConsentEvent, network: str, now: datetime, form: str = ""
) -> None:
    address = subscription.subscriber.address
    consent.record(session, subscription.id, event, address=address, at=now, form=form, network=network)

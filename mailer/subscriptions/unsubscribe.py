"""Leaving a newsletter, and taking that back."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, func, select, update
from sqlalchemy.orm import Session

from mailer.subscriptions import consent, suppression
from mailer.subscriptions.models import ConsentEvent, Subscription, SubscriptionState

UNDO = timedelta(days=30)
"""How long a reader who left can come back by one press."""

STAYING = (SubscriptionState.ACTIVE, SubscriptionState.PAUSED)
"""Readers who get the newsletter, now or after a pause."""


def leave(
    session: Session, subscription_id: int, *, issue_id: int | None, network: str, now: datetime, form: str = ""
) -> Subscription | None:
    """End a subscription; None when there is no such one. Safe to repeat: the first leaving counts.

    `issue_id` is the issue the reader left from, None when it is not known; it is not kept of who wants not to be
    counted. `form` says by what they left, for the proof.
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
            unsubscribed_issue_id=None if subscription.subscriber.uncounted else issue_id,
            leaving_reason="",
        )
        .returning(Subscription.id)
    ).first()
    if left:
        _record(session, subscription, ConsentEvent.UNSUBSCRIBED, form, network, now)
    return _as_it_is(session, subscription_id)


def may_return(now: datetime) -> ColumnElement[bool]:
    """SQL: this row of `subscriptions` was confirmed once, was left not long ago, and its address may be mailed.

    Also if somebody has asked for it since: a stranger's sign-up takes nothing away.
    """
    return and_(
        Subscription.state.not_in(STAYING),
        Subscription.confirmed_at.is_not(None),
        Subscription.unsubscribed_at > now - UNDO,
        ~suppression.of_subscription(),
    )


def can_undo(session: Session, subscription_id: int, now: datetime) -> bool:
    """Whether one press brings this reader back."""
    returning = select(Subscription.id).where(Subscription.id == subscription_id, may_return(now))
    return session.scalar(returning) is not None


def undo(session: Session, subscription_id: int, *, network: str, now: datetime) -> bool:
    """Bring back a reader who left, as they were: a pause goes on. False when that needs a new sign-up."""
    paused = Subscription.paused_until > now
    back = session.execute(
        update(Subscription)
        .where(Subscription.id == subscription_id, may_return(now))
        .values(
            state=case((paused, SubscriptionState.PAUSED.value), else_=SubscriptionState.ACTIVE.value),
            unsubscribed_at=None,
            unsubscribed_issue_id=None,
            leaving_reason="",
        )
        .returning(Subscription.id)
    ).first()
    subscription = _as_it_is(session, subscription_id)
    if back is None or subscription is None:
        return False
    _record(session, subscription, ConsentEvent.CONFIRMED, "undo", network, now)
    return True


def left_from(session: Session, issue_id: int) -> int:
    """How many readers left by the links in this issue."""
    return session.scalar(select(func.count()).where(Subscription.unsubscribed_issue_id == issue_id)) or 0


def others(session: Session, subscription: Subscription) -> int:
    """How many other newsletters this reader gets."""
    mine = select(func.count()).where(
        Subscription.subscriber_id == subscription.subscriber_id,
        Subscription.id != subscription.id,
        Subscription.state.in_(STAYING),
    )
    return session.scalar(mine) or 0


def _as_it_is(session: Session, subscription_id: int) -> Subscription | None:
    """The row anew: another press may have been first, after this session had read it."""
    return session.get(Subscription, subscription_id, populate_existing=True)


def _record(
    session: Session, subscription: Subscription, event: ConsentEvent, form: str, network: str, now: datetime
) -> None:
    address = subscription.subscriber.address
    consent.record(session, subscription.id, event, address=address, at=now, form=form, network=network)

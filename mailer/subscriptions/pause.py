"""A pause: no mail until a day, then everything as before."""

from datetime import datetime

from sqlalchemy import literal_column, select, update
from sqlalchemy.orm import Session

from mailer.subscriptions import consent
from mailer.subscriptions.models import ConsentEvent, Subscription, SubscriptionState

_IS_PAUSED = Subscription.state == literal_column(f"'{SubscriptionState.PAUSED.value}'")
"""In the words of the index, which must be literal."""


def pause(session: Session, subscription: Subscription, until: datetime, *, network: str, now: datetime) -> bool:
    """Let a newsletter rest until a moment, also one that rests already. False when nothing was changed."""
    changed = (
        update(Subscription)
        .where(
            Subscription.id == subscription.id,
            Subscription.state.in_((SubscriptionState.ACTIVE, SubscriptionState.PAUSED)),
            Subscription.state.is_distinct_from(SubscriptionState.PAUSED) | (Subscription.paused_until != until),
        )
        .values(state=SubscriptionState.PAUSED.value, paused_until=until)
        .returning(Subscription.id)
    )
    if session.scalar(changed) is None:
        return False
    _record(session, subscription, ConsentEvent.PAUSED, f"until {until:%Y-%m-%d}", network, now)
    return True


def resume(session: Session, subscription: Subscription, *, network: str, now: datetime) -> bool:
    """End a pause early. False when the newsletter does not rest."""
    changed = (
        update(Subscription)
        .where(Subscription.id == subscription.id, Subscription.state == SubscriptionState.PAUSED)
        .values(state=SubscriptionState.ACTIVE.value, paused_until=None)
        .returning(Subscription.id)
    )
    if session.scalar(changed) is None:
        return False
    _record(session, subscription, ConsentEvent.RESUMED, "", network, now)
    return True


def resume_over(session: Session, now: datetime, limit: int) -> int:
    """End the pauses whose time has come, `limit` of them at the most. Returns how many."""
    over = (
        select(Subscription)
        .where(_IS_PAUSED, Subscription.paused_until <= now)
        .order_by(Subscription.paused_until)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    subscriptions = session.scalars(over).all()
    for subscription in subscriptions:
        subscription.state, subscription.paused_until = SubscriptionState.ACTIVE.value, None
        _record(session, subscription, ConsentEvent.RESUMED, "the pause was over", "", now)
    return len(subscriptions)


def _record(
    session: Session, subscription: Subscription, event: ConsentEvent, detail: str, network: str, now: datetime
) -> None:
    address = subscription.subscriber.address
    consent.record(session, subscription.id, event, address=address, at=now, detail=detail, network=network)

"""A pause: no mail until a day, then everything as before, and what was missed in one issue."""

from datetime import datetime

from sqlalchemy import ColumnElement, func, literal_column, select, update
from sqlalchemy.orm import Session

from mailer.subscriptions import consent
from mailer.subscriptions.models import ConsentEvent, ConsentRecord, Subscription, SubscriptionState

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
        .values(state=SubscriptionState.ACTIVE.value, paused_until=None, away_from=_away_from())
        .returning(Subscription.id)
    )
    if session.scalar(changed) is None:
        return False
    _record(session, subscription, ConsentEvent.RESUMED, "", network, now)
    return True


def resume_over(session: Session, now: datetime, limit: int) -> int:
    """End the pauses whose time has come, `limit` of them at the most. Returns how many."""
    over = (
        select(Subscription, _away_from())
        .where(_IS_PAUSED, Subscription.paused_until <= now)
        .order_by(Subscription.paused_until)
        .limit(limit)
        .with_for_update(skip_locked=True, of=Subscription)
    )
    subscriptions = session.execute(over).all()
    for subscription, away_from in subscriptions:
        subscription.state, subscription.paused_until = SubscriptionState.ACTIVE.value, None
        subscription.away_from = away_from
        _record(session, subscription, ConsentEvent.RESUMED, "the pause was over", "", now)
    return len(subscriptions)


def _away_from() -> ColumnElement[datetime | None]:
    """SQL: since when the reader has been away: from the first pause since the last return, as the proofs say.

    Who left and came back in between misses nothing from before. Who still waits for what they missed in an earlier
    pause gets all of it together.
    """
    mine = select(ConsentRecord).where(ConsentRecord.subscription_id == Subscription.id).correlate(Subscription)
    returned = mine.where(ConsentRecord.event == ConsentEvent.RESUMED).with_only_columns(func.max(ConsentRecord.id))
    began = mine.where(
        ConsentRecord.event == ConsentEvent.PAUSED,
        ConsentRecord.id > func.coalesce(returned.scalar_subquery(), 0),
        ConsentRecord.at >= func.coalesce(Subscription.confirmed_at, Subscription.created_at),
    ).with_only_columns(func.min(ConsentRecord.at))
    return func.coalesce(Subscription.away_from, began.scalar_subquery())


def _record(
    session: Session, subscription: Subscription, event: ConsentEvent, detail: str, network: str, now: datetime
) -> None:
    address = subscription.subscriber.address
    consent.record(session, subscription.id, event, address=address, at=now, detail=detail, network=network)

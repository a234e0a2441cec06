"""A reader turns newsletters on and off in the preference centre. The link has proven that the address is theirs."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import case, select, update
from sqlalchemy.orm import Session

from mailer.db import insert
from mailer.newsletters.models import Newsletter, Schedule
from mailer.subscriptions import consent, suppression, unsubscribe
from mailer.subscriptions.models import ConsentEvent, Subscriber, Subscription, SubscriptionState
from mailer.subscriptions.preferences import FORM, subscriptions
from mailer.subscriptions.unsubscribe import STAYING


def turn_on(
    session: Session,
    subscriber: Subscriber,
    newsletter: Newsletter,
    schedule: Schedule | None,
    *,
    wording: str,
    network: str,
    now: datetime,
) -> bool:
    """Make the reader of a newsletter active at once; a pause that is not over goes on. False when nothing was changed.

    `wording` is what the reader chose, as the page said it. Nobody comes back whose address may not be mailed.
    """
    subscription = _find_or_add(session, subscriber, newsletter, now)
    paused = Subscription.paused_until > now
    changed = (
        update(Subscription)
        .where(
            Subscription.id == subscription.id,
            Subscription.state.not_in(STAYING),
            ~suppression.of_subscription(),
        )
        .values(
            state=case((paused, SubscriptionState.PAUSED.value), else_=SubscriptionState.ACTIVE.value),
            schedule_id=schedule.id if schedule else None,
            confirmed_at=now,
            unsubscribed_at=None,
            unsubscribed_issue_id=None,
            leaving_reason="",
        )
        .returning(Subscription.id)
    )
    if session.scalar(changed) is None:
        return False
    consent.record(
        session,
        subscription.id,
        ConsentEvent.CONFIRMED,
        address=subscriber.address,
        at=now,
        wording=wording,
        form=FORM,
        detail=f"frequency: off -> {schedule.title if schedule else 'every issue'}",
        network=network,
    )
    return True


def turn_off(session: Session, subscription: Subscription, *, network: str, now: datetime) -> bool:
    """End a newsletter. False when the reader did not get it."""
    if subscription.state not in STAYING:
        return False
    unsubscribe.leave(session, subscription.id, issue_id=None, form=FORM, network=network, now=now)
    return True


def stop_all(session: Session, subscriber: Subscriber, *, network: str, now: datetime) -> list[Subscription]:
    """End every newsletter of a reader, also what they asked for and never confirmed. Those they got."""
    mine = subscriptions(session, subscriber)
    got = [each for each in mine if each.state in STAYING]
    for each in mine:
        unsubscribe.leave(session, each.id, issue_id=None, form=FORM, network=network, now=now)
    return got


def _find_or_add(session: Session, subscriber: Subscriber, newsletter: Newsletter, now: datetime) -> Subscription:
    """The subscription; a new one takes clock and language from the reader's others."""
    others: Sequence[Subscription] = subscriptions(session, subscriber)
    row = {
        "subscriber_id": subscriber.id,
        "newsletter_id": newsletter.id,
        "state": SubscriptionState.UNSUBSCRIBED.value,
        "timezone": next((each.timezone for each in others if each.timezone), ""),
        "language": next((each.language for each in others if each.language), ""),
        "created_at": now,
        "requested_at": now,
    }
    session.execute(insert(session, Subscription).values(row).on_conflict_do_nothing())
    mine = select(Subscription).filter_by(subscriber_id=subscriber.id, newsletter_id=newsletter.id)
    return session.scalars(mine).one()

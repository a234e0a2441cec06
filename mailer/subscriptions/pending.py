"""Who signed up and never said yes: one reminder after a day, forgotten after a week. Done letters go with the time."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, exists, literal, literal_column, select, update
from sqlalchemy.orm import Session, aliased

from mailer.db import UtcDateTime, insert
from mailer.subscriptions import letters, suppression
from mailer.subscriptions.models import LetterKind, OwedLetter, Subscriber, Subscription, SubscriptionState

REMIND_AFTER = timedelta(days=1)

REMIND_BEFORE = timedelta(days=6)
"""Later the reader would hardly have the time to answer."""

FORGET_AFTER = timedelta(days=7)
"""As long as the link in the confirmation mail lives."""

KEEP_MAILED = timedelta(days=30)
KEEP_UNMAILED = timedelta(days=1)


def remind(session: Session, now: datetime, limit: int) -> Sequence[int]:
    """Owe the one reminder to readers whose confirmation mail went out and who never answered; the letters' ids.

    At most once for a sign-up; it counts as one of the mails of the day. Who is signing up at this moment has to wait.
    """
    due = _may_be_reminded(now)
    waiting = session.execute(
        select(Subscription.subscriber_id, Subscription.id)
        .join(Subscription.subscriber)
        .where(due)
        .order_by(Subscription.requested_at)
        .limit(limit)
        .with_for_update(of=Subscriber, key_share=True, skip_locked=True)
    ).all()
    one_each = {row.subscriber_id: row.id for row in waiting}  # the statement below does not count its own letters
    row = {
        OwedLetter.kind: literal(LetterKind.REMINDER.value),
        OwedLetter.subscriber_id: Subscription.subscriber_id,
        OwedLetter.subscription_id: Subscription.id,
        OwedLetter.request: Subscription.request,
        OwedLetter.created_at: literal(now, UtcDateTime()),
        OwedLetter.due_at: literal(now, UtcDateTime()),
    }
    made = select(*row.values()).where(Subscription.id.in_(list(one_each.values())), due)
    names = [column.key for column in row]
    return session.scalars(insert(session, OwedLetter).from_select(names, made).returning(OwedLetter.id)).all()


def forget(session: Session, now: datetime, limit: int) -> int:
    """Forget sign-ups that nobody confirmed within a week; how many. Who had left before has left again.

    Of an address with no other subscription nothing stays.
    """
    old = and_(_pending(), Subscription.requested_at <= now - FORGET_AFTER)
    found = session.execute(
        select(Subscription.id, Subscription.subscriber_id)
        .join(Subscription.subscriber)
        .where(old)
        .order_by(Subscription.requested_at)
        .limit(limit)
        .with_for_update(of=Subscriber, skip_locked=True)
    ).all()
    mine = and_(Subscription.id.in_([row.id for row in found]), old)
    left = mine & Subscription.unsubscribed_at.is_not(None)
    session.execute(update(Subscription).where(left).values(state=SubscriptionState.UNSUBSCRIBED))
    session.execute(delete(Subscription).where(mine))
    alone = ~exists().where(Subscription.subscriber_id == Subscriber.id)
    session.execute(delete(Subscriber).where(Subscriber.id.in_([row.subscriber_id for row in found]), alone))
    return len(found)


def forget_letters(session: Session, now: datetime, limit: int) -> None:
    """Take away letters that are done: mailed ones after a month, those that were never mailed after a day."""
    unmailed = select(OwedLetter.id).where(
        OwedLetter.due_at.is_(None),
        OwedLetter.attempts == literal_column("0"),  # in the words of the index
        OwedLetter.created_at <= now - KEEP_UNMAILED,
    )
    session.execute(delete(OwedLetter).where(OwedLetter.id.in_(unmailed.limit(limit))))
    oldest = select(OwedLetter.id).order_by(OwedLetter.id).limit(limit)
    done = and_(OwedLetter.due_at.is_(None), OwedLetter.created_at <= now - KEEP_MAILED)
    session.execute(delete(OwedLetter).where(OwedLetter.id.in_(oldest), done))


def _pending() -> ColumnElement[bool]:
    """SQL: a sign-up that waits, in the words of the index, which must be literal."""
    return Subscription.state == literal_column(f"'{SubscriptionState.PENDING.value}'")


def _may_be_reminded(now: datetime) -> ColumnElement[bool]:
    letter = aliased(OwedLetter)
    of_this = and_(letter.subscription_id == Subscription.id, letter.request == Subscription.request)
    asked = exists().where(of_this, letter.kind == LetterKind.CONFIRMATION, letter.sent_at.is_not(None))
    reminded = exists().where(of_this, letter.kind == LetterKind.REMINDER)
    few = letters.mailed_lately(Subscription.subscriber_id, letters.SIGN_UP, now) < letters.SIGN_UPS_A_DAY
    return and_(
        _pending(),
        Subscription.requested_at.between(now - REMIND_BEFORE, now - REMIND_AFTER),
        asked,
        ~reminded,
        few,
        ~suppression.of_subscription(),
    )

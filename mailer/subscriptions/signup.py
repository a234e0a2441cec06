"""Somebody asks for a newsletter: a pending row and a consent record, before any mail.

Known and unknown addresses run the same statements, so that neither the answer nor its time says who reads what.
"""

from datetime import datetime, timedelta

from sqlalchemy import and_, case, literal, null, or_, select, update
from sqlalchemy.orm import Session

from mailer.db import UtcDateTime, insert
from mailer.newsletters.models import EVERY_TOPIC, Newsletter
from mailer.subscriptions import consent, suppression
from mailer.subscriptions.address import Address
from mailer.subscriptions.models import ConsentEvent, Subscriber, Subscription, SubscriptionState

REST = timedelta(minutes=10)
"""Between two confirmation mails to one reader, however often the form is sent."""

DAY = timedelta(days=1)

MAILS_A_DAY = 3


def request(
    session: Session,
    newsletter: Newsletter,
    address: Address,
    *,
    wording: str,
    page: str,
    form: str,
    network: str,
    now: datetime,
    topics: int = EVERY_TOPIC,
    schedule_id: int | None = None,
) -> int:
    """Ask for `newsletter`; the id of the subscription whose confirmation mail may now be owed.

    `wording` is the sentence the reader saw, `page` the address it stood on, `form` the name of the form, `network` the
    IP address. An active reader keeps everything; one who left is pending again, under a new request number.
    """
    subscription_id = _find_or_add(session, newsletter.id, address, now)
    _ask(session, subscription_id, topics, schedule_id, now)
    consent.record(
        session,
        subscription_id,
        ConsentEvent.REQUESTED,
        address=address.address,
        at=now,
        wording=wording,
        page=page,
        form=form,
        network=network,
    )
    return subscription_id


def _find_or_add(session: Session, newsletter_id: int, address: Address, now: datetime) -> int:
    reader = {"address": address.address, "address_key": address.key, "created_at": now}
    session.execute(insert(session, Subscriber).values(reader).on_conflict_do_nothing())
    subscriber_id = session.scalars(select(Subscriber.id).where(Subscriber.address_key == address.key)).one()
    row = {"subscriber_id": subscriber_id, "newsletter_id": newsletter_id, "created_at": now}
    session.execute(insert(session, Subscription).values(row).on_conflict_do_nothing())
    return session.scalars(
        select(Subscription.id).filter_by(subscriber_id=subscriber_id, newsletter_id=newsletter_id)
    ).one()


def _ask(session: Session, subscription_id: int, topics: int, schedule_id: int | None, now: datetime) -> None:
    """Owe the confirmation mail, unless one is owed already or the reader has had enough of them today.

    A day of mails begins with the first one and ends a day after the last; the attempts are counted from its beginning.
    """
    sent, due, attempts = (
        Subscription.confirmation_sent_at,
        Subscription.confirmation_due_at,
        Subscription.confirmation_attempts,
    )
    left = Subscription.state == SubscriptionState.UNSUBSCRIBED
    new_day = or_(sent.is_(None), sent <= now - DAY)
    another_today = and_(attempts < MAILS_A_DAY, or_(left, sent <= now - REST))
    may_mail = and_(or_(new_day, another_today), ~suppression.of_subscription())
    session.execute(
        update(Subscription)
        .where(
            Subscription.id == subscription_id,
            Subscription.state.in_((SubscriptionState.PENDING, SubscriptionState.UNSUBSCRIBED)),
        )
        .values(
            state=SubscriptionState.PENDING,
            request=case((left, Subscription.request + 1), else_=Subscription.request),
            topics=topics,
            schedule_id=schedule_id,
            confirmation_due_at=case((due.is_not(None), due), (may_mail, literal(now, UtcDateTime())), else_=null()),
            confirmation_attempts=case((and_(due.is_(None), new_day), 0), else_=attempts),
        )
    )

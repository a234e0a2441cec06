"""Somebody asks for a newsletter: a pending row, a letter that is owed, and a proof, before any mail.

Known and unknown addresses run the same statements, so that neither the answer nor its time says who reads what.

What a flood leaves behind: one reader and one subscription, and for each sign-up one short row in `owed_letters`, so
that a code can be tried on every page alike. At most two of them a day are mailed, and only of these is a proof kept:
nothing else can be confirmed.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, literal, null, select, update
from sqlalchemy.orm import Session

from mailer.db import UtcDateTime, insert
from mailer.newsletters.models import EVERY_TOPIC, Newsletter
from mailer.subscriptions import consent, letters, suppression, waiting
from mailer.subscriptions.address import Address
from mailer.subscriptions.code import ref_hash
from mailer.subscriptions.models import (
    ConsentEvent,
    ConsentRecord,
    LetterKind,
    OwedLetter,
    Subscriber,
    Subscription,
    SubscriptionState,
)


@dataclass(frozen=True)
class Asked:
    """What a sign-up says, and where.

    `wording` is the sentence the reader saw, `form` and `form_version` the form it came from (0: the wording is the
    page's own), `page` the address it stood on and `site` its host where it may be named in the mail, `network` the IP
    address, `ref` the secret of the page, which may confirm by code.
    """

    wording: str
    form: str
    form_version: int
    page: str
    site: str
    network: str
    ref: str
    topics: int = EVERY_TOPIC
    schedule_id: int | None = None
    language: str = ""


def request(session: Session, newsletter: Newsletter, address: Address, asked: Asked, *, now: datetime) -> int:
    """Ask for `newsletter`; the id of the letter that answers, which may not be owed.

    A reader who is in keeps everything and is owed "you already get this"; one who left keeps their choices and is
    pending again, under a new request number. Nothing is owed to an address that is suppressed or had its mails of the
    day.
    """
    subscriber_id = _find_or_add(session, newsletter.id, address, now)
    subscription_id = _ask(session, subscriber_id, newsletter.id, asked, now)
    letter_id = _owe(session, subscription_id, asked.site, ref_hash(asked.ref), now)
    _prove(session, subscription_id, letter_id, address, asked, now)
    return letter_id


def again(session: Session, newsletter_id: int, ref: str, *, now: datetime) -> int | None:
    """A new letter for the page and the address of a sign-up; None when this page asked for nothing here lately.

    Both codes work. It counts as one of the mails of the day, so it may not be owed.
    """
    if not ref:
        return None
    last = session.execute(
        select(OwedLetter.subscriber_id, OwedLetter.subscription_id, OwedLetter.site)
        .join(Subscription, Subscription.id == OwedLetter.subscription_id)
        .where(
            OwedLetter.ref_hash == ref_hash(ref),
            OwedLetter.created_at > now - waiting.LIFETIME,
            Subscription.newsletter_id == newsletter_id,
        )
        .order_by(OwedLetter.id.desc())
        .limit(1)
    ).one_or_none()
    if last is None:
        return None
    letters.hold(session, Subscriber.id == last.subscriber_id)
    return _owe(session, last.subscription_id, last.site, ref_hash(ref), now)


def _find_or_add(session: Session, newsletter_id: int, address: Address, now: datetime) -> int:
    """The id of the subscriber, who now has a subscription.

    Who is known is written, too: that makes the sign-ups of one address wait for each other, or many at once would all
    be the first today.
    """
    reader = {"address": address.address, "address_key": address.key, "created_at": now}
    subscriber_id = session.scalars(
        insert(session, Subscriber)
        .values(reader)
        .on_conflict_do_update(index_elements=["address_key"], set_={"created_at": Subscriber.created_at})
        .returning(Subscriber.id)
    ).one()
    row = {"subscriber_id": subscriber_id, "newsletter_id": newsletter_id, "created_at": now, "requested_at": now}
    session.execute(insert(session, Subscription).values(row).on_conflict_do_nothing())
    return subscriber_id


def _ask(session: Session, subscriber_id: int, newsletter_id: int, asked: Asked, now: datetime) -> int:
    """Bring the subscription to pending if it is not in. Every state is written, so that each takes the same time.

    What a reader chose who was in once stays: whoever types an address has not proved it.
    """
    row = Subscription
    left, out = row.state == SubscriptionState.UNSUBSCRIBED, row.state.not_in(letters.IN)
    unproven = and_(out, row.confirmed_at.is_(None))
    return session.scalars(
        update(row)
        .where(row.subscriber_id == subscriber_id, row.newsletter_id == newsletter_id)
        .values(
            state=case((left, SubscriptionState.PENDING.value), else_=row.state),
            request=case((left, row.request + 1), else_=row.request),
            topics=case((unproven, asked.topics), else_=row.topics),
            schedule_id=case((unproven, asked.schedule_id), else_=row.schedule_id),
            language=case((unproven, asked.language), else_=row.language),
            requested_at=case((out, literal(now, UtcDateTime())), else_=row.requested_at),
        )
        .returning(row.id)
        .execution_options(synchronize_session=False)
    ).one()


def _owe(session: Session, subscription_id: int, site: str, page: str, now: datetime) -> int:
    is_in = Subscription.state.in_(letters.IN)
    out = Subscription.state == SubscriptionState.PENDING
    few = letters.mailed_lately(Subscription.subscriber_id, letters.SIGN_UP, now) < letters.SIGN_UPS_A_DAY
    may_mail = and_(is_in | out, few, ~suppression.of_subscription())
    row = {
        OwedLetter.kind: case((is_in, LetterKind.ALREADY.value), else_=LetterKind.CONFIRMATION.value),
        OwedLetter.subscriber_id: Subscription.subscriber_id,
        OwedLetter.subscription_id: Subscription.id,
        OwedLetter.request: Subscription.request,
        OwedLetter.site: literal(site),
        OwedLetter.ref_hash: literal(page),
        OwedLetter.created_at: literal(now, UtcDateTime()),
        OwedLetter.due_at: case((may_mail, literal(now, UtcDateTime())), else_=null()),
    }
    made = select(*row.values()).where(Subscription.id == subscription_id)
    names = [column.key for column in row]
    return session.scalars(insert(session, OwedLetter).from_select(names, made).returning(OwedLetter.id)).one()


def _prove(
    session: Session, subscription_id: int, letter_id: int, address: Address, asked: Asked, now: datetime
) -> None:
    """Keep the proof of a sign-up that a mail answers."""
    row: dict[str, ColumnElement[Any]] = {
        "subscription_id": literal(subscription_id),
        "event": literal(ConsentEvent.REQUESTED.value),
        "at": literal(now, UtcDateTime()),
        "address": literal(address.address),
        "wording": literal(asked.wording),
        "wording_hash": literal(consent.fingerprint(asked.wording)),
        "page": literal(asked.page),
        "form": literal(asked.form),
        "form_version": literal(asked.form_version),
        "network": literal(asked.network),
    }
    answered = exists().where(OwedLetter.id == letter_id, OwedLetter.due_at.is_not(None))
    session.execute(insert(session, ConsentRecord).from_select(list(row), select(*row.values()).where(answered)))

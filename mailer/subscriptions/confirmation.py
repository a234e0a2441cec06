"""The press that says yes: a link in a mail, or its six digits typed on the page that asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from mailer.subscriptions import code, consent, suppression
from mailer.subscriptions.models import ConsentEvent, LetterKind, OwedLetter, Subscription, SubscriptionState

CODE_LIFETIME = timedelta(minutes=30)
"""How long the code of a letter works, from the sign-up that caused it."""

TRIES = 5
"""Wrong codes that a letter stands."""


class Standing(Enum):
    """What a confirmation link can still do."""

    PENDING = "pending"
    """The button makes the reader active."""
    ACTIVE = "active"
    """Nothing more: the reader is in."""
    STALE = "stale"
    """Nothing: the reader left since, signed up anew, may not be mailed, or is not known."""


@dataclass(frozen=True)
class Confirmed:
    """The code was right: the reader is in, from now on or since the same code was typed before."""

    subscription: Subscription


@dataclass(frozen=True)
class Wrong:
    """That is not the code; `tries_left` is at least one."""

    tries_left: int


@dataclass(frozen=True)
class Spent:
    """Too many wrong codes: only a new letter helps, or the link in the old one."""


@dataclass(frozen=True)
class Expired:
    """This page asked for nothing, or too long ago."""


CodeAnswer = Confirmed | Wrong | Spent | Expired


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
            unsubscribed_at=None,
            unsubscribed_issue_id=None,
            leaving_reason="",
            paused_until=None,
        )
        .returning(Subscription.id)
    )
    # Another press may have been first, after this session had read the row.
    subscription = session.get(Subscription, subscription_id, populate_existing=True)
    if confirmed is None or subscription is None:
        already = standing(subscription, request) is Standing.ACTIVE
        return Standing.ACTIVE if already else Standing.STALE
    address = subscription.subscriber.address
    consent.record(session, subscription_id, ConsentEvent.CONFIRMED, address=address, at=now, network=network)
    return Standing.ACTIVE


def confirm_by_code(
    session: Session, newsletter_id: int, ref: str, typed: str, key: bytes, *, network: str, now: datetime
) -> CodeAnswer:
    """A reader typed six digits on the page whose secret is `ref`; `key` is the one that `code.code` is made with.

    The codes of all letters of this page work that are not too old. The same statements run whether or not a letter
    was mailed, so that no page says whose address is known. What cannot be a code costs no try.
    """
    alive = _of_page(session, newsletter_id, ref, now)
    if not alive:
        return Expired()
    digits = code.read(typed)
    if digits is None:
        return _wrong([letter.tries for letter in alive])
    tried = _try(session, [letter.id for letter in alive])
    right = next((letter for letter in tried if _opens(letter, digits, key)), None)
    return _enter(session, right, tried, network, now) if right else _wrong([letter.tries for letter in tried])


def _of_page(session: Session, newsletter_id: int, ref: str, now: datetime) -> Sequence[Row[int, int]]:
    """The id and the tries of each letter whose code may be typed on this page."""
    return session.execute(
        select(OwedLetter.id, OwedLetter.tries)
        .join(Subscription, Subscription.id == OwedLetter.subscription_id)
        .where(
            OwedLetter.ref_hash == code.ref_hash(ref),
            OwedLetter.ref_hash != "",
            OwedLetter.created_at > now - CODE_LIFETIME,
            Subscription.newsletter_id == newsletter_id,
        )
    ).all()


def _try(session: Session, ids: Sequence[int]) -> Sequence[OwedLetter]:
    """Count a try of each letter that has one left, before the code is looked at: many at once are counted, too."""
    return session.scalars(
        update(OwedLetter)
        .where(OwedLetter.id.in_(ids), OwedLetter.tries < TRIES)
        .values(tries=OwedLetter.tries + 1)
        .returning(OwedLetter)
        .execution_options(populate_existing=True)
    ).all()


def _opens(letter: OwedLetter, digits: str, key: bytes) -> bool:
    """Whether this is the code of a letter that asks for one, and that somebody may have received."""
    right = code.same(code.code(key, letter.id), digits)
    return right and letter.kind == LetterKind.CONFIRMATION and letter.is_mailed


def _enter(
    session: Session, right: OwedLetter, tried: Sequence[OwedLetter], network: str, now: datetime
) -> Confirmed | Expired:
    """Confirm the sign-up that the letter belongs to. A right code costs no try, so that it may be sent twice."""
    mine = [letter.id for letter in tried]
    session.execute(update(OwedLetter).where(OwedLetter.id.in_(mine)).values(tries=OwedLetter.tries - 1))
    if right.subscription_id is None:
        return Expired()
    answer = confirm(session, right.subscription_id, right.request, network=network, now=now)
    subscription = session.get_one(Subscription, right.subscription_id)
    return Confirmed(subscription) if answer is Standing.ACTIVE and subscription.request == right.request else Expired()


def _wrong(tries: Sequence[int]) -> Wrong | Spent:
    left = TRIES - min(tries, default=TRIES)
    return Wrong(left) if left > 0 else Spent()

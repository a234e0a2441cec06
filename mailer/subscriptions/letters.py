"""The letters that readers are owed: the row is the work. One worker at a time claims a letter, and records it.

Who may be flooded by strangers is protected here: of the letters that anybody can ask for with somebody else's address
only a few a day are mailed, counted in the statement that makes the row.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    SQLColumnExpression,
    and_,
    case,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from mailer.db import UtcDateTime, insert
from mailer.emails.smtp import Outcome
from mailer.newsletters.models import Newsletter
from mailer.subscriptions import suppression
from mailer.subscriptions.address import parse
from mailer.subscriptions.models import LetterKind, OwedLetter, Subscriber, Subscription, SubscriptionState

DAY = timedelta(days=1)

SIGN_UP = (LetterKind.CONFIRMATION, LetterKind.ALREADY, LetterKind.REMINDER)
"""The letters that a sign-up may cause."""

SIGN_UPS_A_DAY = 2
"""Mails that all sign-ups of one address together may cause in 24 hours, over all newsletters."""

LINKS_A_DAY = 2
"""Fresh preference links in 24 hours."""

CLAIM = timedelta(minutes=2)
"""How long a worker may take; then the letter is owed again."""

RETRIES = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 60, 240, 720))
"""Waits after each failed attempt."""

ATTEMPTS = len(RETRIES) + 1

IS_MOVE = OwedLetter.kind == literal_column(f"'{LetterKind.MOVE.value}'")
"""SQL: a letter that proves a new address; in the words of the index, which must be literal."""

IN = (SubscriptionState.ACTIVE, SubscriptionState.PAUSED)


@dataclass(frozen=True)
class Owed:
    """A letter that this worker, and no other, is to send now. `attempt` counts from 1.

    `newsletter` is the one in whose name it is written, `language` what the reader chose, or nothing.
    """

    letter_id: int
    kind: LetterKind
    attempt: int
    address: str
    newsletter: Newsletter
    language: str
    plain_text: bool
    paused: bool
    subscriber_id: int
    generation: int
    subscription_id: int
    request: int
    site: str
    created_at: datetime


def owe_link(session: Session, key: str, *, now: datetime) -> int | None:
    """Owe the reader of an address that somebody typed a fresh preference link; None for an address nobody has.

    `key` is `Address.key`. The same statements for both, and for who may not be mailed or had enough of them today.
    """
    hold(session, Subscriber.address_key == key)
    mine = suppression.of_key(Subscriber.address_key)
    few = mailed_lately(Subscriber.id, (LetterKind.PREFERENCES,), now) < LINKS_A_DAY
    row = select(
        literal(LetterKind.PREFERENCES.value),
        Subscriber.id,
        _home(Subscriber.id),
        literal(now, UtcDateTime()),
        case((and_(few, ~mine), literal(now, UtcDateTime())), else_=null()),
    ).where(Subscriber.address_key == key)
    names = ["kind", "subscriber_id", "subscription_id", "created_at", "due_at"]
    return session.scalar(insert(session, OwedLetter).from_select(names, row).returning(OwedLetter.id))


def hold(session: Session, which: ColumnElement[bool]) -> None:
    """Let those who ask for letters of one reader wait for each other, or many at once would all be the first today."""
    session.scalar(select(Subscriber.id).where(which).with_for_update(key_share=True))


def mailed_lately(
    subscriber_id: SQLColumnExpression[int], kinds: Sequence[LetterKind], now: datetime
) -> ColumnElement[int]:
    """SQL: how many letters of these kinds a reader is owed, or was mailed in the last 24 hours.

    Also counts what was given up, so that an address that refuses mail is not tried more often than one that takes it.
    """
    lately = or_(OwedLetter.due_at.is_not(None), OwedLetter.sent_at > now - DAY, OwedLetter.created_at > now - DAY)
    return (
        select(func.count())
        .select_from(OwedLetter)
        .where(OwedLetter.subscriber_id == subscriber_id, OwedLetter.kind.in_(kinds), mailed(), lately)
        .scalar_subquery()
    )


def mailed() -> ColumnElement[bool]:
    """SQL: this letter is mailed, has been, or was tried; in the words of the index, which must be literal."""
    return or_(OwedLetter.due_at.is_not(None), OwedLetter.attempts > literal_column("0"))


def claim(session: Session, letter_id: int, now: datetime) -> Owed | None:
    """Take the letter before the wire, until `now` + CLAIM; None when none is owed.

    After the last attempt, for a suppressed address, and when the letter would say what is no longer true, it is given
    up: the row stays.
    """
    letter = session.get(OwedLetter, letter_id, populate_existing=True)
    if letter is None:
        return None
    key = parse(letter.new_address).key if letter.new_address else letter.subscriber.address_key
    may_send = and_(_still_true(letter.kind), OwedLetter.attempts < ATTEMPTS, ~suppression.of_key(literal(key)))
    claimed = session.execute(
        update(OwedLetter)
        .where(OwedLetter.id == letter_id, OwedLetter.due_at <= now)
        .values(
            due_at=case((may_send, literal(now + CLAIM, UtcDateTime())), else_=null()),
            attempts=OwedLetter.attempts + 1,
        )
        .returning(OwedLetter.due_at, OwedLetter.attempts)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if claimed is None or claimed.due_at is None or letter.subscription is None:
        return None
    return _owed(letter, letter.subscription, claimed.attempts)


def record(session: Session, owed: Owed, outcome: Outcome, now: datetime) -> None:
    """Write what happened after the wire. A mail in doubt counts as sent; whoever lost the claim writes nothing."""
    session.execute(
        update(OwedLetter)
        .where(OwedLetter.id == owed.letter_id, OwedLetter.attempts == owed.attempt)
        .values(_after(owed.attempt, outcome, now))
    )


def owed(session: Session, now: datetime, limit: int) -> Sequence[int]:
    """Ids of letters that are due, longest waiting first: what the sweep asks for again."""
    due = OwedLetter.due_at
    return session.scalars(select(OwedLetter.id).where(due <= now).order_by(due).limit(limit)).all()


def _owed(letter: OwedLetter, subscription: Subscription, attempt: int) -> Owed:
    return Owed(
        letter_id=letter.id,
        kind=LetterKind(letter.kind),
        attempt=attempt,
        address=letter.new_address or letter.subscriber.address,
        newsletter=subscription.newsletter,
        language=subscription.language,
        plain_text=letter.subscriber.plain_text,
        paused=subscription.state == SubscriptionState.PAUSED,
        subscriber_id=letter.subscriber_id,
        generation=letter.subscriber.generation,
        subscription_id=subscription.id,
        request=letter.request,
        site=letter.site,
        created_at=letter.created_at,
    )


def _still_true(kind: str) -> ColumnElement[bool]:
    """SQL: there is a newsletter to write for, and what a letter about a sign-up says still holds."""
    of_it = select(Subscription.id).where(Subscription.id == OwedLetter.subscription_id)
    match kind:
        case LetterKind.CONFIRMATION | LetterKind.REMINDER:
            of_it = of_it.where(
                Subscription.state == SubscriptionState.PENDING, Subscription.request == OwedLetter.request
            )
        case LetterKind.ALREADY:
            of_it = of_it.where(Subscription.state.in_(IN))
    return of_it.exists()


def _home(subscriber_id: SQLColumnExpression[int]) -> ColumnElement[int | None]:
    """SQL: the subscription whose newsletter writes to a reader about no newsletter in particular."""
    active = case((Subscription.state == SubscriptionState.ACTIVE, 0), else_=1)
    mine = select(Subscription.id).where(Subscription.subscriber_id == subscriber_id)
    return mine.order_by(active, Subscription.id).limit(1).scalar_subquery()


def _after(attempt: int, outcome: Outcome, now: datetime) -> dict[str, datetime | None]:
    match outcome:
        case Outcome.ACCEPTED | Outcome.UNCERTAIN:
            return {"sent_at": now, "due_at": None}
        case Outcome.DEFERRED | Outcome.UNSENT if attempt < ATTEMPTS:
            return {"due_at": now + RETRIES[attempt - 1]}
        case _:
            return {"due_at": None}

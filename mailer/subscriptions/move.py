"""A reader moves to a new address. It is proven first, by a letter to it; until then the old one works.

The proof is the letter's link or its code. A link names the letter, and the letter the generation of the reader at the
time: whoever moved, or proved it, once is a generation further, so that no proof works twice.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, null, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mailer.db import UtcDateTime, insert
from mailer.subscriptions import code, consent, letters, merging, suppression
from mailer.subscriptions.address import Address, parse
from mailer.subscriptions.models import ConsentEvent, LetterKind, OwedLetter, Subscriber, Subscription
from mailer.subscriptions.preferences import FORM, subscriptions

LETTERS_A_DAY = 2
"""Of one reader, and to one new address, in 24 hours."""

CODE_LIFE = timedelta(minutes=30)

TRIES = 5


@dataclass(frozen=True)
class Moved:
    """The reader is at the new address, from now on or since before.

    `merged` is the number of the reader that was taken up in the one who had the new address before, if there was one.
    """

    subscriber: Subscriber
    merged: int | None = None


@dataclass(frozen=True)
class Wrong:
    """Not the code. So many tries are left; none: it has to be asked for anew."""

    tries_left: int


def ask(session: Session, subscriber: Subscriber, new: Address, ref: str, *, now: datetime) -> int:
    """Owe a letter to the new address; its id. The row is made in any case, so that every code can be tried alike.

    Nothing is mailed to an address that nobody may mail, or when the letters of the day are used up. `ref` is the
    secret of the page that may use the code.
    """
    mine = OwedLetter.subscriber_id == subscriber.id
    there = func.lower(OwedLetter.new_address) == func.lower(literal(new.address))
    may_mail = and_(_few(mine, now), _few(there, now), ~suppression.of_key(literal(new.key)))
    any_of_mine = select(Subscription.id).where(Subscription.subscriber_id == subscriber.id).limit(1)
    row: dict[str, ColumnElement[Any]] = {
        "kind": literal(LetterKind.MOVE.value),
        "subscriber_id": literal(subscriber.id),
        "subscription_id": any_of_mine.order_by(Subscription.state, Subscription.id).scalar_subquery(),
        "request": literal(subscriber.generation),
        "new_address": literal(new.address),
        "ref_hash": literal(code.ref_hash(ref)),
        "created_at": literal(now, UtcDateTime()),
        "due_at": case((may_mail, literal(now, UtcDateTime())), else_=null()),
    }
    made = insert(session, OwedLetter).from_select(list(row), select(*row.values()))
    return session.scalars(made.returning(OwedLetter.id)).one()


def standing(session: Session, letter_id: int) -> OwedLetter | Moved | None:
    """What a link can still do: bring its reader to the letter's address, nothing more, or nothing at all."""
    letter = session.get(OwedLetter, letter_id)
    if letter is None or letter.kind != LetterKind.MOVE:
        return None
    if letter.subscriber.generation == letter.request:
        return letter
    there = letter.subscriber.address_key == parse(letter.new_address).key
    return Moved(letter.subscriber) if there else None


def by_link(session: Session, letter_id: int, *, network: str, now: datetime) -> Moved | None:
    """The owner of the new address pressed the button; None for a letter that was overtaken by another move."""
    found = standing(session, letter_id)
    if not isinstance(found, OwedLetter):
        return found
    moved = _move(session, found, network, now)
    return moved or _by_another_press(session, letter_id)


def by_code(
    session: Session, subscriber: Subscriber, ref: str, typed: str, key: bytes, *, network: str, now: datetime
) -> Moved | Wrong:
    """The reader, whose row is held, typed a code on the page that asked; `key` is the one codes are made with.

    The codes of all letters of this page work that are not too old. What cannot be a code costs no try.
    """
    waiting = session.scalars(_of_page(subscriber, ref, now)).all()
    digits = code.read(typed)
    for letter in waiting:
        if digits and _received(letter) and code.same(digits, code.code(key, letter.id)):
            return _move(session, letter, network, now) or Wrong(0)
    for letter in waiting:
        letter.tries += 1 if digits else 0
    return Wrong(max((TRIES - letter.tries for letter in waiting), default=0))


def _by_another_press(session: Session, letter_id: int) -> Moved | None:
    """Whether the same link was pressed at the same moment, and that press moved the reader."""
    session.expire_all()
    found = standing(session, letter_id)
    return found if isinstance(found, Moved) else None


def _few(which: ColumnElement[bool], now: datetime) -> ColumnElement[bool]:
    """SQL: of these letters not too many were mailed lately."""
    lately = OwedLetter.created_at > now - letters.DAY
    count = select(func.count()).select_from(OwedLetter).where(letters.IS_MOVE, which, lately, letters.mailed())
    return count.scalar_subquery() < LETTERS_A_DAY


def _of_page(subscriber: Subscriber, ref: str, now: datetime) -> Select[OwedLetter]:
    return select(OwedLetter).where(
        letters.IS_MOVE,
        OwedLetter.subscriber_id == subscriber.id,
        OwedLetter.ref_hash == code.ref_hash(ref),
        OwedLetter.ref_hash != "",
        OwedLetter.created_at > now - CODE_LIFE,
        OwedLetter.tries < TRIES,
    )


def _received(letter: OwedLetter) -> bool:
    """Whether somebody may have received it."""
    return letter.due_at is not None or letter.attempts > 0


def _move(session: Session, letter: OwedLetter, network: str, now: datetime) -> Moved | None:
    """Change the address, or bring everything to the reader who has the new one already."""
    new = parse(letter.new_address)
    either = or_(Subscriber.id == letter.subscriber_id, Subscriber.address_key == new.key)
    # Both rows in one order always, or two moves at once lock each other out.
    both = select(Subscriber).where(either).order_by(Subscriber.id).with_for_update()
    held = session.scalars(both.execution_options(populate_existing=True)).all()
    reader = next((one for one in held if one.id == letter.subscriber_id), None)
    if reader is None or reader.generation != letter.request or suppression.find(session, new.key):
        return None
    before, there = reader.address, next((one for one in held if one is not reader), None)
    if there is None:
        if not _readdress(session, reader, new):
            return _move(session, letter, network, now)
        moved = Moved(reader)
    else:
        moved = Moved(there, merged=reader.id)
        merging.merge(session, reader, there)
    _prove(session, moved.subscriber, f"address: {before} -> {new.address}", network, now)
    return moved


def _readdress(session: Session, reader: Subscriber, new: Address) -> bool:
    """False when somebody signed up with the new address a moment ago."""
    try:
        with session.begin_nested():
            reader.address, reader.address_key = new.address, new.key
            reader.generation += 1
            # Codes and links of sign-ups that went to the old mailbox must not open the new one's preferences.
            mine = update(Subscription).where(Subscription.subscriber_id == reader.id)
            session.execute(mine.values(request=Subscription.request + 1))
    except IntegrityError:
        return False
    return True


def _prove(session: Session, subscriber: Subscriber, detail: str, network: str, now: datetime) -> None:
    for subscription in subscriptions(session, subscriber):
        consent.record(
            session,
            subscription.id,
            ConsentEvent.MOVED,
            address=subscriber.address,
            at=now,
            form=FORM,
            detail=detail,
            network=network,
        )

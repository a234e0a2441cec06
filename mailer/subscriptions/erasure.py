"""A reader is forgotten. What stays says nothing of who it was.

Of a reader who never wants mail again a keyed hash of the address is kept. A database cannot make such a hash, so every
door through which an address comes in (sign-up, import, move) makes it and asks here first: `keep_suppressed` writes
the plain suppression that all queries know, in one statement that is the same for every address. It lasts as long as
somebody's typing keeps the address in the house; `forget_again` takes it away with the rest.
"""

import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Text, column, delete, func, literal, select, values
from sqlalchemy.orm import Session

from mailer.db import UtcDateTime, insert
from mailer.staff import audit
from mailer.subscriptions.letters import IS_MOVE
from mailer.subscriptions.models import OwedLetter, Subscriber, Suppression

NEVER_AGAIN = "erased, and never wants mail again"

AT_WORK = timedelta(hours=1)
"""How long a plain suppression is left alone: somebody may be importing."""

_MARK = "hmac:"
_SALT = b"postroom.erased.1:"


def hashed(key: bytes, address_key: str) -> str:
    """What is kept instead of an `Address.key`; `key` is the secret of this installation."""
    return _MARK + hmac.new(key, _SALT + address_key.encode(), hashlib.sha256).hexdigest()


def erase(session: Session, subscriber: Subscriber, key: bytes, *, never_again: bool, now: datetime) -> None:
    """Forget a reader at once: choices, proofs, letters, and the address wherever it stands in these rooms.

    With `never_again` the hash stays, for good. A suppression that was there before stays too, as a hash: who must not
    be mailed does not become mailable by going.
    """
    address_key, of_erased = subscriber.address_key, hashed(key, subscriber.address_key)
    known = session.scalar(select(Suppression).where(Suppression.address_key == address_key))
    if known is not None or never_again:
        row = {
            "address_key": of_erased,
            "reason": known.reason if known else NEVER_AGAIN,
            "created_at": known.created_at if known else now,
        }
        session.execute(insert(session, Suppression).values(row).on_conflict_do_nothing())
    session.execute(delete(Suppression).where(Suppression.address_key == address_key))
    session.execute(delete(OwedLetter).where(IS_MOVE, func.lower(OwedLetter.new_address) == address_key))
    audit.forget(session, address_key)
    session.execute(delete(Subscriber).where(Subscriber.id == subscriber.id))


def keep_suppressed(session: Session, key: bytes, address_keys: Iterable[str], now: datetime) -> None:
    """Suppress those of these addresses whose owner was erased and never wants mail. Ask before they are stored."""
    rows = [(address_key, hashed(key, address_key)) for address_key in address_keys]
    if not rows:
        return
    asked = values(column("address_key", Text), column("hashed", Text), name="asked").data(rows).cte("asked")
    found = select(asked.c.address_key, literal(NEVER_AGAIN), literal(now, UtcDateTime())).where(
        Suppression.address_key == asked.c.hashed
    )
    names = ["address_key", "reason", "created_at"]
    session.execute(insert(session, Suppression).from_select(names, found).on_conflict_do_nothing())


def forget_again(session: Session, now: datetime) -> int:
    """Take away the plain suppressions that `keep_suppressed` wrote and nobody's row needs any more. How many."""
    kept = select(Subscriber.id).where(Subscriber.address_key == Suppression.address_key)
    needless = delete(Suppression).where(
        Suppression.reason == NEVER_AGAIN,
        Suppression.address_key.not_like(f"{_MARK}%"),
        Suppression.created_at < now - AT_WORK,
        ~kept.exists(),
    )
    return len(session.scalars(needless.returning(Suppression.id)).all())

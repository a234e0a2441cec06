"""What the page that asked may know by its secret: what it has caused, and that the reader said yes since.

Nothing of it depends on who the address was before the page asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.subscriptions.code import ref_hash
from mailer.subscriptions.models import OwedLetter, Subscription, SubscriptionState

LIFETIME = timedelta(hours=12)
"""How long a page may ask. Shorter than any letter is kept: when one is forgotten depends on whose address it was."""


@dataclass(frozen=True)
class Waiting:
    """How many letters a page asked for, when the last one, and the subscription that was confirmed since, if one."""

    letters: int
    last_at: datetime
    confirmed: Subscription | None


def find(session: Session, newsletter_id: int, ref: str, *, now: datetime) -> Waiting | None:
    """What the page with this secret has caused lately; None when it asked for nothing here."""
    letters = session.scalars(
        select(OwedLetter)
        .join(Subscription, Subscription.id == OwedLetter.subscription_id)
        .where(
            OwedLetter.ref_hash == ref_hash(ref),
            OwedLetter.created_at > now - LIFETIME,
            Subscription.newsletter_id == newsletter_id,
        )
        .order_by(OwedLetter.id)
    ).all()
    return Waiting(len(letters), letters[-1].created_at, _confirmed(letters)) if ref and letters else None


def _confirmed(letters: Sequence[OwedLetter]) -> Subscription | None:
    for letter in letters:
        subscription = letter.subscription
        if subscription is None or subscription.state != SubscriptionState.ACTIVE:
            continue
        if subscription.confirmed_at is not None and subscription.confirmed_at >= letter.created_at:
            return subscription
    return None

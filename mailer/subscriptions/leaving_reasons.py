"""Why readers left, as far as they say it, and which forms brought in people who never signed up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from mailer.newsletters.models import Newsletter
from mailer.subscriptions.models import ConsentEvent, ConsentRecord, Subscription, SubscriptionState


class LeavingReason(StrEnum):
    """What a reader may say in one press."""

    TOO_MANY = "too_many"
    NOT_EXPECTED = "not_expected"
    ON_THE_SITE = "on_the_site"
    NEVER_SIGNED_UP = "never_signed_up"


@dataclass(frozen=True)
class Strangers:
    """How many who came by one form say that they never signed up. An empty form is an import."""

    newsletter: str
    form: str
    count: int


def give(session: Session, subscription_id: int, reason: LeavingReason) -> bool:
    """Keep why a reader left, the last word counts; False for one who did not leave."""
    given = (
        update(Subscription)
        .where(Subscription.id == subscription_id, Subscription.state == SubscriptionState.UNSUBSCRIBED)
        .values(leaving_reason=reason.value)
        .returning(Subscription.id)
    )
    return session.execute(given).first() is not None


def strangers(session: Session, since: datetime) -> Sequence[Strangers]:
    """Per form, who left since then and never signed up, most first: it is abused, or its list was bought."""
    came_by = (
        select(func.max(ConsentRecord.id))
        .where(
            ConsentRecord.subscription_id == Subscription.id,
            ConsentRecord.event.in_((ConsentEvent.REQUESTED, ConsentEvent.IMPORTED)),
        )
        .correlate(Subscription)
        .scalar_subquery()
    )
    count = func.count()
    rows = session.execute(
        select(Newsletter.title, ConsentRecord.form, count)
        .select_from(Subscription)
        .join(Newsletter, Newsletter.id == Subscription.newsletter_id)
        .join(ConsentRecord, ConsentRecord.id == came_by)
        .where(Subscription.leaving_reason == LeavingReason.NEVER_SIGNED_UP, Subscription.unsubscribed_at > since)
        .group_by(Newsletter.id, Newsletter.title, ConsentRecord.form)
        .order_by(count.desc(), Newsletter.title)
    )
    return [Strangers(*row) for row in rows]

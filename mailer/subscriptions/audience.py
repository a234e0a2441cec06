"""The one query that says who may be mailed."""

from datetime import time

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from mailer.subscriptions import suppression
from mailer.subscriptions.models import Subscription, SubscriptionState


def members(newsletter_id: int, schedule_id: int | None) -> Select[int, int, int, time | None, str]:
    """Everybody who may be mailed: (subscription id, subscriber id, topics, delivery hour, time zone), in no order.

    That is the active readers of the newsletter whose address is not suppressed: a pause that is over is ended by the
    sweep. An hour of None means when the issue is sent, an empty zone that of the newsletter. With `schedule_id` only
    those who chose that schedule, or none in particular.
    """
    query = select(
        Subscription.id,
        Subscription.subscriber_id,
        Subscription.topics,
        Subscription.delivery_hour,
        Subscription.timezone,
    ).where(
        Subscription.newsletter_id == newsletter_id,
        Subscription.state == SubscriptionState.ACTIVE,
        ~suppression.of_subscription(),
    )
    if schedule_id is None:
        return query
    return query.where(or_(Subscription.schedule_id.is_(None), Subscription.schedule_id == schedule_id))


def count(session: Session, newsletter_id: int, schedule_id: int | None) -> int:
    """How many readers `members` names."""
    return session.scalar(select(func.count()).select_from(members(newsletter_id, schedule_id).subquery())) or 0

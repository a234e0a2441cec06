"""The one query that says who may be mailed."""

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from mailer.subscriptions import suppression
from mailer.subscriptions.models import Subscription, SubscriptionState


def members(newsletter_id: int, schedule_id: int | None) -> Select[int, int, int]:
    """Everybody who may be mailed: (subscription id, subscriber id, topics), in no order.

    That is the active readers of the newsletter whose address is not suppressed. With `schedule_id` only those who
    chose that schedule, or none in particular.
    """
    query = select(Subscription.id, Subscription.subscriber_id, Subscription.topics).where(
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

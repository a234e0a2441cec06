"""What a reader may have instead of leaving, also after they left: the newsletter less often, or a pause."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, or_, update
from sqlalchemy.orm import Session

from mailer.newsletters.frequency import less_often
from mailer.newsletters.models import Schedule
from mailer.subscriptions import consent, suppression
from mailer.subscriptions.models import ConsentEvent, Subscription, SubscriptionState
from mailer.subscriptions.unsubscribe import STAYING, may_return

PAUSE = timedelta(days=30)
"""The pause that is offered to who leaves."""


def offers(subscription: Subscription) -> Sequence[Schedule]:
    """The schedules that would bring the newsletter less often than now, the rarest first."""
    return less_often(subscription.newsletter.schedules, subscription.schedule_id)


def less(session: Session, subscription: Subscription, schedule: Schedule, *, network: str, now: datetime) -> bool:
    """Give a reader, also one who just left, this schedule; a pause goes on. False when nothing was changed."""
    before, came_back = _frequency(subscription), _came_back(subscription)
    may = or_(may_return(now), _stays(STAYING) & Subscription.schedule_id.is_distinct_from(schedule.id))
    paused = Subscription.paused_until > now
    state = case((paused, SubscriptionState.PAUSED.value), else_=SubscriptionState.ACTIVE.value)
    if not _change(session, subscription, may, state=state, schedule_id=schedule.id):
        return False
    detail = f"frequency: {before} -> {schedule.title}"
    _record(session, subscription, ConsentEvent.CHANGED, came_back + detail, network, now)
    return True


def pause(session: Session, subscription: Subscription, *, network: str, now: datetime) -> bool:
    """Let the newsletter rest for PAUSE; then the sweep resumes it. False when nothing was changed."""
    came_back, until = _came_back(subscription), now + PAUSE
    may = or_(may_return(now), _stays((SubscriptionState.ACTIVE,)))
    if not _change(session, subscription, may, state=SubscriptionState.PAUSED.value, paused_until=until):
        return False
    _record(session, subscription, ConsentEvent.PAUSED, f"{came_back}until {until:%Y-%m-%d}", network, now)
    return True


def _stays(states: Sequence[SubscriptionState]) -> ColumnElement[bool]:
    return Subscription.state.in_(states) & ~suppression.of_subscription()


def _change(session: Session, subscription: Subscription, may: ColumnElement[bool], **values: object) -> bool:
    changed = (
        update(Subscription)
        .where(Subscription.id == subscription.id, may)
        .values(unsubscribed_at=None, unsubscribed_issue_id=None, leaving_reason="", **values)
        .returning(Subscription.id)
    )
    return session.execute(changed).first() is not None


def _record(
    session: Session, subscription: Subscription, event: ConsentEvent, detail: str, network: str, now: datetime
) -> None:
    address = subscription.subscriber.address
    consent.record(
        session, subscription.id, event, address=address, at=now, form="leaving", detail=detail, network=network
    )


def _frequency(subscription: Subscription) -> str:
    titles = {schedule.id: schedule.title for schedule in subscription.newsletter.schedules}
    return titles.get(subscription.schedule_id or 0, "every issue")


def _came_back(subscription: Subscription) -> str:
    return "came back, " if subscription.state not in STAYING else ""

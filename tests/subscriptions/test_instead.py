"""Less often, or a pause: for readers who stay, and for those who just left."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from mailer.newsletters.models import Newsletter, Schedule
from mailer.subscriptions import audience, consent, instead, suppression, unsubscribe
from mailer.subscriptions.models import Subscription, SubscriptionState
from tests.newsletters.making import make_schedule
from tests.subscriptions.making import NOW, ask, fresh, join

LATER = NOW + timedelta(days=1)


@pytest.fixture
def saturdays(session: Session, newsletter: Newsletter) -> Schedule:
    """Beside it there is one for weekdays."""
    make_schedule(session, newsletter, title="Weekdays", weekdays=0b0011111)
    return make_schedule(session, newsletter, title="Saturdays", weekdays=0b0100000)


@pytest.fixture
def left(session: Session, newsletter: Newsletter, saturdays: Schedule) -> Subscription:
    subscription = join(session, newsletter)
    unsubscribe.leave(session, subscription.id, issue_id=12, network="", now=NOW)
    session.commit()
    return fresh(session, subscription.id)


def less(session: Session, subscription: Subscription, schedule: Schedule) -> bool:
    changed = instead.less(session, subscription, schedule, network="192.0.2.9", now=LATER)
    session.commit()
    session.expire_all()
    return changed


def pause(session: Session, subscription: Subscription) -> bool:
    changed = instead.pause(session, subscription, network="192.0.2.9", now=LATER)
    session.commit()
    session.expire_all()
    return changed


def test_who_left_comes_back_also_after_a_strangers_sign_up(
    session: Session, newsletter: Newsletter, left: Subscription
) -> None:
    pending = ask(session, newsletter)
    assert pause(session, pending)
    assert pending.state == "paused"
    assert consent.history(session, left.id)[-1].detail.startswith("came back, until")


def test_who_left_comes_back_with_the_rarer_schedule_and_it_is_proved(
    session: Session, newsletter: Newsletter, saturdays: Schedule, left: Subscription
) -> None:
    assert less(session, left, saturdays)
    assert (left.state, left.schedule_id, left.unsubscribed_issue_id) == ("active", saturdays.id, None)
    assert audience.count(session, newsletter.id, saturdays.id) == 1
    record = consent.history(session, left.id)[-1]
    assert (record.event, record.network) == ("changed", "192.0.2.9")
    assert record.detail == "came back, frequency: every issue -> Saturdays"


def test_the_same_press_twice_changes_once(session: Session, saturdays: Schedule, left: Subscription) -> None:
    assert less(session, left, saturdays)
    assert not less(session, left, saturdays)
    assert pause(session, left)
    assert not pause(session, left)
    events = [record.event for record in consent.history(session, left.id)]
    assert events == ["requested", "confirmed", "unsubscribed", "changed", "paused"]


def test_a_pause_ends_by_itself_and_outlasts_another_schedule(
    session: Session, newsletter: Newsletter, saturdays: Schedule, left: Subscription
) -> None:
    assert pause(session, left)
    assert (left.state, left.paused_until) == (SubscriptionState.PAUSED, LATER + instead.PAUSE)
    assert audience.count(session, newsletter.id, None) == 0
    assert less(session, left, saturdays)
    assert (left.state, left.schedule_id) == (SubscriptionState.PAUSED, saturdays.id)
    assert consent.history(session, left.id)[-2].detail == f"came back, until {LATER + instead.PAUSE:%Y-%m-%d}"


def test_only_rarer_schedules_are_on_offer(session: Session, newsletter: Newsletter, saturdays: Schedule) -> None:
    subscription = join(session, newsletter)
    assert [schedule.title for schedule in instead.offers(subscription)] == ["Saturdays", "Weekdays"]
    assert less(session, subscription, saturdays)
    assert instead.offers(subscription) == []


@pytest.mark.parametrize("why", ["pending", "suppressed", "long ago"])
def test_neither_is_a_way_around_a_sign_up(
    session: Session, newsletter: Newsletter, saturdays: Schedule, why: str
) -> None:
    subscription = ask(session, newsletter) if why == "pending" else join(session, newsletter)
    if why == "suppressed":
        suppression.suppress(session, "mara@ledger.example", "complained", NOW)
    if why == "long ago":
        unsubscribe.leave(session, subscription.id, issue_id=None, network="", now=NOW - timedelta(days=40))
    session.commit()
    before = fresh(session, subscription.id).state
    assert not less(session, subscription, saturdays)
    assert not pause(session, subscription)
    assert fresh(session, subscription.id).state == before

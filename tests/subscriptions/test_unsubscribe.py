"""Leaving is at once, once, and may be taken back for a while."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from mailer.newsletters.models import Newsletter
from mailer.subscriptions import audience, consent, suppression, unsubscribe
from mailer.subscriptions.models import SubscriptionState
from tests.subscriptions.making import NOW, ask, join

LATER = NOW + timedelta(days=1)


def test_a_reader_who_left_is_not_in_the_audience(session: Session, newsletter: Newsletter) -> None:
    subscription = join(session, newsletter)
    assert audience.count(session, newsletter.id, None) == 1
    unsubscribe.leave(session, subscription.id, issue_id=12, network="192.0.2.9", now=LATER)
    session.expire_all()
    assert audience.count(session, newsletter.id, None) == 0
    assert subscription.state == SubscriptionState.UNSUBSCRIBED
    assert (subscription.unsubscribed_at, subscription.unsubscribed_issue_id) == (LATER, 12)


def test_leaving_twice_is_leaving_once(session: Session, newsletter: Newsletter) -> None:
    subscription = join(session, newsletter)
    for issue_id in (12, 13):
        unsubscribe.leave(session, subscription.id, issue_id=issue_id, network="", now=LATER)
    session.flush()
    session.expire_all()
    assert subscription.unsubscribed_issue_id == 12
    events = [record.event for record in consent.history(session, subscription.id)]
    assert events == ["requested", "confirmed", "unsubscribed"]


def test_nobody_can_leave_what_is_not_there(session: Session) -> None:
    assert unsubscribe.leave(session, 4711, issue_id=None, network="", now=NOW) is None


def test_who_never_confirmed_may_leave_and_gets_no_mail(session: Session, newsletter: Newsletter) -> None:
    subscription = ask(session, newsletter)
    unsubscribe.leave(session, subscription.id, issue_id=None, network="", now=NOW)
    session.expire_all()
    assert subscription.confirmation_due_at is None
    assert not unsubscribe.can_undo(subscription, NOW)
    assert not unsubscribe.undo(session, subscription.id, network="", now=NOW)


def test_undo_brings_the_reader_back_and_is_proved(session: Session, newsletter: Newsletter) -> None:
    subscription = join(session, newsletter)
    unsubscribe.leave(session, subscription.id, issue_id=12, network="", now=NOW)
    session.expire_all()
    assert unsubscribe.can_undo(subscription, LATER)
    assert unsubscribe.undo(session, subscription.id, network="192.0.2.9", now=LATER)
    session.flush()
    session.expire_all()
    assert (subscription.state, subscription.unsubscribed_at) == (SubscriptionState.ACTIVE, None)
    record = consent.history(session, subscription.id)[-1]
    assert (record.event, record.form, record.at) == ("confirmed", "undo", LATER)


@pytest.mark.parametrize("days", [30, 31, 400])
def test_undo_ends_after_thirty_days(session: Session, newsletter: Newsletter, days: int) -> None:
    subscription = join(session, newsletter)
    unsubscribe.leave(session, subscription.id, issue_id=None, network="", now=NOW)
    session.expire_all()
    assert not unsubscribe.can_undo(subscription, NOW + timedelta(days=days))
    assert not unsubscribe.undo(session, subscription.id, network="", now=NOW + timedelta(days=days))


def test_a_suppressed_address_cannot_undo(session: Session, newsletter: Newsletter) -> None:
    subscription = join(session, newsletter)
    unsubscribe.leave(session, subscription.id, issue_id=None, network="", now=NOW)
    suppression.suppress(session, "mara@ledger.example", "complained", NOW)
    assert not unsubscribe.undo(session, subscription.id, network="", now=NOW)

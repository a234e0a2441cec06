"""Leaving is at once, once, and may be taken back for a while."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from mailer.newsletters.models import Newsletter
from mailer.subscriptions import audience, consent, letters, suppression, unsubscribe
from mailer.subscriptions.models import Subscription, SubscriptionState
from tests.subscriptions.making import NOW, ask, fresh, join, make_newsletter

LATER = NOW + timedelta(days=1)


def leave(session: Session, subscription: Subscription, issue_id: int | None = None) -> Subscription:
    unsubscribe.leave(session, subscription.id, issue_id=issue_id, network="192.0.2.9", now=NOW, form="link")
    session.commit()
    return fresh(session, subscription.id)


def test_a_reader_who_left_is_not_in_the_audience(session: Session, newsletter: Newsletter) -> None:
    subscription = join(session, newsletter)
    assert audience.count(session, newsletter.id, None) == 1
    subscription = leave(session, subscription, 12)
    assert audience.count(session, newsletter.id, None) == 0
    assert subscription.state == SubscriptionState.UNSUBSCRIBED
    assert (subscription.unsubscribed_at, subscription.unsubscribed_issue_id) == (NOW, 12)


def test_leaving_twice_is_leaving_once_and_says_by_what(session: Session, newsletter: Newsletter) -> None:
    subscription = join(session, newsletter)
    for issue_id in (12, 13):
        subscription = leave(session, subscription, issue_id)
    assert subscription.unsubscribed_issue_id == 12
    history = consent.history(session, subscription.id)
    assert [record.event for record in history] == ["requested", "confirmed", "unsubscribed"]
    assert (history[-1].form, history[-1].network) == ("link", "192.0.2.9")


def test_nobody_can_leave_what_is_not_there(session: Session) -> None:
    assert unsubscribe.leave(session, 4711, issue_id=None, network="", now=NOW) is None


def test_of_who_wants_not_to_be_counted_the_issue_is_not_kept(session: Session, newsletter: Newsletter) -> None:
    subscription = join(session, newsletter)
    subscription.subscriber.uncounted = True
    session.commit()
    subscription = leave(session, subscription, 12)
    assert (subscription.state, subscription.unsubscribed_issue_id) == (SubscriptionState.UNSUBSCRIBED, None)


def test_who_never_confirmed_may_leave_and_gets_no_mail(session: Session, newsletter: Newsletter) -> None:
    subscription = ask(session, newsletter)
    (letter_id,) = letters.owed(session, NOW, 10)
    leave(session, subscription)
    assert letters.claim(session, letter_id, NOW) is None
    assert not unsubscribe.can_undo(session, subscription.id, NOW)
    assert not unsubscribe.undo(session, subscription.id, network="", now=NOW)


def test_undo_brings_the_reader_back_and_is_proved(session: Session, newsletter: Newsletter) -> None:
    subscription = leave(session, join(session, newsletter), 12)
    assert unsubscribe.can_undo(session, subscription.id, LATER)
    assert unsubscribe.undo(session, subscription.id, network="192.0.2.9", now=LATER)
    assert not unsubscribe.undo(session, subscription.id, network="192.0.2.9", now=LATER)
    session.commit()
    subscription = fresh(session, subscription.id)
    assert (subscription.state, subscription.unsubscribed_at) == (SubscriptionState.ACTIVE, None)
    record = consent.history(session, subscription.id)[-1]
    assert (record.event, record.form, record.at) == ("confirmed", "undo", LATER)


@pytest.mark.parametrize(("days", "state"), [(7, SubscriptionState.PAUSED), (0.5, SubscriptionState.ACTIVE)])
def test_undo_brings_back_a_pause_that_is_not_over(
    session: Session, newsletter: Newsletter, days: float, state: SubscriptionState
) -> None:
    subscription = join(session, newsletter)
    subscription.state, subscription.paused_until = SubscriptionState.PAUSED.value, NOW + timedelta(days=days)
    session.commit()
    leave(session, subscription)
    assert unsubscribe.undo(session, subscription.id, network="", now=LATER)
    session.commit()
    assert fresh(session, subscription.id).state == state


def test_a_strangers_sign_up_does_not_take_the_way_back_away(session: Session, newsletter: Newsletter) -> None:
    subscription = leave(session, join(session, newsletter), 12)
    assert ask(session, newsletter, now=LATER).state == SubscriptionState.PENDING
    assert unsubscribe.can_undo(session, subscription.id, LATER)
    assert unsubscribe.undo(session, subscription.id, network="", now=LATER)
    session.commit()
    subscription = fresh(session, subscription.id)
    assert (subscription.state, subscription.unsubscribed_at) == (SubscriptionState.ACTIVE, None)


def test_a_sign_up_that_was_never_confirmed_cannot_be_undone_to(session: Session, newsletter: Newsletter) -> None:
    subscription = leave(session, ask(session, newsletter))
    ask(session, newsletter)
    assert not unsubscribe.can_undo(session, subscription.id, LATER)


def test_of_two_presses_at_once_the_second_sees_what_the_first_did(
    session: Session, engine: Engine, newsletter: Newsletter
) -> None:
    subscription_id = join(session, newsletter).id
    with Session(engine, expire_on_commit=False) as late:
        mine = late.get_one(Subscription, subscription_id)
        assert mine.subscriber
        late.commit()
        leave(session, mine)
        left = unsubscribe.leave(late, subscription_id, issue_id=None, network="", now=NOW)
        assert left is mine
        assert mine.state == SubscriptionState.UNSUBSCRIBED
        late.commit()
        assert unsubscribe.undo(session, subscription_id, network="", now=NOW)
        session.commit()
        assert not unsubscribe.undo(late, subscription_id, network="", now=NOW)
        assert mine.state == SubscriptionState.ACTIVE


@pytest.mark.parametrize("days", [30, 31, 400])
def test_undo_ends_after_thirty_days(session: Session, newsletter: Newsletter, days: int) -> None:
    subscription = leave(session, join(session, newsletter))
    assert not unsubscribe.can_undo(session, subscription.id, NOW + timedelta(days=days))
    assert not unsubscribe.undo(session, subscription.id, network="", now=NOW + timedelta(days=days))


def test_a_suppressed_address_cannot_undo(session: Session, newsletter: Newsletter) -> None:
    subscription = leave(session, join(session, newsletter))
    suppression.suppress(session, "mara@ledger.example", "complained", NOW)
    assert not unsubscribe.can_undo(session, subscription.id, NOW)
    assert not unsubscribe.undo(session, subscription.id, network="", now=NOW)


def test_other_newsletters_are_those_that_come(session: Session, newsletter: Newsletter) -> None:
    subscription = join(session, newsletter)
    evening = join(session, make_newsletter(session, "evening"))
    ask(session, make_newsletter(session, "weekend"))
    assert unsubscribe.others(session, subscription) == 1
    leave(session, evening)
    assert unsubscribe.others(session, subscription) == 0

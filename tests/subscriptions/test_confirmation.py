"""The mail that asks, claimed by one worker at a time, and the press that makes a reader."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from mailer.emails.smtp import Outcome
from mailer.newsletters.models import Newsletter
from mailer.subscriptions import audience, confirmation, consent, suppression, unsubscribe
from mailer.subscriptions.confirmation import ATTEMPTS, CLAIM, RETRIES, Standing
from mailer.subscriptions.models import Subscription, SubscriptionState
from tests.subscriptions.making import NOW, ask, join


def confirm(session: Session, subscription: Subscription, request: int) -> Standing:
    answer = confirmation.confirm(session, subscription.id, request, network="192.0.2.9", now=NOW)
    session.commit()
    session.expire_all()
    return answer


def test_only_one_worker_gets_a_mail(session: Session, engine: Engine, newsletter: Newsletter) -> None:
    subscription = ask(session, newsletter)
    owed = confirmation.claim(session, subscription.id, NOW)
    session.commit()
    assert owed is not None
    assert (owed.address, owed.request, owed.attempt) == ("mara@ledger.example", 1, 1)
    assert owed.newsletter.slug == "morning"
    with Session(engine) as other:
        assert confirmation.claim(other, subscription.id, NOW + timedelta(seconds=1)) is None


def test_a_claim_whose_worker_died_is_owed_again(session: Session, newsletter: Newsletter) -> None:
    subscription = ask(session, newsletter)
    confirmation.claim(session, subscription.id, NOW)
    assert confirmation.owed(session, NOW + timedelta(minutes=1), 10) == []
    assert confirmation.owed(session, NOW + CLAIM, 10) == [subscription.id]
    again = confirmation.claim(session, subscription.id, NOW + CLAIM)
    assert again is not None
    assert again.attempt == 2


@pytest.mark.parametrize("outcome", [Outcome.ACCEPTED, Outcome.UNCERTAIN])
def test_a_mail_that_may_have_arrived_is_not_sent_again(
    session: Session, newsletter: Newsletter, outcome: Outcome
) -> None:
    subscription = ask(session, newsletter)
    owed = confirmation.claim(session, subscription.id, NOW)
    assert owed is not None
    confirmation.record(session, owed, outcome, NOW)
    session.expire_all()
    assert (subscription.confirmation_due_at, subscription.confirmation_sent_at) == (None, NOW)


def test_a_refused_mail_is_not_tried_again(session: Session, newsletter: Newsletter) -> None:
    subscription = ask(session, newsletter)
    owed = confirmation.claim(session, subscription.id, NOW)
    assert owed is not None
    confirmation.record(session, owed, Outcome.REFUSED, NOW)
    session.expire_all()
    assert (subscription.confirmation_due_at, subscription.confirmation_sent_at) == (None, None)


@pytest.mark.parametrize("outcome", [Outcome.DEFERRED, Outcome.UNSENT])
def test_a_deferred_mail_waits_longer_each_time_and_is_given_up_in_the_end(
    session: Session, newsletter: Newsletter, outcome: Outcome
) -> None:
    subscription = ask(session, newsletter)
    now, waits = NOW, []
    while owed := confirmation.claim(session, subscription.id, now):
        confirmation.record(session, owed, outcome, now)
        session.expire_all()
        if subscription.confirmation_due_at is None:
            break
        waits.append(subscription.confirmation_due_at - now)
        now = subscription.confirmation_due_at
    assert tuple(waits) == RETRIES
    assert (subscription.state, subscription.confirmation_attempts) == (SubscriptionState.PENDING, ATTEMPTS)


def test_a_mail_that_kills_its_worker_each_time_is_given_up(session: Session, newsletter: Newsletter) -> None:
    subscription = ask(session, newsletter)
    claims = [confirmation.claim(session, subscription.id, NOW + n * CLAIM) for n in range(ATTEMPTS + 1)]
    assert [claim is not None for claim in claims] == [True] * ATTEMPTS + [False]
    assert confirmation.owed(session, NOW + timedelta(days=9), 10) == []


def test_a_worker_that_lost_its_claim_records_nothing(session: Session, newsletter: Newsletter) -> None:
    subscription = ask(session, newsletter)
    slow = confirmation.claim(session, subscription.id, NOW)
    quick = confirmation.claim(session, subscription.id, NOW + CLAIM)
    assert slow is not None
    assert quick is not None
    confirmation.record(session, quick, Outcome.ACCEPTED, NOW + CLAIM)
    confirmation.record(session, slow, Outcome.DEFERRED, NOW + 2 * CLAIM)
    session.expire_all()
    assert subscription.confirmation_due_at is None


def test_an_address_suppressed_meanwhile_gets_no_mail(session: Session, newsletter: Newsletter) -> None:
    subscription = ask(session, newsletter)
    suppression.suppress(session, "mara@ledger.example", "complained", NOW)
    assert confirmation.claim(session, subscription.id, NOW) is None
    assert confirmation.owed(session, NOW + timedelta(days=9), 10) == []


def test_the_press_makes_the_reader_active_and_is_proved(session: Session, newsletter: Newsletter) -> None:
    subscription = ask(session, newsletter)
    assert confirm(session, subscription, 1) is Standing.ACTIVE
    assert (subscription.state, subscription.confirmed_at) == (SubscriptionState.ACTIVE, NOW)
    assert subscription.confirmation_due_at is None
    record = consent.history(session, subscription.id)[-1]
    assert (record.event, record.at, record.network) == ("confirmed", NOW, "192.0.2.9")


def test_a_second_press_changes_and_proves_nothing_more(session: Session, newsletter: Newsletter) -> None:
    subscription = join(session, newsletter)
    assert confirm(session, subscription, 1) is Standing.ACTIVE
    assert [record.event for record in consent.history(session, subscription.id)] == ["requested", "confirmed"]


def test_the_mail_of_an_older_sign_up_cannot_undo_a_leaving(session: Session, newsletter: Newsletter) -> None:
    subscription = join(session, newsletter)
    unsubscribe.leave(session, subscription.id, issue_id=None, network="", now=NOW)
    assert confirm(session, subscription, 1) is Standing.STALE
    ask(session, newsletter)
    assert confirm(session, subscription, 1) is Standing.STALE
    assert subscription.state == SubscriptionState.PENDING
    assert confirm(session, subscription, 2) is Standing.ACTIVE
    assert subscription.unsubscribed_at is None


def test_a_suppressed_address_never_becomes_active(session: Session, newsletter: Newsletter) -> None:
    subscription = ask(session, newsletter)
    suppression.suppress(session, "mara@ledger.example", "complained", NOW)
    assert confirm(session, subscription, 1) is Standing.STALE
    assert subscription.state == SubscriptionState.PENDING
    assert audience.count(session, newsletter.id, None) == 0


def test_a_subscription_that_is_gone_cannot_be_confirmed(session: Session) -> None:
    assert confirmation.confirm(session, 4711, 1, network="", now=NOW) is Standing.STALE

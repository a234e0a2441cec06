"""A sign-up is a pending row and a proof; it tells nobody who reads what, and cannot be used to flood anybody."""

import hashlib
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mailer.emails.smtp import Outcome
from mailer.newsletters.models import Newsletter
from mailer.subscriptions import confirmation, consent, suppression, unsubscribe
from mailer.subscriptions.models import Subscriber, Subscription, SubscriptionState
from tests.subscriptions.making import NOW, ask, join

MINUTE = timedelta(minutes=1)


def test_a_sign_up_leaves_a_pending_row_that_owes_a_mail(session: Session, newsletter: Newsletter) -> None:
    subscription = ask(session, newsletter, "Mara@Ledger.Example", topics=2)
    assert subscription.state == SubscriptionState.PENDING
    assert (subscription.topics, subscription.request, subscription.confirmation_due_at) == (2, 1, NOW)
    assert subscription.subscriber.address == "Mara@ledger.example"


def test_the_proof_says_what_was_shown_where_and_from_which_network(session: Session, newsletter: Newsletter) -> None:
    subscription = ask(session, newsletter)
    (record,) = consent.history(session, subscription.id)
    assert record.event == "requested"
    assert (record.at, record.address) == (NOW, "mara@ledger.example")
    assert record.wording_hash == hashlib.sha256(b"Send it to me.").hexdigest()
    assert (record.page, record.form, record.network) == ("https://ledger.example/story", "story", "192.0.2.7")


def test_one_address_in_two_spellings_is_one_reader(session: Session, newsletter: Newsletter) -> None:
    assert ask(session, newsletter, "MARA@ledger.example").id == ask(session, newsletter, "mara@LEDGER.example").id
    assert session.scalar(select(func.count()).select_from(Subscriber)) == 1


def test_an_active_reader_keeps_everything_and_is_owed_nothing(session: Session, newsletter: Newsletter) -> None:
    joined = join(session, newsletter)
    again = ask(session, newsletter, topics=2, now=NOW + timedelta(days=2))
    assert again.id == joined.id
    assert (again.state, again.topics, again.confirmation_due_at) == (SubscriptionState.ACTIVE, 1, None)


def test_a_reader_who_left_is_pending_again_under_a_new_number(session: Session, newsletter: Newsletter) -> None:
    joined = join(session, newsletter)
    unsubscribe.leave(session, joined.id, issue_id=None, network="", now=NOW)
    again = ask(session, newsletter, now=NOW + MINUTE)
    assert (again.state, again.request) == (SubscriptionState.PENDING, 2)
    assert again.confirmation_due_at == NOW + MINUTE
    assert again.unsubscribed_at == NOW


def test_a_suppressed_address_looks_the_same_but_is_owed_nothing(session: Session, newsletter: Newsletter) -> None:
    suppression.suppress(session, "mara@ledger.example", "complained", NOW)
    subscription = ask(session, newsletter)
    assert subscription.state == SubscriptionState.PENDING
    assert subscription.confirmation_due_at is None


def test_a_reader_suppressed_in_another_spelling_is_owed_nothing(session: Session, newsletter: Newsletter) -> None:
    suppression.suppress(session, "mara@ledger.example", "complained", NOW)
    assert ask(session, newsletter, "MARA@ledger.example").confirmation_due_at is None


def send_if_owed(
    session: Session, subscription: Subscription, now: datetime, outcome: Outcome = Outcome.ACCEPTED
) -> bool:
    owed = confirmation.claim(session, subscription.id, now)
    if owed is not None:
        confirmation.record(session, owed, outcome, now)
    session.commit()
    return owed is not None


def test_nobody_gets_two_mails_within_ten_minutes(session: Session, newsletter: Newsletter) -> None:
    sent = []
    for minute in range(12):
        subscription = ask(session, newsletter, now=NOW + minute * MINUTE)
        if send_if_owed(session, subscription, NOW + minute * MINUTE):
            sent.append(minute)
    assert sent == [0, 10]


def test_nobody_gets_more_than_three_mails_in_a_day(session: Session, newsletter: Newsletter) -> None:
    sent = []
    for hour in range(60):
        subscription = ask(session, newsletter, now=NOW + timedelta(hours=hour))
        if send_if_owed(session, subscription, NOW + timedelta(hours=hour)):
            sent.append(hour)
    assert sent == [0, 1, 2, 26, 27, 28, 52, 53, 54]


def test_a_mail_that_waits_for_its_next_attempt_is_not_owed_twice(session: Session, newsletter: Newsletter) -> None:
    subscription = ask(session, newsletter)
    assert send_if_owed(session, subscription, NOW, Outcome.DEFERRED)
    again = ask(session, newsletter, now=NOW + timedelta(seconds=10))
    assert again.confirmation_due_at == NOW + confirmation.RETRIES[0]
    assert not send_if_owed(session, again, NOW + timedelta(seconds=10))


def test_after_a_given_up_mail_the_reader_may_ask_again(session: Session, newsletter: Newsletter) -> None:
    subscription = ask(session, newsletter)
    assert send_if_owed(session, subscription, NOW, Outcome.REFUSED)
    again = ask(session, newsletter, now=NOW + MINUTE)
    assert (again.confirmation_due_at, again.confirmation_attempts) == (NOW + MINUTE, 0)


@pytest.mark.parametrize("state", ["unknown", "pending", "active", "left", "suppressed"])
def test_every_kind_of_reader_takes_the_same_statements(
    session: Session, newsletter: Newsletter, state: str, statements: list[str]
) -> None:
    if state in ("active", "left"):
        joined = join(session, newsletter)
        if state == "left":
            unsubscribe.leave(session, joined.id, issue_id=None, network="", now=NOW)
    elif state == "pending":
        ask(session, newsletter)
    elif state == "suppressed":
        suppression.suppress(session, "mara@ledger.example", "complained", NOW)
    session.commit()
    session.refresh(newsletter)
    statements.clear()
    ask(session, newsletter, now=NOW + timedelta(days=3))
    kinds = [" ".join(statement.split()[:3]) for statement in statements]
    assert kinds[:6] == [
        "INSERT INTO subscribers",
        "SELECT subscribers.id FROM",
        "INSERT INTO subscriptions",
        "SELECT subscriptions.id FROM",
        "UPDATE subscriptions SET",
        "INSERT INTO consent_records",
    ]

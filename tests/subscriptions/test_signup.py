"""A sign-up is a pending row and a proof; it tells nobody who reads what, and cannot be used to flood anybody."""

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from mailer.emails.smtp import Outcome
from mailer.newsletters.models import Newsletter
from mailer.subscriptions import confirmation, consent, letters, signup, suppression, unsubscribe
from mailer.subscriptions.address import parse
from mailer.subscriptions.letters import DAY
from mailer.subscriptions.models import (
    ConsentRecord,
    LetterKind,
    OwedLetter,
    Subscriber,
    Subscription,
    SubscriptionState,
)
from mailer.subscriptions.waiting import LIFETIME
from tests.newsletters.making import make_schedule
from tests.subscriptions.making import NOW, REF, ask, asked, fresh, fresh_letter, join, make_newsletter, sign_up

MINUTE = timedelta(minutes=1)


def leave(session: Session, subscription: Subscription) -> None:
    unsubscribe.leave(session, subscription.id, issue_id=None, network="", now=NOW)
    session.commit()


def test_a_sign_up_leaves_a_pending_row_and_owes_a_letter(session: Session, newsletter: Newsletter) -> None:
    letter = sign_up(session, newsletter, "Mara@Ledger.Example", topics=2, language="az")
    assert (letter.kind, letter.request, letter.due_at, letter.site) == ("confirmation", 1, NOW, "ledger.example")
    subscription = letter.subscription
    assert subscription is not None
    assert (subscription.state, subscription.requested_at) == (SubscriptionState.PENDING, NOW)
    assert (subscription.topics, subscription.language) == (2, "az")
    assert subscription.subscriber.address == "Mara@ledger.example"


def test_the_secret_of_the_page_is_not_kept(session: Session, newsletter: Newsletter) -> None:
    assert sign_up(session, newsletter).ref_hash == hashlib.sha256(REF.encode()).hexdigest()


def test_the_proof_says_what_was_shown_where_and_from_which_network(session: Session, newsletter: Newsletter) -> None:
    subscription = ask(session, newsletter)
    (record,) = consent.history(session, subscription.id)
    assert record.event == "requested"
    assert (record.at, record.address) == (NOW, "mara@ledger.example")
    assert (record.wording, record.wording_hash) == (
        "Send it to me.",
        hashlib.sha256(b"Send it to me.").hexdigest(),
    )
    assert (record.page, record.form, record.form_version) == ("https://ledger.example/story", "story", 1)
    assert record.network == "192.0.2.7"


def test_one_address_in_two_spellings_is_one_reader(session: Session, newsletter: Newsletter) -> None:
    assert ask(session, newsletter, "MARA@ledger.example").id == ask(session, newsletter, "mara@LEDGER.example").id
    assert session.scalar(select(func.count()).select_from(Subscriber)) == 1


def test_who_is_pending_may_change_what_they_want(session: Session, newsletter: Newsletter) -> None:
    ask(session, newsletter)
    again = ask(session, newsletter, topics=2, now=NOW + MINUTE)
    assert (again.state, again.request, again.topics) == (SubscriptionState.PENDING, 1, 2)
    assert again.requested_at == NOW + MINUTE


@pytest.mark.parametrize("state", [SubscriptionState.ACTIVE, SubscriptionState.PAUSED])
def test_a_reader_who_is_in_keeps_everything_and_is_told_so(
    session: Session, newsletter: Newsletter, state: SubscriptionState
) -> None:
    joined = join(session, newsletter)
    joined.state = state
    session.commit()
    letter = sign_up(session, newsletter, topics=2, language="ru", now=NOW + DAY)
    assert (letter.kind, letter.due_at) == (LetterKind.ALREADY, NOW + DAY)
    again = fresh(session, joined.id)
    assert (again.state, again.topics, again.language, again.requested_at) == (state, 1, "", NOW)


def test_a_reader_who_left_is_pending_again_under_a_new_number(session: Session, newsletter: Newsletter) -> None:
    joined = join(session, newsletter)
    leave(session, joined)
    letter = sign_up(session, newsletter, now=NOW + MINUTE)
    assert (letter.kind, letter.request, letter.due_at) == (LetterKind.CONFIRMATION, 2, NOW + MINUTE)
    again = fresh(session, joined.id)
    assert (again.state, again.request) == (SubscriptionState.PENDING, 2)
    assert (again.requested_at, again.unsubscribed_at) == (NOW + MINUTE, NOW)


def test_nobody_rewrites_what_a_reader_chose_who_was_in_once(session: Session, newsletter: Newsletter) -> None:
    joined = join(session, newsletter)
    leave(session, joined)
    schedule = make_schedule(session, newsletter, title="Saturdays")
    for _ in range(2):
        sign_up(session, newsletter, topics=2, language="ru", schedule_id=schedule.id)
        again = fresh(session, joined.id)
        assert again.state == SubscriptionState.PENDING
        assert (again.topics, again.schedule_id, again.language) == (1, None, "")


@pytest.mark.parametrize("spelling", ["mara@ledger.example", "MARA@ledger.example"])
def test_a_suppressed_address_is_owed_nothing_and_proves_nothing(
    session: Session, newsletter: Newsletter, spelling: str
) -> None:
    suppression.suppress(session, "mara@ledger.example", "complained", NOW)
    letter = sign_up(session, newsletter, spelling)
    assert (letter.kind, letter.due_at) == (LetterKind.CONFIRMATION, None)
    assert session.scalars(select(ConsentRecord)).all() == []


def send(session: Session, letter: OwedLetter, now: datetime, outcome: Outcome = Outcome.ACCEPTED) -> bool:
    owed = letters.claim(session, letter.id, now)
    if owed is not None:
        letters.record(session, owed, outcome, now)
    session.commit()
    return owed is not None


def test_nobody_gets_more_than_two_mails_in_any_day(session: Session, newsletter: Newsletter) -> None:
    sent = []
    for hour in range(60):
        letter = sign_up(session, newsletter, now=NOW + timedelta(hours=hour))
        if send(session, letter, NOW + timedelta(hours=hour)):
            sent.append(hour)
    assert sent == [0, 1, 24, 25, 48, 49]


def test_the_two_mails_are_counted_over_all_newsletters_and_kinds(session: Session, newsletter: Newsletter) -> None:
    join(session, newsletter)  # its confirmation
    assert sign_up(session, newsletter).due_at == NOW  # "you already get this"
    evening = make_newsletter(session, "evening")
    assert sign_up(session, evening).due_at is None
    assert sign_up(session, evening, "other@ledger.example").due_at == NOW


def test_a_mail_that_was_sent_late_is_counted_from_then(session: Session, newsletter: Newsletter) -> None:
    late = NOW + timedelta(hours=20)
    for letter in [sign_up(session, newsletter), sign_up(session, newsletter)]:
        assert send(session, letter, late)
    assert sign_up(session, newsletter, now=NOW + DAY).due_at is None
    assert sign_up(session, newsletter, now=late + DAY).due_at == late + DAY


def test_an_address_that_refuses_mail_is_not_tried_more_often(session: Session, newsletter: Newsletter) -> None:
    tried = [
        send(session, sign_up(session, newsletter, now=NOW + n * MINUTE), NOW + n * MINUTE, Outcome.REFUSED)
        for n in range(4)
    ]
    assert tried == [True, True, False, False]


def test_a_flood_keeps_one_reader_and_two_proofs(session: Session, newsletter: Newsletter) -> None:
    for n in range(30):
        sign_up(session, newsletter, page=f"https://flood.example/{n}", now=NOW + timedelta(seconds=n))
    rows = [
        session.scalar(select(func.count()).select_from(table)) for table in (Subscriber, ConsentRecord, OwedLetter)
    ]
    assert rows == [1, 2, 30]


def test_fifty_sign_ups_at_once_cause_two_mails(session: Session, engine: Engine, newsletter: Newsletter) -> None:
    evening = make_newsletter(session, "evening")
    wanted = [newsletter.id, evening.id] * 25
    together = Barrier(10)

    def sign(newsletter_id: int) -> None:
        together.wait(30)
        with Session(engine) as own:
            given = own.get_one(Newsletter, newsletter_id)
            own.commit()
            signup.request(own, given, parse("mara@ledger.example"), asked(), now=NOW)
            own.commit()

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(sign, wanted))
    mails = session.scalars(select(OwedLetter.due_at)).all()
    assert (len(mails), sum(due is not None for due in mails)) == (50, 2)


def pending(session: Session, newsletter: Newsletter) -> None:
    ask(session, newsletter)


def active(session: Session, newsletter: Newsletter) -> None:
    join(session, newsletter)


def paused(session: Session, newsletter: Newsletter) -> None:
    join(session, newsletter).state = SubscriptionState.PAUSED


def left(session: Session, newsletter: Newsletter) -> None:
    leave(session, join(session, newsletter))


def suppressed(session: Session, newsletter: Newsletter) -> None:
    join(session, newsletter)
    suppression.suppress(session, "mara@ledger.example", "complained", NOW)


def flooded(session: Session, newsletter: Newsletter) -> None:
    for _ in range(3):
        ask(session, newsletter, now=NOW + 3 * DAY)


STATES = [pending, active, paused, left, suppressed, flooded]


@pytest.mark.parametrize("make", STATES)
def test_every_kind_of_reader_takes_the_same_statements(
    session: Session, newsletter: Newsletter, statements: list[str], make: Callable[[Session, Newsletter], None]
) -> None:
    make(session, newsletter)
    session.commit()
    session.refresh(newsletter)

    def heard(address: str) -> list[str]:
        statements.clear()
        signup.request(session, newsletter, parse(address), asked(), now=NOW + 3 * DAY)
        signup.again(session, newsletter.id, REF, now=NOW + 3 * DAY)
        confirmation.confirm_by_code(session, newsletter.id, REF, "000000", b"key", network="", now=NOW + 3 * DAY)
        asked_for = list(statements)
        session.rollback()
        session.refresh(newsletter)
        return asked_for

    known = heard("mara@ledger.example")
    assert known == heard("nobody@ledger.example")
    assert [" ".join(statement.split()[:3]) for statement in known] == [
        "INSERT INTO subscribers",
        "INSERT INTO subscriptions",
        "UPDATE subscriptions SET",
        "INSERT INTO owed_letters",
        "INSERT INTO consent_records",
        "SELECT owed_letters.subscriber_id, owed_letters.subscription_id,",
        "SELECT subscribers.id FROM",
        "INSERT INTO owed_letters",
        "SELECT owed_letters.id, owed_letters.tries",
        "UPDATE owed_letters SET",
    ]


def test_the_same_page_may_ask_for_the_mail_again(session: Session, newsletter: Newsletter) -> None:
    first = sign_up(session, newsletter)
    letter_id = signup.again(session, newsletter.id, REF, now=NOW + MINUTE)
    assert letter_id is not None
    again = fresh_letter(session, letter_id)
    assert again.id != first.id
    assert (again.kind, again.subscription_id, again.ref_hash) == (first.kind, first.subscription_id, first.ref_hash)
    assert (again.site, again.due_at) == ("ledger.example", NOW + MINUTE)
    third = signup.again(session, newsletter.id, REF, now=NOW + 2 * MINUTE)
    assert third is not None
    assert fresh_letter(session, third).due_at is None


def test_asking_again_proves_nothing_new(session: Session, newsletter: Newsletter) -> None:
    subscription = ask(session, newsletter)
    signup.again(session, newsletter.id, REF, now=NOW)
    assert len(consent.history(session, subscription.id)) == 1


def test_a_reader_who_left_gets_no_mail_by_an_old_page(session: Session, newsletter: Newsletter) -> None:
    leave(session, join(session, newsletter))
    letter_id = signup.again(session, newsletter.id, REF, now=NOW + MINUTE)
    assert letter_id is not None
    assert fresh_letter(session, letter_id).due_at is None


@pytest.mark.parametrize("make", [pending, active, left])
def test_a_page_may_ask_again_for_as_long_whoever_it_asked_for(
    session: Session, newsletter: Newsletter, make: Callable[[Session, Newsletter], None]
) -> None:
    make(session, newsletter)
    assert signup.again(session, newsletter.id, REF, now=NOW + LIFETIME - MINUTE) is not None
    session.rollback()
    assert signup.again(session, newsletter.id, REF, now=NOW + LIFETIME) is None


@pytest.mark.parametrize("ref", ["", "another page", REF.upper()])
def test_a_page_that_asked_for_nothing_gets_nothing(session: Session, newsletter: Newsletter, ref: str) -> None:
    sign_up(session, newsletter)
    sign_up(session, newsletter, "other@ledger.example", ref="")
    assert signup.again(session, newsletter.id, ref, now=NOW) is None
    assert signup.again(session, make_newsletter(session, "evening").id, REF, now=NOW) is None

"""Who never answers is reminded once, and forgotten after a week; done letters do not stay for ever."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mailer.emails.smtp import Outcome
from mailer.newsletters.models import Newsletter
from mailer.subscriptions import confirmation, consent, letters, pending, suppression, unsubscribe
from mailer.subscriptions.models import (
    ConsentRecord,
    LetterKind,
    OwedLetter,
    Subscriber,
    Subscription,
    SubscriptionState,
)
from mailer.subscriptions.pending import FORGET_AFTER, KEEP_MAILED, KEEP_UNMAILED, REMIND_AFTER
from tests.subscriptions.making import NOW, ask, fresh, fresh_letter, join, make_newsletter, sign_up

TOMORROW = NOW + REMIND_AFTER
NEXT_WEEK = NOW + FORGET_AFTER
MINUTE = timedelta(minutes=1)


def mailed(
    session: Session,
    newsletter: Newsletter,
    address: str = "mara@ledger.example",
    outcome: Outcome = Outcome.ACCEPTED,
    now: datetime = NOW,
) -> OwedLetter:
    """A sign-up whose confirmation mail went out."""
    letter = sign_up(session, newsletter, address, now=now)
    owed = letters.claim(session, letter.id, now)
    assert owed is not None
    letters.record(session, owed, outcome, now)
    session.commit()
    return letter


def test_who_did_not_answer_is_reminded_after_a_day(session: Session, newsletter: Newsletter) -> None:
    asked = mailed(session, newsletter)
    assert pending.remind(session, TOMORROW - MINUTE, 10) == []
    (letter_id,) = pending.remind(session, TOMORROW, 10)
    letter = fresh_letter(session, letter_id)
    assert (letter.kind, letter.subscription_id, letter.request) == (LetterKind.REMINDER, asked.subscription_id, 1)
    assert (letter.created_at, letter.due_at) == (TOMORROW, TOMORROW)
    assert letters.claim(session, letter_id, TOMORROW) is not None


def test_nobody_is_reminded_twice(session: Session, newsletter: Newsletter) -> None:
    mailed(session, newsletter)
    reminded = [pending.remind(session, TOMORROW + hours * timedelta(hours=12), 10) for hours in range(20)]
    assert [len(ids) for ids in reminded] == [1] + [0] * 19


def test_who_answered_is_not_reminded(session: Session, newsletter: Newsletter) -> None:
    asked = mailed(session, newsletter)
    confirmation.confirm(session, asked.subscription_id or 0, 1, network="", now=NOW)
    assert pending.remind(session, TOMORROW, 10) == []


def test_who_answers_meanwhile_gets_no_reminder(session: Session, newsletter: Newsletter) -> None:
    asked = mailed(session, newsletter)
    (letter_id,) = pending.remind(session, TOMORROW, 10)
    confirmation.confirm(session, asked.subscription_id or 0, 1, network="", now=TOMORROW)
    assert letters.claim(session, letter_id, TOMORROW) is None


@pytest.mark.parametrize(("outcome", "reminders"), [(Outcome.UNCERTAIN, 1), (Outcome.REFUSED, 0), (Outcome.UNSENT, 0)])
def test_only_after_a_mail_that_may_have_arrived(
    session: Session, newsletter: Newsletter, outcome: Outcome, reminders: int
) -> None:
    mailed(session, newsletter, outcome=outcome)
    assert len(pending.remind(session, TOMORROW, 10)) == reminders


def test_a_mail_of_an_older_sign_up_is_no_reason(session: Session, newsletter: Newsletter) -> None:
    asked = mailed(session, newsletter)
    mailed(session, newsletter)
    unsubscribe.leave(session, asked.subscription_id or 0, issue_id=None, network="", now=NOW)
    again = sign_up(session, newsletter)
    assert (again.request, again.due_at) == (2, None)
    assert pending.remind(session, TOMORROW, 10) == []


def test_a_suppressed_address_is_not_reminded(session: Session, newsletter: Newsletter) -> None:
    mailed(session, newsletter)
    suppression.suppress(session, "mara@ledger.example", "complained", NOW)
    assert pending.remind(session, TOMORROW, 10) == []


def test_the_reminder_counts_as_one_of_the_two_mails_a_day(session: Session, newsletter: Newsletter) -> None:
    mailed(session, newsletter)
    mailed(session, make_newsletter(session, "evening"), now=NOW + MINUTE)
    assert len(pending.remind(session, TOMORROW, 10)) == 1
    assert sign_up(session, make_newsletter(session, "weekly"), now=TOMORROW).due_at is None
    assert pending.remind(session, TOMORROW + MINUTE, 10) != []
    assert sign_up(session, newsletter, now=TOMORROW + 2 * MINUTE).due_at is None


def test_a_reminder_waits_for_its_turn(session: Session, newsletter: Newsletter) -> None:
    mailed(session, newsletter)
    for name in ("evening", "weekly"):
        mailed(session, make_newsletter(session, name), now=TOMORROW)
    assert pending.remind(session, TOMORROW, 10) == []
    third_day = TOMORROW + REMIND_AFTER
    reminded = [len(pending.remind(session, third_day + n * MINUTE, 10)) for n in range(4)]
    assert reminded == [1, 1, 0, 0]


def test_reminders_are_owed_in_slices(session: Session, newsletter: Newsletter) -> None:
    for n in range(3):
        mailed(session, newsletter, f"{n}@ledger.example")
    assert [len(pending.remind(session, TOMORROW, 2)) for _ in range(3)] == [2, 1, 0]


def count(session: Session, table: type) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_after_a_week_nothing_is_left_of_who_never_answered(session: Session, newsletter: Newsletter) -> None:
    mailed(session, newsletter)
    assert pending.forget(session, NEXT_WEEK - MINUTE, 10) == 0
    assert pending.forget(session, NEXT_WEEK, 10) == 1
    assert [count(session, table) for table in (Subscriber, Subscription, ConsentRecord, OwedLetter)] == [0] * 4


def test_the_week_begins_with_the_last_sign_up(session: Session, newsletter: Newsletter) -> None:
    mailed(session, newsletter)
    sign_up(session, newsletter, now=TOMORROW)
    assert pending.forget(session, NEXT_WEEK, 10) == 0
    assert pending.forget(session, NEXT_WEEK + REMIND_AFTER, 10) == 1


def test_a_reader_of_another_newsletter_stays(session: Session, newsletter: Newsletter) -> None:
    joined = join(session, make_newsletter(session, "evening"))
    ask(session, newsletter)
    assert pending.forget(session, NEXT_WEEK, 10) == 1
    assert session.scalars(select(Subscription.id)).all() == [joined.id]
    assert count(session, Subscriber) == 1


def test_who_had_left_before_has_left_again(session: Session, newsletter: Newsletter) -> None:
    joined = join(session, newsletter)
    unsubscribe.leave(session, joined.id, issue_id=12, network="", now=NOW)
    ask(session, newsletter)
    assert pending.forget(session, NEXT_WEEK, 10) == 1
    after = fresh(session, joined.id)
    assert (after.state, after.unsubscribed_at) == (SubscriptionState.UNSUBSCRIBED, NOW)
    assert len(consent.history(session, joined.id)) > 0
    assert pending.forget(session, NEXT_WEEK, 10) == 0


def test_readers_who_are_in_or_out_are_not_forgotten(session: Session, newsletter: Newsletter) -> None:
    join(session, newsletter)
    left = join(session, newsletter, "left@ledger.example")
    unsubscribe.leave(session, left.id, issue_id=None, network="", now=NOW)
    assert pending.forget(session, NOW + 50 * FORGET_AFTER, 10) == 0
    assert count(session, Subscription) == 2


def test_sign_ups_are_forgotten_in_slices(session: Session, newsletter: Newsletter) -> None:
    for n in range(3):
        ask(session, newsletter, f"{n}@ledger.example")
    assert [pending.forget(session, NEXT_WEEK, 2) for _ in range(3)] == [2, 1, 0]


def test_the_links_of_who_was_forgotten_lead_to_nobody_else(session: Session, newsletter: Newsletter) -> None:
    forgotten = ask(session, newsletter)
    pending.forget(session, NEXT_WEEK, 10)
    other = ask(session, newsletter, "other@ledger.example", now=NEXT_WEEK)
    assert other.id != forgotten.id
    assert other.subscriber_id != forgotten.subscriber_id


def test_done_letters_go_after_a_month_and_those_of_a_flood_after_a_day(
    session: Session, newsletter: Newsletter
) -> None:
    join(session, newsletter)
    sent = mailed(session, newsletter)
    unmailed = sign_up(session, newsletter)
    owed = sign_up(session, newsletter, "other@ledger.example")
    first = session.scalars(select(OwedLetter).order_by(OwedLetter.id)).first()
    assert first is not None

    def kept(now: datetime) -> list[int]:
        pending.forget_letters(session, now, 10)
        session.commit()
        return list(session.scalars(select(OwedLetter.id).order_by(OwedLetter.id)))

    assert kept(NOW + KEEP_UNMAILED - MINUTE) == [first.id, sent.id, unmailed.id, owed.id]
    assert kept(NOW + KEEP_UNMAILED) == [first.id, sent.id, owed.id]
    assert kept(NOW + KEEP_MAILED - MINUTE) == [first.id, sent.id, owed.id]
    assert kept(NOW + KEEP_MAILED) == [first.id, owed.id]  # what is owed stays, however late


def test_letters_go_in_slices(session: Session, newsletter: Newsletter) -> None:
    for _ in range(5):
        sign_up(session, newsletter)
    left = []
    for _ in range(3):
        pending.forget_letters(session, NEXT_WEEK, 2)
        left.append(count(session, OwedLetter))
    assert left == [3, 2, 2]  # two are still owed

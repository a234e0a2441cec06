"""The press that makes a reader, by a link or by the six digits on the page that asked."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from mailer.newsletters.models import Newsletter
from mailer.subscriptions import audience, confirmation, consent, signup, suppression, unsubscribe
from mailer.subscriptions.code import code
from mailer.subscriptions.confirmation import (
    CODE_LIFETIME,
    TRIES,
    CodeAnswer,
    Confirmed,
    Expired,
    Spent,
    Standing,
    Wrong,
)
from mailer.subscriptions.models import OwedLetter, Subscription, SubscriptionState
from tests.subscriptions.making import NOW, REF, ask, fresh, fresh_letter, join, make_newsletter, sign_up

KEY = b"a key"
MINUTE = timedelta(minutes=1)


def confirm(session: Session, subscription: Subscription, request: int) -> Standing:
    answer = confirmation.confirm(session, subscription.id, request, network="192.0.2.9", now=NOW)
    session.commit()
    session.expire_all()
    return answer


def test_the_press_makes_the_reader_active_and_is_proved(session: Session, newsletter: Newsletter) -> None:
    subscription = ask(session, newsletter)
    assert confirm(session, subscription, 1) is Standing.ACTIVE
    assert (subscription.state, subscription.confirmed_at) == (SubscriptionState.ACTIVE, NOW)
    record = consent.history(session, subscription.id)[-1]
    assert (record.event, record.at, record.network) == ("confirmed", NOW, "192.0.2.9")


def test_a_second_press_changes_and_proves_nothing_more(session: Session, newsletter: Newsletter) -> None:
    subscription = join(session, newsletter)
    assert confirm(session, subscription, 1) is Standing.ACTIVE
    assert [record.event for record in consent.history(session, subscription.id)] == ["requested", "confirmed"]


def test_of_two_presses_at_once_the_second_is_in_as_well(
    session: Session, engine: Engine, newsletter: Newsletter
) -> None:
    subscription_id = ask(session, newsletter).id
    with Session(engine, expire_on_commit=False) as late:
        mine = late.get_one(Subscription, subscription_id)
        late.commit()
        assert confirm(session, mine, 1) is Standing.ACTIVE
        assert confirmation.confirm(late, subscription_id, 1, network="", now=NOW) is Standing.ACTIVE
        assert mine.state == SubscriptionState.ACTIVE


def test_the_mail_of_an_older_sign_up_cannot_undo_a_leaving(session: Session, newsletter: Newsletter) -> None:
    subscription = join(session, newsletter)
    unsubscribe.leave(session, subscription.id, issue_id=None, network="", now=NOW)
    assert confirm(session, subscription, 1) is Standing.STALE
    ask(session, newsletter)
    assert confirm(session, subscription, 1) is Standing.STALE
    assert subscription.state == SubscriptionState.PENDING
    assert confirm(session, subscription, 2) is Standing.ACTIVE
    assert (subscription.unsubscribed_at, subscription.leaving_reason) == (None, "")


def test_who_signs_up_anew_has_no_pause_from_before(session: Session, newsletter: Newsletter) -> None:
    joined = join(session, newsletter)
    joined.paused_until = NOW + timedelta(days=30)
    unsubscribe.leave(session, joined.id, issue_id=None, network="", now=NOW)
    again = ask(session, newsletter)
    assert confirm(session, again, 2) is Standing.ACTIVE
    assert again.paused_until is None


def test_a_suppressed_address_never_becomes_active(session: Session, newsletter: Newsletter) -> None:
    subscription = ask(session, newsletter)
    suppression.suppress(session, "mara@ledger.example", "complained", NOW)
    assert confirm(session, subscription, 1) is Standing.STALE
    assert subscription.state == SubscriptionState.PENDING
    assert audience.count(session, newsletter.id, None) == 0


def test_a_subscription_that_is_gone_cannot_be_confirmed(session: Session) -> None:
    assert confirmation.confirm(session, 4711, 1, network="", now=NOW) is Standing.STALE


def type_in(session: Session, newsletter: Newsletter, typed: str, *, ref: str = REF, now: datetime = NOW) -> CodeAnswer:
    answer = confirmation.confirm_by_code(session, newsletter.id, ref, typed, KEY, network="192.0.2.9", now=now)
    session.commit()
    return answer


def right(letter: OwedLetter) -> str:
    return code(KEY, letter.id)


def wrong(*letters: OwedLetter) -> str:
    return next(digits for digits in ("000000", "111111", "222222") if digits not in map(right, letters))


def test_the_code_makes_the_reader_active_and_is_proved(session: Session, newsletter: Newsletter) -> None:
    letter = sign_up(session, newsletter)
    answer = type_in(session, newsletter, right(letter), now=NOW + CODE_LIFETIME - MINUTE)
    assert isinstance(answer, Confirmed)
    subscription = fresh(session, answer.subscription.id)
    assert (subscription.id, subscription.state) == (letter.subscription_id, SubscriptionState.ACTIVE)
    assert [record.event for record in consent.history(session, subscription.id)] == ["requested", "confirmed"]
    assert consent.history(session, subscription.id)[-1].network == "192.0.2.9"


def test_a_right_code_may_be_sent_twice_and_costs_no_try(session: Session, newsletter: Newsletter) -> None:
    letter = sign_up(session, newsletter)
    for _ in range(TRIES - 1):
        type_in(session, newsletter, wrong(letter))
    for _ in range(3):
        assert isinstance(type_in(session, newsletter, right(letter)), Confirmed)
    assert len(consent.history(session, letter.subscription_id or 0)) == 2


def test_five_wrong_codes_are_the_end_of_it(session: Session, newsletter: Newsletter) -> None:
    letter = sign_up(session, newsletter)
    answers = [type_in(session, newsletter, wrong(letter)) for _ in range(TRIES)]
    assert answers == [Wrong(4), Wrong(3), Wrong(2), Wrong(1), Spent()]
    assert type_in(session, newsletter, right(letter)) == Spent()
    assert fresh_letter(session, letter.id).tries == TRIES


def test_what_cannot_be_a_code_costs_no_try(session: Session, newsletter: Newsletter) -> None:
    letter = sign_up(session, newsletter)
    assert type_in(session, newsletter, "") == Wrong(5)
    assert type_in(session, newsletter, "42791") == Wrong(5)
    assert isinstance(type_in(session, newsletter, right(letter)), Confirmed)


def test_twenty_tries_at_once_are_five(session: Session, engine: Engine, newsletter: Newsletter) -> None:
    letter = sign_up(session, newsletter)
    together = Barrier(10)
    guess, newsletter_id = wrong(letter), newsletter.id
    session.commit()

    def guess_it(_: int) -> CodeAnswer:
        together.wait(30)
        with Session(engine) as own:
            answer = confirmation.confirm_by_code(own, newsletter_id, REF, guess, KEY, network="", now=NOW)
            own.commit()
        return answer

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(guess_it, range(20)))
    assert sum(isinstance(answer, Wrong) for answer in answers) == TRIES - 1
    assert fresh_letter(session, letter.id).tries == TRIES


def test_after_another_letter_both_codes_work(session: Session, newsletter: Newsletter) -> None:
    first = sign_up(session, newsletter)
    for _ in range(TRIES):
        type_in(session, newsletter, wrong(first))
    second_id = signup.again(session, newsletter.id, REF, now=NOW)
    assert second_id is not None
    session.commit()
    second = fresh_letter(session, second_id)
    assert type_in(session, newsletter, wrong(first, second)) == Wrong(4)
    assert isinstance(type_in(session, newsletter, right(second)), Confirmed)


def test_the_first_code_still_works_after_another_letter(session: Session, newsletter: Newsletter) -> None:
    first = sign_up(session, newsletter)
    signup.again(session, newsletter.id, REF, now=NOW)
    assert isinstance(type_in(session, newsletter, right(first)), Confirmed)


@pytest.mark.parametrize("ref", ["", "another page"])
def test_a_code_works_on_its_own_page_only(session: Session, newsletter: Newsletter, ref: str) -> None:
    letter = sign_up(session, newsletter)
    sign_up(session, newsletter, "other@ledger.example", ref="")
    assert type_in(session, newsletter, right(letter), ref=ref) == Expired()


def test_a_code_of_another_page_is_wrong(session: Session, newsletter: Newsletter) -> None:
    sign_up(session, newsletter)
    other = sign_up(session, newsletter, ref="another page")
    assert type_in(session, newsletter, right(other)) == Wrong(4)
    assert isinstance(type_in(session, newsletter, right(other), ref="another page"), Confirmed)


def test_a_code_works_for_its_own_newsletter_only(session: Session, newsletter: Newsletter) -> None:
    letter = sign_up(session, newsletter)
    evening = make_newsletter(session, "evening")
    assert type_in(session, evening, right(letter)) == Expired()
    sign_up(session, evening)
    assert type_in(session, evening, right(letter)) == Wrong(4)


def test_a_code_lives_for_thirty_minutes(session: Session, newsletter: Newsletter) -> None:
    letter = sign_up(session, newsletter)
    assert type_in(session, newsletter, right(letter), now=NOW + CODE_LIFETIME) == Expired()


def test_the_code_of_an_older_sign_up_is_dead(session: Session, newsletter: Newsletter) -> None:
    letter = sign_up(session, newsletter)
    type_in(session, newsletter, right(letter))
    unsubscribe.leave(session, letter.subscription_id or 0, issue_id=None, network="", now=NOW)
    assert type_in(session, newsletter, right(letter)) == Expired()
    again = sign_up(session, newsletter, ref="another page")
    assert type_in(session, newsletter, right(letter)) == Expired()
    assert isinstance(type_in(session, newsletter, right(again), ref="another page"), Confirmed)
    assert type_in(session, newsletter, right(letter)) == Expired()


def test_a_code_that_was_never_mailed_is_wrong(session: Session, newsletter: Newsletter) -> None:
    sign_up(session, newsletter, ref="one")
    sign_up(session, newsletter, ref="two")
    third = sign_up(session, newsletter)
    assert third.due_at is None
    assert type_in(session, newsletter, right(third)) == Wrong(4)


def test_the_letter_to_a_reader_who_is_in_has_no_code(session: Session, newsletter: Newsletter) -> None:
    join(session, newsletter)
    letter = sign_up(session, newsletter, ref="another page")
    assert letter.due_at is not None
    assert type_in(session, newsletter, right(letter), ref="another page") == Wrong(4)


def test_a_code_does_not_confirm_a_suppressed_address(session: Session, newsletter: Newsletter) -> None:
    letter = sign_up(session, newsletter)
    suppression.suppress(session, "mara@ledger.example", "complained", NOW)
    assert type_in(session, newsletter, right(letter)) == Expired()

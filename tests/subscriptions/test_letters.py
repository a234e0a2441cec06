"""A letter that is owed is claimed by one worker at a time, tried for a day, and given up when it is no longer true."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from mailer.emails.smtp import Outcome
from mailer.newsletters.models import Newsletter
from mailer.subscriptions import confirmation, letters, suppression, unsubscribe
from mailer.subscriptions.letters import ATTEMPTS, CLAIM, DAY, RETRIES
from mailer.subscriptions.models import LetterKind, OwedLetter, SubscriptionState
from tests.subscriptions.making import NOW, ask, fresh_letter, join, make_newsletter, sign_up

LATER = NOW + timedelta(days=9)


def test_only_one_worker_gets_a_letter(session: Session, engine: Engine, newsletter: Newsletter) -> None:
    letter = sign_up(session, newsletter, language="az")
    owed = letters.claim(session, letter.id, NOW)
    session.commit()
    assert owed is not None
    assert (owed.kind, owed.address, owed.language) == (LetterKind.CONFIRMATION, "mara@ledger.example", "az")
    assert (owed.subscription_id, owed.request, owed.attempt) == (letter.subscription_id, 1, 1)
    assert (owed.newsletter.slug, owed.site, owed.created_at) == ("morning", "ledger.example", NOW)
    with Session(engine) as other:
        assert letters.claim(other, letter.id, NOW + timedelta(seconds=1)) is None


def test_a_claim_whose_worker_died_is_owed_again(session: Session, newsletter: Newsletter) -> None:
    letter = sign_up(session, newsletter)
    letters.claim(session, letter.id, NOW)
    assert letters.owed(session, NOW + timedelta(minutes=1), 10) == []
    assert letters.owed(session, NOW + CLAIM, 10) == [letter.id]
    again = letters.claim(session, letter.id, NOW + CLAIM)
    assert again is not None
    assert again.attempt == 2


def test_the_letter_that_waits_longest_is_first(session: Session, newsletter: Newsletter) -> None:
    late, early = (sign_up(session, newsletter, f"{n}@ledger.example", now=NOW - n * CLAIM) for n in (1, 2))
    assert letters.owed(session, NOW, 10) == [early.id, late.id]
    assert letters.owed(session, NOW, 1) == [early.id]


def sent_with(session: Session, letter: OwedLetter, outcome: Outcome) -> OwedLetter:
    owed = letters.claim(session, letter.id, NOW)
    assert owed is not None
    letters.record(session, owed, outcome, NOW)
    return fresh_letter(session, letter.id)


@pytest.mark.parametrize("outcome", [Outcome.ACCEPTED, Outcome.UNCERTAIN])
def test_a_mail_that_may_have_arrived_is_not_sent_again(
    session: Session, newsletter: Newsletter, outcome: Outcome
) -> None:
    letter = sent_with(session, sign_up(session, newsletter), outcome)
    assert (letter.due_at, letter.sent_at) == (None, NOW)


def test_a_refused_mail_is_not_tried_again(session: Session, newsletter: Newsletter) -> None:
    letter = sent_with(session, sign_up(session, newsletter), Outcome.REFUSED)
    assert (letter.due_at, letter.sent_at) == (None, None)


@pytest.mark.parametrize("outcome", [Outcome.DEFERRED, Outcome.UNSENT])
def test_a_deferred_mail_waits_longer_each_time_and_is_given_up_in_the_end(
    session: Session, newsletter: Newsletter, outcome: Outcome
) -> None:
    letter = sign_up(session, newsletter)
    now, waits = NOW, []
    while owed := letters.claim(session, letter.id, now):
        letters.record(session, owed, outcome, now)
        letter = fresh_letter(session, letter.id)
        if letter.due_at is None:
            break
        waits.append(letter.due_at - now)
        now = letter.due_at
    assert tuple(waits) == RETRIES
    assert (letter.sent_at, letter.attempts) == (None, ATTEMPTS)


def test_a_mail_that_kills_its_worker_each_time_is_given_up(session: Session, newsletter: Newsletter) -> None:
    letter = sign_up(session, newsletter)
    claims = [letters.claim(session, letter.id, NOW + n * CLAIM) for n in range(ATTEMPTS + 1)]
    assert [claim is not None for claim in claims] == [True] * ATTEMPTS + [False]
    assert letters.owed(session, LATER, 10) == []


def test_a_worker_that_lost_its_claim_records_nothing(session: Session, newsletter: Newsletter) -> None:
    letter = sign_up(session, newsletter)
    slow = letters.claim(session, letter.id, NOW)
    quick = letters.claim(session, letter.id, NOW + CLAIM)
    assert slow is not None
    assert quick is not None
    letters.record(session, quick, Outcome.ACCEPTED, NOW + CLAIM)
    letters.record(session, slow, Outcome.DEFERRED, NOW + 2 * CLAIM)
    assert fresh_letter(session, letter.id).due_at is None


def given_up(session: Session, letter: OwedLetter) -> bool:
    return letters.claim(session, letter.id, NOW) is None and letters.owed(session, LATER, 10) == []


def test_an_address_suppressed_meanwhile_gets_no_mail(session: Session, newsletter: Newsletter) -> None:
    letter = sign_up(session, newsletter)
    suppression.suppress(session, "mara@ledger.example", "complained", NOW)
    assert given_up(session, letter)


def test_who_confirmed_by_one_mail_is_not_asked_by_another(session: Session, newsletter: Newsletter) -> None:
    letter = sign_up(session, newsletter)
    confirmation.confirm(session, letter.subscription_id or 0, 1, network="", now=NOW)
    assert given_up(session, letter)


def test_who_left_meanwhile_gets_no_mail_of_the_older_sign_up(session: Session, newsletter: Newsletter) -> None:
    letter = sign_up(session, newsletter)
    unsubscribe.leave(session, letter.subscription_id or 0, issue_id=None, network="", now=NOW)
    assert given_up(session, letter)
    again = sign_up(session, newsletter)
    session.get_one(OwedLetter, letter.id).due_at = NOW
    assert letters.claim(session, letter.id, NOW) is None
    assert letters.claim(session, again.id, NOW) is not None


def test_who_left_meanwhile_is_not_told_that_they_get_it(session: Session, newsletter: Newsletter) -> None:
    joined = join(session, newsletter)
    letters.claim(session, session.scalars(select(OwedLetter.id)).one(), NOW)
    letter = sign_up(session, newsletter, now=NOW)
    assert letter.kind == LetterKind.ALREADY
    unsubscribe.leave(session, joined.id, issue_id=None, network="", now=NOW)
    assert given_up(session, letter)


def test_a_letter_that_is_not_there_is_not_claimed(session: Session) -> None:
    assert letters.claim(session, 4711, NOW) is None


def proof_of_move(session: Session, newsletter: Newsletter) -> OwedLetter:
    joined = join(session, newsletter)
    letter = OwedLetter(
        kind=LetterKind.MOVE,
        subscriber_id=joined.subscriber_id,
        subscription_id=joined.id,
        new_address="Mara.New@ledger.example",
        created_at=NOW,
        due_at=NOW,
    )
    session.add(letter)
    session.commit()
    return letter


def test_the_proof_of_a_new_address_goes_there(session: Session, newsletter: Newsletter) -> None:
    owed = letters.claim(session, proof_of_move(session, newsletter).id, NOW)
    assert owed is not None
    assert (owed.kind, owed.address) == (LetterKind.MOVE, "Mara.New@ledger.example")


def test_no_proof_goes_to_an_address_that_is_suppressed(session: Session, newsletter: Newsletter) -> None:
    letter = proof_of_move(session, newsletter)
    suppression.suppress(session, "mara.new@ledger.example", "complained", NOW)
    assert letters.claim(session, letter.id, NOW) is None


def test_a_preference_link_is_owed_to_a_reader_and_to_nobody_else(session: Session, newsletter: Newsletter) -> None:
    joined = join(session, newsletter)
    letter_id = letters.owe_link(session, "mara@ledger.example", now=NOW)
    assert letters.owe_link(session, "nobody@ledger.example", now=NOW) is None
    assert letter_id is not None
    owed = letters.claim(session, letter_id, NOW)
    assert owed is not None
    assert (owed.kind, owed.address) == (LetterKind.PREFERENCES, "mara@ledger.example")
    assert (owed.subscriber_id, owed.generation) == (joined.subscriber_id, 1)


def test_the_newsletter_that_a_reader_gets_writes_to_them(session: Session, newsletter: Newsletter) -> None:
    pending = ask(session, make_newsletter(session, "evening"))
    assert pending.state == SubscriptionState.PENDING
    join(session, newsletter)
    letter_id = letters.owe_link(session, "mara@ledger.example", now=NOW)
    assert letter_id is not None
    owed = letters.claim(session, letter_id, NOW)
    assert owed is not None
    assert owed.newsletter.slug == "morning"


def test_nobody_gets_more_than_two_links_a_day(session: Session, newsletter: Newsletter) -> None:
    join(session, newsletter)
    made = [letters.owe_link(session, "mara@ledger.example", now=NOW + n * CLAIM) for n in range(5)]
    tomorrow = NOW + DAY + 3 * CLAIM
    assert [fresh_letter(session, n or 0).due_at is not None for n in made] == [True] * 2 + [False] * 3
    for letter_id in made[:2]:
        owed = letters.claim(session, letter_id or 0, NOW + 3 * CLAIM)
        assert owed is not None
        letters.record(session, owed, Outcome.ACCEPTED, NOW + 3 * CLAIM)
    later = letters.owe_link(session, "mara@ledger.example", now=tomorrow)
    assert fresh_letter(session, later or 0).due_at == tomorrow


def test_many_who_ask_at_once_cause_two_links(session: Session, engine: Engine, newsletter: Newsletter) -> None:
    join(session, newsletter)
    together = Barrier(10)

    def ask_for_link(_: int) -> None:
        together.wait(30)
        with Session(engine) as own:
            letters.owe_link(own, "mara@ledger.example", now=NOW)
            own.commit()

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(ask_for_link, range(20)))
    due = session.scalars(select(OwedLetter.due_at).where(OwedLetter.kind == LetterKind.PREFERENCES)).all()
    assert (len(due), sum(moment is not None for moment in due)) == (20, 2)


def test_a_link_is_asked_for_in_the_same_words_by_a_reader_and_by_a_stranger(
    session: Session, newsletter: Newsletter, statements: list[str]
) -> None:
    join(session, newsletter)
    heard = []
    for key in ("mara@ledger.example", "nobody@ledger.example"):
        session.scalar(select(1))  # begins the transaction
        statements.clear()
        letters.owe_link(session, key, now=NOW)
        heard.append(list(statements))
    assert heard[0] == heard[1]
    assert [statement.split()[0] for statement in heard[0]] == ["SELECT", "INSERT"]


def test_no_link_is_mailed_to_a_suppressed_address(session: Session, newsletter: Newsletter) -> None:
    join(session, newsletter)
    suppression.suppress(session, "mara@ledger.example", "complained", NOW)
    letter_id = letters.owe_link(session, "mara@ledger.example", now=NOW)
    assert letter_id is not None
    assert fresh_letter(session, letter_id).due_at is None

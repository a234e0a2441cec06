"""Readers who were erased and never want mail: every way in knows them, and keeps nothing of them."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.newsletters.models import Newsletter
from mailer.subscriptions import erasure, move, signup
from mailer.subscriptions.address import parse
from mailer.subscriptions.models import OwedLetter, Subscriber, Suppression
from tests.subscriptions.making import NOW, asked, join

KEY = b"a secret of the tests"
GONE = "mara@ledger.example"
DAY = timedelta(days=1)


@pytest.fixture
def erased(session: Session, newsletter: Newsletter) -> None:
    subscription = join(session, newsletter, GONE)
    erasure.erase(session, subscription.subscriber, KEY, never_again=True, now=NOW)
    session.commit()


def suppressions(session: Session) -> list[str]:
    found = list(session.scalars(select(Suppression.address_key).order_by(Suppression.id)))
    session.commit()
    return found


@pytest.mark.usefixtures("erased")
def test_a_sign_up_of_theirs_is_mailed_nothing(session: Session, newsletter: Newsletter) -> None:
    erasure.keep_suppressed(session, KEY, [GONE], NOW)
    letter_id = signup.request(session, newsletter, parse(GONE), asked(), now=NOW)
    assert session.get_one(OwedLetter, letter_id).due_at is None


@pytest.mark.usefixtures("erased")
def test_a_move_to_their_address_is_mailed_nothing(session: Session, newsletter: Newsletter) -> None:
    other = join(session, newsletter, "nora@ledger.example").subscriber
    erasure.keep_suppressed(session, KEY, [GONE], NOW)
    assert session.get_one(OwedLetter, move.ask(session, other, parse(GONE), "", now=NOW)).due_at is None


@pytest.mark.usefixtures("erased")
def test_among_many_addresses_only_theirs_is_suppressed(session: Session) -> None:
    keys = [f"reader{number}@mail.example" for number in range(5_000)]
    erasure.keep_suppressed(session, KEY, [*keys, GONE], NOW)
    erasure.keep_suppressed(session, KEY, [*keys, GONE], NOW)
    erasure.keep_suppressed(session, KEY, [], NOW)
    assert suppressions(session) == [erasure.hashed(KEY, GONE), GONE]


@pytest.mark.usefixtures("erased")
def test_the_address_goes_again_with_the_row_that_brought_it(session: Session, newsletter: Newsletter) -> None:
    erasure.keep_suppressed(session, KEY, [GONE], NOW)
    signup.request(session, newsletter, parse(GONE), asked(), now=NOW)
    assert erasure.forget_again(session, NOW + DAY) == 0
    session.delete(session.scalars(select(Subscriber)).one())
    session.flush()
    assert erasure.forget_again(session, NOW) == 0
    assert erasure.forget_again(session, NOW + DAY) == 1
    assert suppressions(session) == [erasure.hashed(KEY, GONE)]


def test_another_secret_makes_another_hash() -> None:
    assert erasure.hashed(KEY, GONE) != erasure.hashed(b"other", GONE) != erasure.hashed(b"other", "nora@b.example")

"""What a page may know by its secret, and for how long."""

from datetime import timedelta

from sqlalchemy.orm import Session

from mailer.newsletters.models import Newsletter
from mailer.subscriptions import confirmation, pending, signup, waiting
from mailer.subscriptions.waiting import LIFETIME, Waiting
from tests.subscriptions.making import NOW, REF, ask, join, make_newsletter, sign_up

MINUTE = timedelta(minutes=1)


def test_a_page_knows_how_many_letters_it_caused_and_when(session: Session, newsletter: Newsletter) -> None:
    ask(session, newsletter)
    signup.again(session, newsletter.id, REF, now=NOW + MINUTE)
    assert waiting.find(session, newsletter.id, REF, now=NOW + MINUTE) == Waiting(2, NOW + MINUTE, None)


def test_a_page_knows_that_the_reader_said_yes_since(session: Session, newsletter: Newsletter) -> None:
    subscription = ask(session, newsletter)
    confirmation.confirm(session, subscription.id, 1, network="", now=NOW + MINUTE)
    assert waiting.find(session, newsletter.id, REF, now=NOW + MINUTE) == Waiting(1, NOW, subscription)


def test_a_page_does_not_know_that_the_reader_was_in_before(session: Session, newsletter: Newsletter) -> None:
    join(session, newsletter)
    sign_up(session, newsletter, ref="another page", now=NOW + MINUTE)
    assert waiting.find(session, newsletter.id, "another page", now=NOW + MINUTE) == Waiting(1, NOW + MINUTE, None)


def test_another_page_knows_nothing(session: Session, newsletter: Newsletter) -> None:
    ask(session, newsletter)
    sign_up(session, newsletter, ref="")
    assert waiting.find(session, newsletter.id, "another page", now=NOW) is None
    assert waiting.find(session, newsletter.id, "", now=NOW) is None
    assert waiting.find(session, make_newsletter(session, "evening").id, REF, now=NOW) is None


def test_a_page_is_too_old_before_any_letter_is_forgotten(session: Session, newsletter: Newsletter) -> None:
    """When a letter is forgotten depends on whose address it was: strangers' sign-ups go first."""
    join(session, newsletter)
    for address in ("mara@ledger.example", "nobody@ledger.example"):
        sign_up(session, newsletter, address, ref=address, now=NOW + MINUTE)
        too_late = NOW + MINUTE + LIFETIME
        pending.forget(session, too_late, 10)
        pending.forget_letters(session, too_late, 10)
        found = waiting.find(session, newsletter.id, address, now=too_late - MINUTE)
        assert found == Waiting(1, NOW + MINUTE, None)
        assert waiting.find(session, newsletter.id, address, now=too_late) is None
    assert min(pending.KEEP_UNMAILED, pending.KEEP_MAILED, pending.FORGET_AFTER) > LIFETIME

"""Why readers left: one word each, and what it says of the form they came by."""

from datetime import timedelta

from sqlalchemy.orm import Session

from mailer.newsletters.models import Newsletter
from mailer.subscriptions import leaving_reasons, unsubscribe
from mailer.subscriptions.leaving_reasons import LeavingReason, Strangers
from tests.subscriptions.making import NOW, fresh, join

WEEK_AGO = NOW - timedelta(days=7)


def leave(session: Session, newsletter: Newsletter, address: str, reason: LeavingReason) -> int:
    subscription = join(session, newsletter, address)
    unsubscribe.leave(session, subscription.id, issue_id=None, network="", now=NOW)
    assert leaving_reasons.give(session, subscription.id, reason)
    session.commit()
    return subscription.id


def test_a_reader_who_stays_gives_no_reason(session: Session, newsletter: Newsletter) -> None:
    subscription = join(session, newsletter)
    assert not leaving_reasons.give(session, subscription.id, LeavingReason.TOO_MANY)
    assert fresh(session, subscription.id).leaving_reason == ""


def test_a_reason_ends_with_the_leaving(session: Session, newsletter: Newsletter) -> None:
    subscription_id = leave(session, newsletter, "mara@ledger.example", LeavingReason.ON_THE_SITE)
    assert fresh(session, subscription_id).leaving_reason == "on_the_site"
    unsubscribe.undo(session, subscription_id, network="", now=NOW)
    session.commit()
    assert fresh(session, subscription_id).leaving_reason == ""


def test_who_never_signed_up_is_counted_by_the_form_they_came_by(session: Session, newsletter: Newsletter) -> None:
    for number in range(3):
        leave(session, newsletter, f"stranger{number}@ledger.example", LeavingReason.NEVER_SIGNED_UP)
    leave(session, newsletter, "busy@ledger.example", LeavingReason.TOO_MANY)
    assert leaving_reasons.strangers(session, WEEK_AGO) == [Strangers("Morning Briefing", "story", 3)]
    assert leaving_reasons.strangers(session, NOW) == []

"""Further newsletters for who has just proved the address."""

from datetime import timedelta

from sqlalchemy.orm import Session

from mailer.newsletters.models import Newsletter
from mailer.subscriptions import adding, consent, unsubscribe
from mailer.subscriptions.models import Subscription
from tests.subscriptions.making import NOW, fresh, join, make_newsletter


def add(session: Session, reader: Subscription, newsletter: Newsletter) -> bool:
    added = adding.add(
        session, reader.subscriber, newsletter, wording="Send it.", form="more", language="", network="", now=NOW
    )
    session.commit()
    return added


def test_it_comes_at_once_and_both_steps_are_proved(session: Session, newsletter: Newsletter) -> None:
    reader, evening = join(session, newsletter), make_newsletter(session, "evening")
    assert add(session, reader, evening)
    assert not add(session, reader, evening)
    added = fresh(session, reader.id + 1)
    assert (added.newsletter_id, added.state, added.confirmed_at) == (evening.id, "active", NOW)
    assert [record.event for record in consent.history(session, added.id)] == ["requested", "confirmed"]


def test_a_pause_from_before_is_over(session: Session, newsletter: Newsletter) -> None:
    reader, evening = join(session, newsletter), make_newsletter(session, "evening")
    before = join(session, evening)
    before.paused_until = NOW + timedelta(days=30)
    unsubscribe.leave(session, before.id, issue_id=None, network="", now=NOW)
    assert add(session, reader, evening)
    after = fresh(session, before.id)
    assert (after.state, after.paused_until, after.unsubscribed_at) == ("active", None, None)

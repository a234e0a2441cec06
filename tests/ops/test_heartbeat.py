"""Signs of life."""

from datetime import timedelta

from sqlalchemy.orm import Session

from mailer.ops import heartbeat
from tests.newsletters.making import NOW


def test_nobody_was_seen_who_never_beat(session: Session) -> None:
    assert heartbeat.seen(session, "beat") is None


def test_the_last_beat_is_remembered_for_each_part(session: Session) -> None:
    heartbeat.beat(session, "beat", NOW)
    heartbeat.beat(session, "other", NOW)
    heartbeat.beat(session, "beat", NOW + timedelta(seconds=20))
    session.commit()
    assert heartbeat.seen(session, "beat") == NOW + timedelta(seconds=20)
    assert heartbeat.seen(session, "other") == NOW

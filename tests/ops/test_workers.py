from datetime import timedelta

from sqlalchemy.orm import Session

from mailer.ops import heartbeat, workers
from tests.ops.making import MINUTE, NOW


def test_a_worker_that_was_seen_is_at_work_for_a_minute(session: Session) -> None:
    heartbeat.beat(session, workers.WORKER + "one", NOW - timedelta(seconds=59))
    heartbeat.beat(session, workers.WORKER + "two", NOW - 2 * MINUTE)
    heartbeat.beat(session, workers.WORKER + "old", NOW - 90 * MINUTE)
    signs = workers.signs(session, NOW)
    assert [(worker.name, worker.alive) for worker in signs.workers] == [("one", True), ("two", False)]
    assert signs.alive == 1
    assert signs.beat is None
    assert not signs.ticking


def test_the_clock_ticks_for_two_minutes_after_it_was_heard(session: Session) -> None:
    heartbeat.beat(session, workers.BEAT, NOW - 3 * MINUTE)
    assert not workers.signs(session, NOW).ticking
    heartbeat.beat(session, workers.BEAT, NOW - MINUTE)
    assert workers.signs(session, NOW).ticking


def test_a_relay_that_was_away_a_moment_ago_counts_as_away(session: Session) -> None:
    heartbeat.beat(session, workers.RELAY_DOWN, NOW - timedelta(seconds=20))
    assert workers.signs(session, NOW).relay_down
    assert not workers.signs(session, NOW + MINUTE).relay_down

from datetime import UTC, datetime, time, timedelta

from sqlalchemy.orm import Session

from mailer.articles.models import Source
from mailer.newsletters.models import Slot, SlotState
from mailer.ops import clocks
from tests.newsletters.making import make_newsletter, make_schedule
from tests.ops.making import NOW


def test_failing_feeds_stand_first(session: Session) -> None:
    newsletter = make_newsletter(session)
    session.add(Source(newsletter=newsletter, url="https://a.example/feed", created_at=NOW, next_poll_at=NOW))
    broken = Source(newsletter=newsletter, url="https://b.example/feed", created_at=NOW, next_poll_at=NOW)
    broken.failures, broken.error = 3, "It answers 503."
    asleep = Source(newsletter=newsletter, url="https://c.example/feed", created_at=NOW, next_poll_at=NOW, active=False)
    session.add_all([broken, asleep])
    session.commit()
    first, second = clocks.feeds(session)
    assert (first.title, first.failures, first.error) == ("https://b.example/feed", 3, "It answers 503.")
    assert (second.newsletter, second.failures) == ("Morning Briefing", 0)


def test_a_clock_says_what_became_of_its_last_slot_and_when_it_is_due_again(session: Session) -> None:
    newsletter = make_newsletter(session, timezone="Europe/Berlin")
    schedule = make_schedule(session, newsletter, hours=[time(7)])
    for hours, state, reason in ((24, SlotState.ISSUE, ""), (1, SlotState.CLOSED, "Nothing new.")):
        due_at = NOW - timedelta(hours=hours)
        session.add(Slot(schedule=schedule, due_at=due_at, state=state.value, reason=reason))
    session.commit()
    [clock] = clocks.clocks(session, NOW)
    assert (clock.last_at, clock.last_state, clock.last_reason) == (NOW - timedelta(hours=1), "closed", "Nothing new.")
    assert clock.next_at == datetime(2026, 11, 25, 6, 0, tzinfo=UTC)


def test_a_clock_with_an_unknown_time_zone_does_not_break_the_board(session: Session) -> None:
    make_schedule(session, make_newsletter(session, timezone="Mars/Olympus"))
    make_schedule(session, make_newsletter(session, slug="evening"))
    assert {clock.next_at is None for clock in clocks.clocks(session, NOW)} == {True, False}

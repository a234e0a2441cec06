from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy.orm import Session

from mailer.articles.kinds import SourceKind
from mailer.articles.models import Source
from mailer.digests.models import Issue, IssueState
from mailer.newsletters.models import Slot, SlotState
from mailer.ops import clocks
from tests.newsletters.making import make_newsletter, make_schedule
from tests.ops.making import NOW


def test_feeds_that_need_a_look_stand_first(session: Session) -> None:
    newsletter = make_newsletter(session)

    def make_feed(name: str, **given: Any) -> None:
        url = f"https://{name}.example/feed"
        session.add(Source(newsletter=newsletter, url=url, title=name, created_at=NOW, next_poll_at=NOW, **given))

    make_feed("fine", succeeded_at=NOW, newest_at=NOW)
    make_feed("quiet", succeeded_at=NOW, newest_at=NOW - timedelta(days=9), habit_minutes=40)
    make_feed("broken", failures=3, error="It answers 503.")
    make_feed("held", succeeded_at=NOW, held_at=NOW, held_count=412)
    make_feed("asleep", active=False)
    make_feed("pushed", kind=SourceKind.PUSH.value)
    session.commit()
    found = {feed.title: feed.health.sentence for feed in clocks.feeds(session, NOW)}
    assert list(found) == ["held", "broken", "quiet", "fine"]
    assert found["broken"] == "It answers 503."
    assert found["held"].startswith("412 items look new at once")


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


def test_a_clock_says_why_a_draft_did_not_leave_and_knows_months(session: Session) -> None:
    newsletter = make_newsletter(session)
    monthly = make_schedule(session, newsletter, weekdays=0, month_day=1, starts_at=NOW - timedelta(days=90))
    slot = Slot(schedule=monthly, due_at=NOW - timedelta(hours=1), state=SlotState.ISSUE.value)
    draft = Issue(newsletter=newsletter, slot=slot, subject="Ferry", created_at=NOW, problem="There is no subject.")
    session.add(draft)
    session.commit()
    [clock] = clocks.clocks(session, NOW)
    assert (clock.stuck, clock.next_at) == ("There is no subject.", datetime(2026, 12, 1, 7, tzinfo=UTC))
    draft.state = IssueState.SENT.value
    session.commit()
    assert [clock.stuck for clock in clocks.clocks(session, NOW)] == [""]


def test_a_clock_with_an_unknown_time_zone_does_not_break_the_board(session: Session) -> None:
    make_schedule(session, make_newsletter(session, timezone="Mars/Olympus"))
    make_schedule(session, make_newsletter(session, slug="evening"))
    assert {clock.next_at is None for clock in clocks.clocks(session, NOW)} == {True, False}

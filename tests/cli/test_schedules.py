"""`postroom schedules …`, `postroom holidays …`, and a draft that leaves by itself."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.digests.models import Issue
from mailer.newsletters.models import Newsletter, Schedule, Slot, SlotState
from mailer.staff.models import AuditEvent
from tests.cli.conftest import Postroom
from tests.digests.making import make_issue, make_source, see
from tests.newsletters.making import make_newsletter, make_schedule

ADD = ("schedules", "add", "morning", "--title", "Weekdays 07:00", "--days", "mon-fri", "--at", "07:00")
HOUR = timedelta(hours=1)


@pytest.fixture
def newsletter(session: Session) -> Newsletter:
    return make_newsletter(session)


@pytest.fixture
def now() -> datetime:
    """The commands look at the clock themselves."""
    return datetime.now(UTC)


def actions(session: Session) -> list[str]:
    return list(session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)))


def test_a_schedule_is_added_and_listed(postroom: Postroom, session: Session, newsletter: Newsletter) -> None:
    more = ("--mode", "unless_held", "--minimum", 3, "--maximum", 9, "--fresh", 60, "--one-hour")
    schedule = postroom.answers(*ADD, *more)
    assert schedule == {
        "id": session.scalars(select(Schedule.id)).one(),
        "title": "Weekdays 07:00",
        "when": "Weekdays at 07:00",
        "days": "mon,tue,wed,thu,fri",
        "which": "every",
        "month_day": 0,
        "at": "07:00",
        "mode": "unless_held",
        "lead": 30,
        "readers_hour": False,
        "template": "digest",
        "minimum": 3,
        "maximum": 9,
        "fresh": 60,
        "active": True,
    }
    assert [n["schedules"] for n in postroom.answers("newsletters", "list")] == [[schedule]]
    listed = postroom.says("newsletters", "list")
    assert "Weekdays at 07:00, drafted 30 minutes before, leaves by itself unless held" in listed


def test_every_kind_of_rhythm_can_be_written(postroom: Postroom, newsletter: Newsletter) -> None:
    start = ("schedules", "add", "morning", "--title", "A schedule", "--at", "07:00,12:30")
    assert postroom.answers(*start, "--days", "mon", "--which", "first")["when"] == (
        "First Monday of the month at 07:00 and 12:30"
    )
    monthly = postroom.answers(*start, "--month-day", "last")
    assert monthly["when"] == "Last day of the month at 07:00 and 12:30"
    change = ("schedules", "change", monthly["id"])
    assert postroom.answers(*change, "--days", "sat")["when"] == "Saturdays at 07:00 and 12:30"
    assert postroom.says(*change, "--days", "sat").strip() == "Nothing was different."
    assert postroom.refuses(*change, "--minimum", 13).startswith("The fewest articles are more than the most.")
    assert postroom.refuses("schedules", "change", 4711).startswith("There is no schedule 4711.")


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (("--days", "mom"), "'mom' is not a day."),
        (("--at", "25:00"), "'25:00' is not a time of day."),
        (("--at", ","), "Write between 1 and 24 hours"),
        (("--month-day", "32"), "Write a day of the month, 1 to 31, or last."),
        (("--mode", "perhaps"), "'perhaps' is not one of"),
        (("--maximum", "61"), "61 is not in the range"),
    ],
)
def test_a_rhythm_that_cannot_be_read_is_refused(wrong: tuple[str, str], sentence: str) -> None:
    assert sentence in Postroom({}).misused(*ADD, *wrong)


def test_a_schedule_needs_days_and_its_newsletter(postroom: Postroom) -> None:
    assert postroom.refuses("schedules", "add", "morning", "--title", "A").startswith("Choose at least one day.")
    assert postroom.refuses(*ADD).startswith("There is no newsletter morning.")


def test_a_schedule_sleeps_and_is_woken(postroom: Postroom, session: Session, newsletter: Newsletter) -> None:
    number = make_schedule(session, newsletter).id
    assert postroom.answers("schedules", "sleep", number)["active"] is False
    assert postroom.refuses("schedules", "sleep", number) == "Daily is asleep already."
    assert "asleep" in postroom.says("newsletters", "list")
    assert postroom.answers("schedules", "wake", number)["active"] is True
    assert postroom.refuses("schedules", "wake", number) == "Daily is awake."
    assert actions(session) == ["schedule.slept", "schedule.woken"]


def test_holidays_come_and_go(postroom: Postroom, session: Session, newsletter: Newsletter) -> None:
    add = ("holidays", "add", "morning", "2099-01-01")
    assert postroom.says(*add, "New Year's Day").strip() == "Nothing is due on 2099-01-01."
    assert postroom.refuses(*add) == "2099-01-01 is a holiday of morning already."
    assert postroom.answers("holidays", "list", "morning") == [{"day": "2099-01-01", "title": "New Year's Day"}]
    postroom.says("holidays", "remove", "morning", "2099-01-01")
    assert postroom.refuses("holidays", "remove", "morning", "2099-01-01").startswith("2099-01-01 is no holiday")
    assert postroom.says("holidays", "list", "morning").strip() == "No holiday is known."
    assert "is not a day" in postroom.misused("holidays", "add", "morning", "tomorrow")
    assert actions(session) == ["holiday.added", "holiday.removed"]


def test_the_slots_say_what_became_of_them(
    postroom: Postroom, session: Session, newsletter: Newsletter, now: datetime
) -> None:
    assert postroom.says("schedules", "slots", "morning").strip() == "Nothing was due yet."
    schedule = make_schedule(session, newsletter)
    session.add(Slot(schedule=schedule, due_at=now, state=SlotState.CLOSED.value, reason="There was no new article."))
    session.commit()
    assert "Daily  There was no new article." in postroom.says("schedules", "slots", "morning")
    (found,) = postroom.answers("schedules", "slots", "morning")
    assert (found["schedule"], found["state"], found["issue"]) == ("Daily", "closed", None)


def test_a_dry_run_says_what_would_come_of_it_and_changes_nothing(
    postroom: Postroom, session: Session, newsletter: Newsletter, now: datetime
) -> None:
    source = make_source(session, newsletter)
    see(session, source, "Ferry", now - HOUR)
    see(session, source, "Tram", now - HOUR, held_at=now, held_by="lea@ledger.example")
    schedule = make_schedule(session, newsletter, minimum_articles=2)
    said = postroom.says("issues", "dry-run", "morning")
    assert "Daily, if it ran now. There was 1 new article; an issue needs 2." in said
    assert "  1. Ferry\nout  Tram  (Held by lea@ledger.example.)\nReaders: 0," in said
    answer = postroom.answers("issues", "dry-run", "morning", "--schedule", schedule.id)
    assert [each["title"] for each in answer["articles"]] == ["Ferry"]
    assert answer["left_out"][0]["reason"] == "Held by lea@ledger.example."
    assert (answer["readers"], answer["editions"], answer["ends_at"]) == (0, 0, None)
    assert postroom.refuses("issues", "dry-run", "morning", "--schedule", 4711).startswith("morning has no schedule")
    assert session.scalars(select(Issue)).all() == []


def test_a_draft_is_held_let_go_and_given_another_time(
    postroom: Postroom, session: Session, newsletter: Newsletter, now: datetime
) -> None:
    see(session, make_source(session, newsletter), "Ferry", now - HOUR)
    number = make_issue(session, newsletter, now).id
    assert postroom.refuses("issues", "hold", number).startswith(f"Issue {number} does not leave by itself")
    leaves_at = datetime.fromisoformat(postroom.answers("issues", "leave-at", number, "07:00")["leaves_at"])
    assert (leaves_at.hour, leaves_at.minute) == (7, 0)
    assert timedelta(0) < leaves_at - now <= timedelta(days=1)
    assert postroom.answers("issues", "hold", number) == {"id": number, "held": True}
    postroom.says("issues", "unhold", number)
    assert postroom.refuses("issues", "unhold", number) == f"Nobody holds issue {number}."
    assert "is not a time of day" in postroom.misused("issues", "leave-at", number, "noon")
    postroom.says("issues", "cancel", number)
    assert postroom.refuses("issues", "leave-at", number, "07:00").startswith(f"Issue {number} is cancelled.")
    assert actions(session) == ["issue.leaves_at", "issue.held", "issue.let_go", "issue.cancelled"]

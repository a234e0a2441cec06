"""The page of a newsletter's schedules, and a draft that leaves by itself."""

from datetime import UTC, datetime, time, timedelta
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.digests.models import Issue
from mailer.links import Links
from mailer.newsletters.models import Holiday, Mode, Newsletter, Schedule, Slot, SlotState
from mailer.staff.models import AuditEvent, Role
from tests.newsletters.making import make_schedule
from tests.web.newsroom import HEADLINES, draft_issue, fresh, open_newsroom
from tests.web.staffroom import LEA, log_in, press

PAGE = "/desk/newsletters/morning/schedules"
NEW = f"{PAGE}/new"
WORDS: dict[str, Any] = {
    "title": "Weekdays at seven",
    "weekday": ["mon", "tue", "wed", "thu", "fri"],
    "which": "every",
    "month_day": "1",
    "hours": "07:00",
    "mode": "unless_held",
    "lead_minutes": "30",
    "freshness_minutes": "240",
    "minimum_articles": "3",
    "maximum_articles": "12",
    "readers_hour": "yes",
    "template": "digest",
}


@pytest.fixture
def newsletter(session: Session, client: FlaskClient, links: Links) -> Newsletter:
    newsletter = open_newsroom(session)
    log_in(client, session, links)
    return newsletter


@pytest.fixture
def schedule(session: Session, newsletter: Newsletter) -> Schedule:
    return make_schedule(session, newsletter, hours=[time(7)])


def text(client: FlaskClient, page: str = PAGE) -> str:
    return unescape(client.get(page).text)


def actions(session: Session) -> list[str]:
    found = list(session.scalars(select(AuditEvent.action).where(AuditEvent.actor == LEA).order_by(AuditEvent.id)))
    session.commit()
    return found


def test_schedules_are_for_editors(
    client: FlaskClient, session: Session, links: Links, newsletter: Newsletter, schedule: Schedule
) -> None:
    log_in(client, session, links, Role.OPERATOR, "dario@ledger.example")
    for page in (PAGE, NEW, f"/desk/schedules/{schedule.id}", f"/desk/schedules/{schedule.id}/rehearsal"):
        assert client.get(page).status_code == 403


def test_a_newsletter_without_a_schedule_says_what_that_means(client: FlaskClient, newsletter: Newsletter) -> None:
    page = text(client)
    assert "Issues are drafted by hand until there is one." in page
    assert "Nothing is due: no schedule is awake." in page
    assert "Nothing was due yet." in page
    assert client.get("/desk/newsletters/nothing/schedules").status_code == 404


def test_an_editor_adds_a_schedule(client: FlaskClient, session: Session, newsletter: Newsletter) -> None:
    assert 'value="07:00"' in text(client, NEW)
    answer = press(client, NEW, NEW, **WORDS)
    assert (answer.status_code, answer.location) == (303, PAGE)
    made = session.scalars(select(Schedule)).one()
    session.commit()
    assert (made.weekdays, made.hours, made.mode, made.lead_minutes) == (0b11111, [time(7)], Mode.UNLESS_HELD, 30)
    page = text(client)
    assert "Weekdays at 07:00" in page
    assert (
        "Drafted 30 minutes before, leaves by itself unless held. 3 to 12 articles. At most 240 minutes late." in page
    )
    assert actions(session)[-1] == "schedule.added"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"which": "first", "weekday": ["mon"]}, "First Monday of the month at 07:00"),
        ({"which": "last", "weekday": ["sat", "sun"]}, "Last Saturday and Sunday of the month at 07:00"),
        ({"which": "day", "month_day": "last", "weekday": []}, "Last day of the month at 07:00"),
        ({"hours": "18:00 07:00"}, "Weekdays at 07:00 and 18:00"),
    ],
)
def test_every_kind_of_rhythm_can_be_chosen(
    client: FlaskClient, newsletter: Newsletter, words: dict[str, Any], said: str
) -> None:
    assert press(client, NEW, NEW, **{**WORDS, **words}).status_code == 303
    assert said in text(client)


@pytest.mark.parametrize(
    ("words", "field", "said"),
    [
        ({"title": " "}, "title", "Write between 1 and 120 characters."),
        ({"weekday": []}, "weekdays", "Choose at least one day."),
        ({"hours": "seven"}, "hours", "'seven' is not a time of day. Write one like 07:00."),
        ({"hours": ""}, "hours", "Write between 1 and 24 hours of the day"),
        ({"which": "day", "month_day": "40"}, "month_day", "Write a day of the month, 1 to 31, or last."),
        ({"which": "never"}, "which", "Choose one of these."),
        ({"mode": "perhaps"}, "mode", "Choose one of these."),
        ({"template": "none"}, "template", "Choose one of these."),
        ({"maximum_articles": "61"}, "maximum_articles", "Write a number between 1 and 60."),
        ({"minimum_articles": "13"}, "minimum_articles", "The fewest articles are more than the most."),
        ({"freshness_minutes": "0"}, "freshness_minutes", "Write a number between 1 and 10080."),
    ],
)
def test_what_does_not_work_says_why_beside_its_field_and_keeps_the_rest(
    client: FlaskClient, session: Session, newsletter: Newsletter, words: dict[str, Any], field: str, said: str
) -> None:
    answer = press(client, NEW, NEW, **{**WORDS, "title": "Mine", **words})
    page = unescape(answer.text)
    assert answer.status_code == 422
    assert f'id="bad-{field}" role="alert"' in page
    assert said in page
    assert session.scalars(select(Schedule)).all() == []


def test_an_editor_changes_a_schedule(client: FlaskClient, session: Session, schedule: Schedule) -> None:
    page = f"/desk/schedules/{schedule.id}"
    assert 'value="Daily"' in text(client, page)
    assert press(client, page, page, **WORDS).status_code == 303
    session.refresh(schedule)
    assert (schedule.title, schedule.weekdays, schedule.minimum_articles) == ("Weekdays at seven", 0b11111, 3)
    assert datetime.now(UTC) - schedule.starts_at < timedelta(minutes=1)
    session.commit()
    press(client, page, page, **WORDS)
    assert "Nothing was different." in text(client)
    assert actions(session).count("schedule.changed") == 1
    assert client.get("/desk/schedules/4711").status_code == 404


def test_a_schedule_is_put_to_sleep_and_woken(client: FlaskClient, session: Session, schedule: Schedule) -> None:
    press(client, PAGE, f"/desk/schedules/{schedule.id}/sleep")
    assert "Daily is asleep." in (page := text(client))
    assert "Asleep" in page
    press(client, PAGE, f"/desk/schedules/{schedule.id}/wake")
    assert "Daily is awake, from now on." in text(client)
    press(client, PAGE, f"/desk/schedules/{schedule.id}/wake")
    assert "Nothing was different." in text(client)
    assert actions(session)[-2:] == ["schedule.slept", "schedule.woken"]


def test_holidays_are_added_named_in_what_comes_next_and_removed(
    client: FlaskClient, session: Session, schedule: Schedule
) -> None:
    day = (datetime.now(UTC) + timedelta(days=2)).date()
    add = "/desk/newsletters/morning/holidays"
    assert press(client, PAGE, add, day=str(day), holiday="New Year's Day").status_code == 303
    assert "No issue: New Year's Day" in text(client)
    again = press(client, PAGE, add, day=str(day))
    assert again.status_code == 422
    assert "This day is a holiday already." in again.text
    assert "is not a day. Write one like 2027-01-01." in press(client, PAGE, add, day="tomorrow").text
    press(client, PAGE, f"{add}/{day}/remove")
    assert session.scalars(select(Holiday)).all() == []
    session.commit()
    assert press(client, PAGE, f"{add}/never/remove").status_code == 404
    assert actions(session)[-2:] == ["holiday.added", "holiday.removed"]


def test_every_slot_shows_what_became_of_it_by_pages(client: FlaskClient, session: Session, schedule: Schedule) -> None:
    start = datetime(2026, 11, 1, 7, tzinfo=UTC)
    for n in range(35):
        closed = {"state": SlotState.CLOSED.value, "reason": f"Reason {n}."}
        session.add(Slot(schedule=schedule, due_at=start - timedelta(days=n), **closed))
    session.commit()
    page = text(client)
    assert "Sun 1 Nov, 07:00" in page
    assert "Reason 29." in page
    assert "Reason 30." not in page
    older = page.partition("?before=")[2].partition("#")[0]
    assert "Reason 34." in text(client, f"{PAGE}?before={older}")


def test_if_it_ran_now_changes_nothing(client: FlaskClient, session: Session, schedule: Schedule) -> None:
    page = text(client, f"/desk/schedules/{schedule.id}/rehearsal")
    assert "An issue of 3 articles would be made." in page
    assert all(headline in page for headline in HEADLINES)
    assert "the largest for 2 readers" in page
    assert "nobody knows: no issue was sent yet" in page
    assert session.scalars(select(Issue)).all() == []


def test_a_draft_is_held_let_go_and_given_another_time(
    client: FlaskClient, session: Session, newsletter: Newsletter
) -> None:
    issue = draft_issue(session, newsletter)
    page = f"/desk/issues/{issue.id}"
    assert "Waits until somebody sends it." in text(client, page)
    press(client, page, f"{page}/leave-at", hour="07:00")
    assert "It leaves by itself:" in (shown := text(client, page))
    assert "by itself unless held." in shown
    press(client, page, f"{page}/hold")
    assert f"Held by {LEA} since" in text(client, page)
    press(client, page, f"{page}/hold")
    assert "It does not leave by itself, or has left already." in text(client, page)
    press(client, page, f"{page}/unhold")
    press(client, page, f"{page}/unhold")
    assert "Nobody holds it." in text(client, page)
    press(client, page, f"{page}/leave-at", hour="noon")
    assert "'noon' is not a time of day." in text(client, page)
    assert actions(session)[-3:] == ["issue.leaves_at", "issue.held", "issue.let_go"]


def test_a_draft_that_did_not_leave_says_why(client: FlaskClient, session: Session, newsletter: Newsletter) -> None:
    issue = draft_issue(session, newsletter)
    issue = fresh(session, issue)
    issue.leaves_at, issue.problem = datetime.now(UTC), "There is no subject."
    session.commit()
    assert "It did not leave by itself. There is no subject." in text(client, f"/desk/issues/{issue.id}")


def test_a_draft_that_has_left_can_neither_be_held_nor_wait(
    client: FlaskClient, session: Session, newsletter: Newsletter
) -> None:
    issue = draft_issue(session, newsletter)
    issue.leaves_at = datetime.now(UTC)
    session.commit()
    page = f"/desk/issues/{issue.id}"
    press(client, page, f"{page}/cancel")
    press(client, "/desk/", f"{page}/leave-at", hour="07:00")
    assert "It is not a draft any more." in text(client, page)

"""Today on the desk: what waits and for how long, what is to come, what did not come and why."""

from datetime import UTC, datetime, time, timedelta
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mailer.links import Links
from mailer.newsletters.calendar import zone
from mailer.newsletters.models import Holiday, Mode, Newsletter, Slot, SlotState
from tests.newsletters.making import make_newsletter, make_schedule
from tests.web.newsroom import draft_issue, open_newsroom
from tests.web.staffroom import log_in

NOON = f"Etc/GMT{datetime.now(UTC).hour - 12:+d}"
"""Where it is about noon now: no test of today runs into tomorrow."""


@pytest.fixture
def lea(client: FlaskClient, session: Session, links: Links) -> FlaskClient:
    log_in(client, session, links)
    return client


@pytest.fixture
def newsletter(session: Session) -> Newsletter:
    return make_newsletter(session, timezone=NOON)


def today(lea: FlaskClient) -> str:
    return unescape(lea.get("/desk/").text)


def test_nothing_waits_and_that_is_said(lea: FlaskClient, newsletter: Newsletter) -> None:
    page = today(lea)
    assert "Nothing waits for you" in page
    assert "Where do your articles come from?" in page


def test_a_draft_says_how_long_it_waits_who_holds_it_and_why_it_did_not_leave(
    lea: FlaskClient, session: Session
) -> None:
    issue = draft_issue(session, open_newsroom(session))
    assert "1 draft waits for you" in today(lea)
    issue.leaves_at = datetime.now(UTC) + timedelta(minutes=58, seconds=30)
    session.commit()
    assert "59 min left" in today(lea)
    issue.leaves_at += timedelta(hours=5)
    session.commit()
    assert "Leaves " in today(lea)
    issue.held_at, issue.held_by = datetime.now(UTC), "jonas@ledger.example"
    session.commit()
    page = today(lea)
    assert "Held by jonas@ledger.example" in page
    assert "Leaves " not in page
    issue.problem = "There is no subject."
    session.commit()
    assert "It did not leave: There is no subject." in today(lea)


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        (Mode.AUTOMATIC, "Leaves by itself, if there are at least 3 new articles."),
        (Mode.UNLESS_HELD, "A draft at 21:30, if there are at least 3 new articles; it leaves by itself unless"),
        (Mode.BY_HAND, "A draft at 21:30, if there are at least 3 new articles; somebody has to send it."),
    ],
)
def test_what_is_to_come_says_what_will_happen(
    lea: FlaskClient, session: Session, newsletter: Newsletter, mode: Mode, said: str
) -> None:
    recipe = {"hours": [time(22)], "mode": mode.value, "lead_minutes": 30, "minimum_articles": 3}
    make_schedule(session, newsletter, **recipe)
    page = today(lea)
    assert "1 issue is still to come" in page
    assert f"Daily. {said}" in page
    assert "22:00</time>" in page


def test_a_holiday_and_an_hour_without_an_issue_say_why(
    lea: FlaskClient, session: Session, newsletter: Newsletter
) -> None:
    schedule = make_schedule(session, newsletter, hours=[time(22)])
    session.add(Holiday(newsletter_id=newsletter.id, day=datetime.now(zone(NOON)).date(), title="Novruz"))
    reason = "There were 2 new articles; an issue needs 3."
    session.add(Slot(schedule=schedule, due_at=datetime.now(UTC), state=SlotState.CLOSED.value, reason=reason))
    yesterday = datetime.now(UTC) - timedelta(days=1)
    session.add(Slot(schedule=schedule, due_at=yesterday, state=SlotState.CLOSED.value, reason="That was yesterday."))
    session.commit()
    page = today(lea)
    assert "No issue: Novruz" in page
    assert "still to come" not in page
    assert f"Daily. {reason}" in page
    assert "That was yesterday." not in page

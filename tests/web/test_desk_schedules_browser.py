"""Schedules in a real browser, on a phone and on a desk: added, looked at as if it ran now; a draft that is held."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session

from mailer.links import Links
from mailer.newsletters import holidays
from mailer.newsletters.models import Newsletter, Slot, SlotState
from tests.newsletters.making import make_schedule
from tests.services.browser import barriers, follow
from tests.web.newsroom import draft_issue, open_newsroom
from tests.web.staffroom import LEA, login_path

PAGE = "/desk/newsletters/morning/schedules"

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]


@pytest.fixture
def newsletter(session: Session) -> Newsletter:
    """With a past and a holiday."""
    newsletter = open_newsroom(session)
    schedule = make_schedule(session, newsletter)
    now = datetime.now(UTC)
    for days, reason in enumerate(("There was no new article.", "New Year's Day is a holiday."), 1):
        closed = {"state": SlotState.CLOSED.value, "reason": reason}
        session.add(Slot(schedule=schedule, due_at=now - timedelta(days=days), **closed))
    holidays.add(session, newsletter, (now + timedelta(days=1)).date(), "The day after")
    session.commit()
    return newsletter


@pytest.fixture(params=[360, 1280])
def page(
    request: pytest.FixtureRequest, browser: Browser, live: str, session: Session, links: Links, newsletter: Newsletter
) -> Iterator[Page]:
    """Logged in; on the desk it is dark."""
    phone = request.param == 360
    context = browser.new_context(
        base_url=live,
        viewport={"width": request.param, "height": 800},
        reduced_motion="reduce",
        color_scheme="light" if phone else "dark",
    )
    page = context.new_page()
    page.goto(login_path(session, links))
    follow(page.get_by_role("button", name="Log in"))
    yield page
    context.close()


def sound(page: Page) -> None:
    """Nothing in the way of anybody, and nothing beside the screen."""
    assert barriers(page).violations_count == 0, barriers(page).generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_an_editor_adds_a_schedule_and_looks_what_it_would_do(page: Page) -> None:
    page.goto(PAGE)
    expect(page.get_by_text("New Year's Day is a holiday.")).to_be_visible()
    sound(page)
    follow(page.get_by_role("link", name="Add a schedule"))
    page.get_by_label("Name").fill("The month")
    for day in ("Tuesday", "Wednesday", "Thursday", "Friday"):
        page.get_by_label(day).uncheck()
    page.get_by_label("Which of them").select_option(label="The first of the month")
    page.get_by_label("Hours").fill("late")
    follow(page.get_by_role("button", name="Add it"))
    expect(page.get_by_text("'late' is not a time of day.")).to_be_visible()
    sound(page)
    page.get_by_label("Hours").fill("07:00, 18:30")
    follow(page.get_by_role("button", name="Add it"))
    expect(page.get_by_text("First Monday of the month at 07:00 and 18:30", exact=True)).to_be_visible()
    follow(page.get_by_role("link", name="If it ran now by The month"))
    expect(page.get_by_text("An issue of 3 articles would be made.")).to_be_visible()
    sound(page)


def test_an_editor_holds_a_draft_and_lets_it_go(page: Page, session: Session, newsletter: Newsletter) -> None:
    issue = draft_issue(session, newsletter)
    issue.leaves_at = datetime.now(UTC) + timedelta(minutes=30)
    session.commit()
    page.goto(f"/desk/issues/{issue.id}")
    follow(page.get_by_role("button", name="Hold"))
    expect(page.get_by_text(f"Held by {LEA} since")).to_be_visible()
    sound(page)
    follow(page.get_by_role("button", name="Let it go"))
    page.get_by_text("Leave at another time…").click()
    page.get_by_label("Leave at", exact=True).fill("07:00")
    follow(page.get_by_role("button", name="Set it"))
    expect(page.get_by_text("by itself unless held.")).to_be_visible()

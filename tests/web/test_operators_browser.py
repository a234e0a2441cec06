"""The queue board in a real browser: it keeps itself fresh, and does without."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session

from mailer.delivery.models import DeliveryState
from mailer.digests.models import Issue
from mailer.links import Links
from mailer.ops import heartbeat, workers
from mailer.staff.models import Role
from tests.ops.making import deliver, make_issue
from tests.services.browser import barriers
from tests.web.staffroom import login_path

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]


@pytest.fixture
def issue(session: Session) -> Issue:
    now = datetime.now(UTC)
    issue = make_issue(session, released_at=now, fanned_out_at=now)
    deliver(session, issue, 7, DeliveryState.ACCEPTED, "250 Ok", settled_at=now)
    deliver(session, issue, 3, DeliveryState.REFUSED, "550 5.1.1 <reader{}@mail.example>: Unknown", settled_at=now)
    return issue


def open_board(page: Page, live: str, session: Session, links: Links) -> None:
    page.goto(live + login_path(session, links, Role.OPERATOR))
    page.get_by_role("button").last.click()
    page.goto(f"{live}/ops/")


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_board_has_no_barrier_and_does_not_scroll_sideways(
    browser: Browser, live: str, session: Session, links: Links, issue: Issue, width: int, scheme: str
) -> None:
    with browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme=scheme,  # type: ignore[arg-type]  # "light" or "dark"
    ) as context:
        page = context.new_page()
        open_board(page, live, session, links)
        found = barriers(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_board_keeps_itself_fresh_unless_it_is_held(
    browser: Browser, live: str, session: Session, links: Links, issue: Issue
) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.clock.install()
        open_board(page, live, session, links)
        expect(page.get_by_text("No worker has been seen")).to_be_visible()
        page.keyboard.press("r")
        _go_to_work(session)
        page.clock.run_for(60_000)
        expect(page.get_by_text("No worker has been seen")).to_be_visible()
        page.get_by_role("button", name="Held").click()
        expect(page.get_by_text("No worker has been seen")).to_have_count(0)


def test_without_a_script_the_board_is_whole_and_its_buttons_work(
    browser: Browser, live: str, session: Session, links: Links, issue: Issue
) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        open_board(page, live, session, links)
        expect(page.get_by_role("button", name="Hold")).to_have_count(0)
        page.get_by_role("button", name="Try 3 readers again").click()
        expect(page.get_by_text("3 readers tried again.")).to_be_visible()
        expect(page.get_by_text("Nothing failed.")).to_be_visible()


def _go_to_work(session: Session) -> None:
    now = datetime.now(UTC) + timedelta(minutes=1)
    heartbeat.beat(session, workers.BEAT, now)
    heartbeat.beat(session, workers.WORKER + "one", now)
    session.commit()

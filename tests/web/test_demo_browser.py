"""The sample newsroom in a real browser, as a visitor of somebody else's site sees it."""

from datetime import UTC, datetime

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser
from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.config import Settings
from mailer.demo.seed import seed
from mailer.subscriptions.models import ConsentRecord

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

PAGES = ("/demo", "/demo/culture", "/demo/article/north-channel-vote", "/demo/article/arabic-evening-lessons")


@pytest.fixture(autouse=True)
def _newsroom(session: Session, settings: Settings) -> None:
    seed(session, settings, datetime.now(UTC))
    session.commit()


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_barrier_or_scrolls_sideways(browser: Browser, live: str, width: int, scheme: str) -> None:
    with browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme=scheme,  # type: ignore[arg-type]  # "light" or "dark"
    ) as context:
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        for path in PAGES:
            page.goto(live + path)
            found = Axe().run(page)
            assert found.violations_count == 0, f"{path}: {found.generate_report()}"
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert said == []


def test_a_reader_signs_up_below_an_article_with_the_topics_they_want(
    browser: Browser, live: str, session: Session, settings: Settings
) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        # The form names the service by PUBLIC_URL; here it listens on another port.
        page.route(
            f"{settings.base_url}/s/*",
            lambda route: route.fulfill(
                response=context.request.post(
                    live + "/s/morning-brief",
                    headers={"Content-Type": "application/x-www-form-urlencoded"},
                    data=route.request.post_data or "",
                )
            ),
        )
        page.goto(live + "/demo/article/north-channel-vote")
        page.get_by_label("Your e-mail").fill("mara@mail.example")
        page.get_by_label("Sport").check()
        page.get_by_role("button", name="Get the Morning Brief").click()
        page.get_by_role("heading", name="One more step").wait_for()
    record = session.scalars(select(ConsentRecord)).one()
    assert record.page == f"{settings.base_url}/demo/article/north-channel-vote"
    assert record.form == "under-article"
    assert record.wording.startswith("Newsletter Signup. The Morning Brief")

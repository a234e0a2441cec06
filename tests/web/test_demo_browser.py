"""The sample newsroom in a real browser, as a visitor of somebody else's site sees it."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser
from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.config import Settings
from mailer.demo.seed import seed
from mailer.subscriptions.models import ConsentRecord, Subscription
from tests.services.browser import barriers
from tests.web.publisher import service

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

PAGES = ("/demo", "/demo/culture", "/demo/article/north-channel-vote", "/demo/article/arabic-evening-lessons")


@pytest.fixture
def paper(session: Session, settings: Settings) -> Iterator[str]:
    """The address of the newsroom, which the service's own address is too."""
    seed(session, settings, datetime.now(UTC))
    session.commit()
    with service(settings) as app:
        yield app.extensions["settings"].base_url


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_barrier_or_scrolls_sideways(browser: Browser, paper: str, width: int, scheme: str) -> None:
    with browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme=scheme,  # type: ignore[arg-type]  # "light" or "dark"
    ) as context:
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        for path in PAGES:
            page.goto(paper + path)
            found = barriers(page)
            assert found.violations_count == 0, f"{path}: {found.generate_report()}"
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert said == []


@pytest.mark.parametrize("script", [True, False], ids=["in place", "without a script"])
def test_a_reader_signs_up_below_an_article_with_the_topics_they_want(
    browser: Browser, paper: str, session: Session, script: bool
) -> None:
    with browser.new_context(java_script_enabled=script) as context:
        page = context.new_page()
        page.goto(paper + "/demo/article/north-channel-vote")
        page.get_by_role("textbox", name="Your e-mail").fill("mara@mail.example")
        page.get_by_role("checkbox", name="Sport").check()
        page.get_by_role("button", name="Get the Morning Brief").click()
        page.get_by_role("heading", name="One more step").wait_for()
        assert page.url.endswith("/demo/article/north-channel-vote" if script else "/s/morning-brief")
    record = session.scalars(select(ConsentRecord)).one()
    assert record.page == f"{paper}/demo/article/north-channel-vote"
    assert (record.form, record.form_version) == ("main", 0)
    assert record.wording.startswith("Newsletter Signup. The Morning Brief")
    assert session.scalars(select(Subscription.topics)).one() == 0b1001  # Harbour, as the article, and Sport


def test_the_form_answers_in_the_language_of_the_article(browser: Browser, paper: str) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(paper + "/demo/article/arabic-evening-lessons")
        page.get_by_role("textbox", name="بريدك الإلكتروني").fill("mara")
        page.keyboard.press("Enter")
        said = page.get_by_role("alert")
        said.filter(has_text="name@example.org").wait_for()
        assert any("\u0600" <= letter <= "\u06ff" for letter in said.inner_text())

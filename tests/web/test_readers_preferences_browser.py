"""The preference centre in a real browser: saved as it is chosen, heard, undone, and without a barrier."""

import gzip
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session

from mailer.links import Links
from tests.services.browser import barriers
from tests.web.preference_scenes import Centre

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}
LARGEST = 4096
"""Bytes of a reader's page, compressed."""

Open = Callable[..., Page]


@pytest.fixture
def centre(session: Session, client: FlaskClient, links: Links) -> Centre:
    return Centre(session, client, links)


@pytest.fixture
def open_page(browser: Browser, live: str, centre: Centre) -> Iterator[Open]:
    complaints: list[str] = []

    def opened(width: int = 360, **more: object) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 800},
            reduced_motion="reduce",
            **more,  # type: ignore[arg-type]  # options of a context
        )
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(live + centre.path)
        return page

    yield opened
    assert [said for said in complaints if not said.startswith("Failed to load resource")] == []


def check(page: Page, name: str) -> None:
    found = barriers(page, RULES)
    assert found.violations_count == 0, f"{name}: {found.generate_report()}"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} scrolls sideways"
    if folder := os.environ.get("POSTROOM_SHOTS"):
        page.screenshot(path=Path(folder) / f"{re.sub(r'[^a-z0-9]+', '-', name)}.png", full_page=True)


def test_a_choice_is_saved_heard_and_undone_where_it_stands(open_page: Open, centre: Centre) -> None:
    saturdays = str(centre.saturdays.id)
    page = open_page()
    page.locator("#frequency-morning").focus()
    page.locator("#frequency-morning").select_option(saturdays)
    said = page.locator("#newsletter-morning [data-said]")
    expect(said).to_have_text("Saved: Saturdays from now on.")
    expect(page.get_by_role("status")).to_have_text("Saved: Saturdays from now on.")
    assert page.evaluate("document.activeElement.id") == "frequency-morning"
    assert centre.subscription.schedule_id == int(saturdays)
    page.get_by_role("button", name="Undo").press("Enter")
    expect(said).to_have_text("Saved: every issue from now on.")
    expect(page.locator("#frequency-morning")).to_have_value("every")
    assert page.evaluate("document.activeElement.id") == "frequency-morning"
    assert centre.subscription.schedule_id is None
    page.context.close()


def test_open_details_stay_open_and_the_last_of_many_choices_counts(open_page: Open, centre: Centre) -> None:
    page = open_page()
    page.locator("#more-morning summary").click()
    for hour in ("5", "6", "7", "8"):
        page.locator("#hour-morning").select_option(hour)
    expect(page.locator("#newsletter-morning [data-said]")).to_have_text(re.compile("Saved: at 8:00"))
    page.get_by_label("Sport").check()
    expect(page.locator("#newsletter-morning [data-said]")).to_have_text("Saved: all topics.")
    expect(page.locator("#more-morning")).to_have_attribute("open", "")
    subscription = centre.subscription
    assert subscription.delivery_hour
    assert subscription.delivery_hour.hour == 8
    page.context.close()


def test_a_refusal_is_said_in_the_row_and_nothing_is_lost_when_the_line_is(open_page: Open, centre: Centre) -> None:
    page = open_page()
    page.locator("#more-morning summary").click()
    page.get_by_label("City").uncheck()
    expect(page.locator("#newsletter-morning .wrong")).to_contain_text("Choose at least one topic")
    expect(page.get_by_label("City")).to_be_checked()
    page.context.set_offline(True)
    page.locator("#frequency-morning").select_option("off")
    expect(page.locator("#newsletter-morning .wrong").last).to_have_text("Not saved: no connection. Try again.")
    page.context.set_offline(False)
    page.locator("#frequency-morning").select_option("every")
    expect(page.locator("#newsletter-morning [data-said]")).to_have_text("Saved: every issue from now on.")
    page.context.close()


def test_a_link_that_died_meanwhile_shows_the_way_to_a_new_one(open_page: Open, centre: Centre) -> None:
    page = open_page()
    centre.client.post(f"{centre.path}/erase")
    page.locator("#frequency-evening").select_option("every")
    expect(page.get_by_role("button", name="Send me the link")).to_be_visible()
    page.context.close()


def test_the_page_is_small(centre: Centre) -> None:
    assert len(gzip.compress(centre.client.get(centre.path).data)) <= LARGEST


@pytest.mark.slow
@pytest.mark.parametrize(("scheme", "language"), [("light", "en"), ("dark", "ar")])
def test_no_state_has_a_barrier(open_page: Open, centre: Centre, live: str, scheme: str, language: str) -> None:
    centre.change("language", language)
    for width in (320, 1280):
        name = f"{width} {scheme} {language}"
        page = open_page(width, color_scheme=scheme)
        path = page.url
        page.locator("#yours > summary").click()
        page.locator("#more-morning > summary").click()
        check(page, f"{name} first")
        page.locator("#frequency-morning").select_option("every")
        page.locator("#frequency-evening").select_option("every")
        page.locator("#newsletter-evening [data-said]").wait_for()
        page.locator("#hour-morning").select_option("6")
        page.locator("#newsletter-morning [data-said]").wait_for()
        page.locator("#tick-counting").click()
        page.locator("#counting [data-said]").wait_for()
        check(page, f"{name} saved")
        page.locator("#length").select_option("date")
        page.locator("#pause button").first.click()
        page.locator("#pause .wrong").wait_for()
        check(page, f"{name} wrong")
        page.locator("#pause button").first.click()
        page.locator("#pause [data-said]").wait_for()
        check(page, f"{name} paused")
        page.locator("#yours > summary").click()
        page.locator("#email").fill("mara@gmial.com")
        page.locator("#move button").first.click()
        page.locator("#email-error").wait_for()
        check(page, f"{name} slip")
        page.locator("#email").fill("mara@newhouse.example")
        page.locator("#move form button:not(.link)").click()
        page.locator("#code").fill("12")
        check(page, f"{name} code")
        page.locator("#stop button").first.click()
        page.locator("#stop [data-said]").wait_for()
        check(page, f"{name} stopped")
        page.locator("#stop button").click()
        for end in ("/erase", ""):
            page.goto(f"{path.split('#')[0]}{end}")
            check(page, f"{name} page{end}")
        page.goto(f"{live}/p")
        check(page, f"{name} link")
        page.goto(f"{live}/p/x")
        check(page, f"{name} dead")
        centre.change("frequency", "off", newsletter="evening")
        centre.change("counting")
        page.context.close()

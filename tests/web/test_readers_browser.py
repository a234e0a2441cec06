"""The pages of readers in a real browser: small and large, light and dark, without a script, without a barrier."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.links import Links
from mailer.newsletters.models import Newsletter
from mailer.subscriptions.models import Subscription, SubscriptionState
from tests.services.browser import barriers
from tests.subscriptions.making import fresh
from tests.web.reader_scenes import BY_HAND, Scenes, by_link, open_newsroom

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}
OF_A_PART = {**RULES, "rules": {"page-has-heading-one": {"enabled": False}}}
"""What is framed is a part of somebody's page, which has the heading."""

WIDTHS = (360, 1280)
NARROWEST = 320
MOST_BYTES = 4096
TARGET = 44
"""CSS pixels of the smallest thing to press; links inside a sentence may be smaller (WCAG 2.5.8)."""


@pytest.fixture
def newsletter(session: Session) -> Newsletter:
    return open_newsroom(session)


@pytest.fixture
def scenes(live: str, session: Session, links: Links, newsletter: Newsletter) -> Scenes:
    return Scenes(live, session, links)


@contextmanager
def open_page(browser: Browser, width: int, scheme: str = "light", scripts: bool = True) -> Iterator[Page]:
    complaints: list[str] = []
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme=scheme,  # type: ignore[arg-type]  # "light" or "dark"
        reduced_motion="reduce",
        java_script_enabled=scripts,
    )
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    yield page
    context.close()
    # The browser complains of every 4xx as well, and those pages are meant.
    assert [text for text in complaints if "the server responded with a status of 4" not in text] == []


def everything(scenes: Scenes, newsletter: Newsletter, page: Page) -> Iterator[str]:
    """Go to every page; its name."""
    for name, path in by_link(scenes, newsletter).items():
        scenes.go(page, path)
        yield name
    for name, visit in BY_HAND.items():
        visit(scenes, page)
        page.wait_for_load_state()
        yield name


def check(page: Page, name: str) -> None:
    found = barriers(page, OF_A_PART if name.startswith("framed") else RULES)
    assert found.violations_count == 0, f"{name}: {found.generate_report()}"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} scrolls sideways"


def small_targets(page: Page) -> list[str]:
    """What is to be pressed, also in the form that the embed script makes, but smaller than a thumb needs."""
    pressed = "button, .btn, input:not([type=hidden], [type=checkbox], .away), label:has(input)"
    found: list[str] = page.evaluate(
        """([pressed, least]) =>
        [document, ...[...document.querySelectorAll("post-signup")].map(form => form.shadowRoot)]
        .flatMap(root => [...root.querySelectorAll(pressed)]).filter(part => part.checkVisibility())
        .filter(part => part.getBoundingClientRect().height < least).map(part => part.outerHTML)""",
        [pressed, TARGET],
    )
    return found


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_has_a_barrier_or_scrolls_sideways(
    browser: Browser, scenes: Scenes, newsletter: Newsletter, width: int, scheme: str
) -> None:
    with open_page(browser, width, scheme) as page:
        for name in everything(scenes, newsletter, page):
            check(page, f"{name} at {width} px, {scheme}")


def test_every_page_fits_the_narrowest_phone_and_the_thumb(
    browser: Browser, scenes: Scenes, newsletter: Newsletter
) -> None:
    with open_page(browser, NARROWEST) as page:
        for name in everything(scenes, newsletter, page):
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
            assert small_targets(page) == [], name


def test_every_page_is_light_to_carry(browser: Browser, scenes: Scenes, newsletter: Newsletter) -> None:
    with open_page(browser, WIDTHS[0]) as page:
        for name in everything(scenes, newsletter, page):
            assert len(gzip.compress(page.content().encode())) < MOST_BYTES, name


def test_a_page_in_arabic_runs_from_right_to_left(browser: Browser, scenes: Scenes) -> None:
    with open_page(browser, 1280) as page:
        BY_HAND["pending in Arabic"](scenes, page)
        field, button = page.locator("#code").bounding_box(), page.locator("button.go").bounding_box()
        assert field is not None
        assert button is not None
        assert button["x"] < field["x"]


@pytest.mark.parametrize("width", WIDTHS)
def test_a_reader_signs_up_confirms_leaves_and_comes_back_without_a_script(
    browser: Browser, scenes: Scenes, session: Session, width: int
) -> None:
    with open_page(browser, width, scripts=False) as page:
        scenes.go(page, "/s/morning")
        page.get_by_label("Sport").check()
        page.get_by_label("Your e-mail").fill("mara@ledger.example")
        page.get_by_role("button", name="Sign up").click()
        page.get_by_role("heading", name="One more step").wait_for()
        subscription = fresh(session, session.scalars(select(Subscription.id)).one())
        assert subscription.topics == 2
        scenes.go(page, scenes.links.confirm(subscription.id, 1))
        page.get_by_role("button", name="Yes, send it to me").click()
        page.get_by_role("heading", name="You're in").wait_for()
        assert fresh(session, subscription.id).state == SubscriptionState.ACTIVE
        scenes.go(page, scenes.links.unsubscribe(subscription.id, 1))
        page.get_by_role("button", name="Yes, stop it").click()
        page.get_by_role("button", name="Undo").wait_for()
        assert fresh(session, subscription.id).state == SubscriptionState.UNSUBSCRIBED
        page.get_by_role("button", name="Undo").click()
        page.get_by_role("heading", name="You're in again").wait_for()
        assert fresh(session, subscription.id).state == SubscriptionState.ACTIVE


def test_an_error_is_said_beside_its_field_which_has_the_focus(browser: Browser, scenes: Scenes) -> None:
    with open_page(browser, 360) as page:
        BY_HAND["not an address"](scenes, page)
        assert "not complete" in page.get_by_role("alert").inner_text()
        expect(page.get_by_label("Your e-mail")).to_be_focused()
        expect(page.get_by_label("Your e-mail")).to_have_value("mara@ledger")
        BY_HAND["wrong code"](scenes, page)
        assert "4 tries left" in page.get_by_role("alert").inner_text()
        expect(page.get_by_label("Code from the e-mail")).to_be_focused()


def test_a_suggestion_is_taken_by_enter(browser: Browser, scenes: Scenes) -> None:
    with open_page(browser, 360) as page:
        BY_HAND["a slip"](scenes, page)
        expect(page.get_by_role("button", name="Use mara@gmail.com")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="One more step")).to_be_visible()
        expect(page.get_by_text("mara@gmail.com").first).to_be_visible()

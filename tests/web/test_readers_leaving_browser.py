"""Journey 8 in a real browser: leave, undo, weekly instead, a reason; small and large, with and without a script."""

import gzip
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session

from mailer.links import Links
from mailer.newsletters.models import Newsletter
from mailer.subscriptions.models import Subscription, SubscriptionState
from tests.newsletters.making import make_schedule
from tests.services.browser import barriers, follow
from tests.subscriptions.making import fresh, join, make_newsletter

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}
MOST_BYTES = 4096
ISSUE = 12


@pytest.fixture
def newsletter(session: Session) -> Newsletter:
    newsletter = make_newsletter(session)
    make_schedule(session, newsletter, title="Weekdays", weekdays=0b0011111)
    make_schedule(session, newsletter, title="Saturdays", weekdays=0b0100000)
    return newsletter


@pytest.fixture
def reader(session: Session, newsletter: Newsletter) -> Subscription:
    join(session, make_newsletter(session, "evening", "Evening Letter"), "mara@gmail.com")
    return join(session, newsletter, "mara@gmail.com")


@pytest.fixture
def link(live: str, links: Links, reader: Subscription) -> str:
    return live + links.unsubscribe(reader.id, ISSUE).removeprefix(links.base_url)


def open_page(browser: Browser, width: int, scheme: str = "light", scripts: bool = True) -> Page:
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme=scheme,  # type: ignore[arg-type]  # "light" or "dark"
        reduced_motion="reduce",
        java_script_enabled=scripts,
    )
    return context.new_page()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()


def heading(page: Page, name: str) -> None:
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()


def each_page(page: Page, link: str) -> Iterator[str]:
    """Go to every page of leaving; its name."""
    for name, path in (("leave", ""), ("less", "/less"), ("change", "/change"), ("cut off", "x")):
        page.goto(link + path)
        yield name
    page.goto(link)
    for name, pressed in (
        ("left", "button.go"),
        ("reason", "button[value=never_signed_up]"),
        ("weekly", "button[name=schedule]"),
    ):
        follow(page.locator(pressed).first)
        yield name
    for name, path, pressed in (
        ("pause", "/less", "button[formaction]"),
        ("change asked", "/change", "button.go"),
    ):
        page.goto(link + path)
        follow(page.locator(pressed).first)
        yield name


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("width", [360, 1280])
def test_a_reader_leaves_comes_back_takes_less_and_says_why(
    browser: Browser, session: Session, reader: Subscription, link: str, width: int, scripts: bool
) -> None:
    page = open_page(browser, width, scripts=scripts)
    page.goto(link)
    heading(page, "Stop Morning Briefing?")
    press(page, "Yes, stop it")
    heading(page, "Done. No more Morning Briefing")
    assert fresh(session, reader.id).state == SubscriptionState.UNSUBSCRIBED
    press(page, "Undo")
    heading(page, "You're in again")
    assert fresh(session, reader.id).state == SubscriptionState.ACTIVE
    page.get_by_role("link", name="Stop it altogether").click()
    press(page, "Yes, stop it")
    press(page, "I never signed up")
    expect(page.get_by_text("You said: I never signed up. Thank you.")).to_be_visible()
    assert fresh(session, reader.id).leaving_reason == "never_signed_up"
    press(page, "Once a week: Saturdays")
    heading(page, "Less often from now on")
    expect(page.get_by_text("Morning Briefing comes to m•••@gmail.com once a week: Saturdays.")).to_be_visible()
    assert fresh(session, reader.id).state == SubscriptionState.ACTIVE
    page.goto(link)
    page.get_by_role("link", name="Less often, or a pause").click()
    press(page, "Pause for a month")
    heading(page, "A pause until")
    assert fresh(session, reader.id).state == SubscriptionState.PAUSED
    page.context.close()


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_no_page_of_leaving_has_a_barrier(browser: Browser, link: str, width: int, scheme: str) -> None:
    page = open_page(browser, width, scheme)
    for name in each_page(page, link):
        found = barriers(page, RULES)
        assert found.violations_count == 0, f"{name}: {found.generate_report()}"
    page.context.close()


def test_every_page_of_leaving_is_light_and_fits_the_narrowest_phone_and_the_thumb(browser: Browser, link: str) -> None:
    page = open_page(browser, 320)
    for name in each_page(page, link):
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        assert len(gzip.compress(page.content().encode())) < MOST_BYTES, name
        low = page.evaluate("[...document.querySelectorAll('main button, main a')].map(e => e.offsetHeight)")
        assert min(low, default=44) >= 44, name
    page.context.close()


def test_in_arabic_the_ways_back_begin_on_the_right(
    browser: Browser, session: Session, newsletter: Newsletter, link: str
) -> None:
    newsletter.language, newsletter.title = "ar", "نشرة الصباح"
    session.commit()
    page = open_page(browser, 1280)
    page.goto(link)
    assert page.locator("html").get_attribute("dir") == "rtl"
    page.locator("button.go").click()
    undo, beside = page.locator("button.go").bounding_box(), page.locator("a.beside").bounding_box()
    assert undo is not None
    assert beside is not None
    assert undo["x"] > beside["x"]
    page.context.close()

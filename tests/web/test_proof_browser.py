"""The page "One moment" in a real browser: it solves its challenge by itself, and waits where it cannot."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.newsletters import flood
from mailer.subscriptions.models import ConsentRecord, Subscriber
from mailer.web.readers import proof
from tests.conftest import SECRET
from tests.services.browser import barriers
from tests.subscriptions.making import make_newsletter

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]


@pytest.fixture(autouse=True)
def form_id(session: Session) -> int:
    """A form under guard."""
    found = make_newsletter(session).forms[0].id
    flood.guard(session, found, datetime.now(UTC))
    session.commit()
    return found


@contextmanager
def reader(browser: Browser, width: int = 320, scripts: bool = True, scheme: str = "light") -> Iterator[Page]:
    complaints: list[str] = []
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        java_script_enabled=scripts,
        color_scheme=scheme,  # type: ignore[arg-type]  # "light" or "dark"
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text))
    yield page
    context.close()
    assert complaints == []


def sign_up(page: Page, live: str) -> None:
    page.goto(f"{live}/s/morning")
    page.get_by_label("Sport").check()
    page.get_by_label("e-mail").fill("mara@ledger.example")
    page.get_by_label("e-mail").press("Enter")


def signed_up(session: Session) -> list[str]:
    found = list(session.scalars(select(Subscriber.address)))
    session.rollback()
    return found


def test_the_browser_solves_it_and_the_reader_only_sees_the_next_page(
    browser: Browser, live: str, session: Session
) -> None:
    with reader(browser) as page:
        sign_up(page, live)
        expect(page.get_by_role("heading", name="One more step")).to_be_visible(timeout=20_000)
    assert signed_up(session) == ["mara@ledger.example"]
    record = session.scalars(select(ConsentRecord)).one()
    assert (record.form, record.page) == ("main", f"{live}/s/morning")


def test_without_a_script_waiting_is_enough(browser: Browser, live: str, session: Session, form_id: int) -> None:
    with reader(browser, scripts=False) as page:
        sign_up(page, live)
        expect(page.get_by_role("heading", name="One moment")).to_be_visible()
        page.get_by_role("button", name="I have waited").click()
        expect(page.get_by_role("alert")).to_have_text("That was a little early.")
        assert signed_up(session) == []
        waited = proof.ticket(SECRET, form_id, datetime.now(UTC) - proof.WAIT - timedelta(seconds=1))
        page.locator("input[name=ticket]").evaluate("(field, ticket) => { field.value = ticket }", waited)
        page.get_by_role("button", name="I have waited").click()
        expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    assert signed_up(session) == ["mara@ledger.example"]


def test_where_the_browser_has_no_webcrypto_the_page_offers_waiting(browser: Browser, live: str) -> None:
    with reader(browser) as page:
        page.add_init_script("Object.defineProperty(Crypto.prototype, 'subtle', {value: undefined})")
        sign_up(page, live)
        expect(page.get_by_role("button", name="I have waited")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_has_no_barrier_and_nothing_overflows(browser: Browser, live: str, scheme: str) -> None:
    with reader(browser, scheme=scheme) as page:
        page.add_init_script("Object.defineProperty(Crypto.prototype, 'subtle', {value: undefined})")
        sign_up(page, live)
        button = page.get_by_role("button", name="I have waited")
        expect(button).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert barriers(page).response["violations"] == []

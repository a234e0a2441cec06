"""The pages of readers in a real browser: small and large, light and dark, without a script, without a barrier."""

from collections.abc import Iterator
from threading import Thread

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from mailer.links import Links
from mailer.newsletters.models import Newsletter
from mailer.subscriptions.models import Subscription, SubscriptionState
from tests.subscriptions.making import NOW, ask, fresh, join, make_newsletter

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}
WIDTHS = (360, 1280)
NARROWEST = 320


@pytest.fixture
def newsletter(session: Session) -> Newsletter:
    arabic = Newsletter(
        slug="sabah",
        title="نشرة الصباح",
        description="ما قررته المدينة وأنت نائم.",
        language="ar",
        sender_name="The Harbour Ledger",
        sender_address="sabah@ledger.example",
        created_at=NOW,
    )
    session.add(arabic)
    return make_newsletter(session)


@pytest.fixture
def site(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()


@pytest.fixture
def paths(session: Session, newsletter: Newsletter, links: Links) -> dict[str, str]:
    pending = ask(session, newsletter, "pending.with.quite.a.long.name@department.of.the.harbour.ledger.example")
    active = join(session, newsletter, "active@ledger.example")
    addresses = {
        "confirm": links.confirm(pending.id, 1),
        "confirmed": links.confirm(active.id, 1),
        "gone": links.confirm(active.id + 1000, 1),
        "stale": links.confirm(pending.id, 2),
        "leave": links.unsubscribe(active.id, 1),
        "cut-off": links.unsubscribe(active.id, 1)[:-1],
    }
    fixed = {"home": "/", "privacy": "/privacy", "form": "/s/morning", "arabic": "/s/sabah", "closed": "/s/evening"}
    return fixed | {name: address.removeprefix(links.base_url) for name, address in addresses.items()}


def open_page(browser: Browser, width: int, scheme: str = "light") -> Page:
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme=scheme,  # type: ignore[arg-type]  # "light" or "dark"
        reduced_motion="reduce",
    )
    return context.new_page()


def check(page: Page, name: str) -> None:
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, f"{name}: {found.generate_report()}"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} scrolls sideways"


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_barrier_or_scrolls_sideways(
    browser: Browser, site: str, paths: dict[str, str], scheme: str
) -> None:
    for width in WIDTHS:
        page = open_page(browser, width, scheme)
        for name, path in paths.items():
            page.goto(site + path)
            check(page, f"{name} at {width} px, {scheme}")
        page.context.close()


def test_every_page_fits_the_narrowest_phone(browser: Browser, site: str, paths: dict[str, str]) -> None:
    page = open_page(browser, NARROWEST)
    for name, path in paths.items():
        page.goto(site + path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
    page.context.close()


def test_a_reader_signs_up_confirms_leaves_and_comes_back_without_a_script(
    browser: Browser, site: str, session: Session, newsletter: Newsletter, links: Links
) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 800})
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(f"{site}/s/morning")
    page.get_by_label("Sport").check()
    page.get_by_label("Your e-mail").fill("mara@ledger.example")
    page.get_by_role("button", name="Sign up").click()
    page.get_by_role("heading", name="One more step").wait_for()
    subscription = fresh(session, session.scalars(select(Subscription.id)).one())
    assert subscription.topics == 2
    page.goto(site + links.confirm(subscription.id, 1).removeprefix(links.base_url))
    page.get_by_role("button", name="Yes, send it to me").click()
    page.get_by_role("heading", name="You're in").wait_for()
    assert fresh(session, subscription.id).state == SubscriptionState.ACTIVE
    page.goto(site + links.unsubscribe(subscription.id, 1).removeprefix(links.base_url))
    page.get_by_role("button", name="Yes, stop it").click()
    page.get_by_role("button", name="Undo").wait_for()
    assert fresh(session, subscription.id).state == SubscriptionState.UNSUBSCRIBED
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("heading", name="You're in again").wait_for()
    assert fresh(session, subscription.id).state == SubscriptionState.ACTIVE
    assert complaints == []
    context.close()


def test_a_typing_error_is_said_beside_the_field(browser: Browser, site: str, newsletter: Newsletter) -> None:
    page = open_page(browser, 360)
    page.goto(f"{site}/s/morning")
    page.get_by_label("Your e-mail").fill("mara@ledger")  # a browser takes it for an address
    page.get_by_role("button", name="Sign up").click()
    assert "not complete" in page.get_by_role("alert").inner_text()
    assert page.get_by_label("Your e-mail").input_value() == "mara@ledger"
    check(page, "a typing error")
    page.context.close()

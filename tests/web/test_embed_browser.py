"""The form on somebody's page, step by step: what it shows, where the focus goes, and what it leaves alone."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, Route, ViewportSize, expect
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mailer.config import Settings
from mailer.newsletters.models import Disposable, Form, Newsletter
from mailer.subscriptions.models import OwedLetter, Subscription
from tests.services.browser import barriers
from tests.subscriptions.making import make_newsletter
from tests.web.publisher import Publisher, code_of_last_letter, publisher, service, snippets_of

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}
NARROW: ViewportSize = {"width": 320, "height": 800}
Scheme = Literal["light", "dark"]


@pytest.fixture
def newsletter(session: Session) -> Newsletter:
    newsletter = make_newsletter(session)
    newsletter.forms[0].topics = 1
    session.commit()
    return newsletter


@pytest.fixture
def app(settings: Settings, newsletter: Newsletter) -> Iterator[Flask]:
    with service(settings) as app:
        yield app


@pytest.fixture
def site() -> Iterator[Publisher]:
    with publisher() as site:
        yield site


@pytest.fixture
def snippet(app: Flask, session: Session, newsletter: Newsletter) -> str:
    return snippets_of(app, session, newsletter.forms[0]).upgraded


@contextmanager
def reader(browser: Browser, width: int = 1280, scheme: str = "light") -> Iterator[Page]:
    """A browser's page; any complaint on its console fails the test."""
    said: list[str] = []
    with browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme=scheme,  # type: ignore[arg-type]  # "light" or "dark"
        reduced_motion="reduce",
    ) as context:
        context.on("console", lambda message: said.append(message.text))
        context.on("weberror", lambda error: said.append(error.error.message))
        yield context.new_page()
    assert said == []


@contextmanager
def held(page: Page, address: str) -> Iterator[None]:
    """Keeps requests to `address` waiting until the end."""
    waiting: list[Route] = []
    page.route(address, lambda route: waiting.append(route))  # noqa: PLW0108  # Playwright marks what it is given
    yield
    for route in waiting:
        route.continue_()
    page.unroute(address)


def send(page: Page, label: str, text: str) -> None:
    page.get_by_role("textbox", name=label).fill(text)
    page.keyboard.press("Enter")


def heading(page: Page, name: str) -> None:
    expect(page.get_by_role("heading", name=name)).to_be_focused()


def check(page: Page) -> None:
    found = barriers(page, RULES, "post-signup")
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found.response["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "it scrolls sideways"
    small = page.evaluate(
        """[...document.querySelector("post-signup").shadowRoot.querySelectorAll("button, #field, label:has(input)")]
           .filter((target) => target.getBoundingClientRect().height < 44).map((target) => target.textContent)"""
    )
    assert small == []


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_no_state_has_a_barrier(
    browser: Browser, site: Publisher, snippet: str, app: Flask, session: Session, width: int, scheme: str
) -> None:
    with reader(browser, width, scheme) as page:
        page.goto(site.publish(snippet))
        page.get_by_role("textbox", name="Your e-mail").wait_for()
        check(page)
        send(page, "Your e-mail", "mara")
        expect(page.get_by_role("alert")).to_contain_text("An e-mail address has an @ in it")
        expect(page.get_by_role("textbox", name="Your e-mail")).to_be_focused()
        check(page)
        send(page, "Your e-mail", "mara.with.quite.a.long.name.indeed@gmial.com")
        expect(page.get_by_role("button", name="@gmail.com")).to_be_focused()
        check(page)
        page.keyboard.press("Enter")
        heading(page, "One more step")
        check(page)
        send(page, "Code from the e-mail", "000 000")
        expect(page.get_by_role("alert")).to_contain_text("4 tries left")
        expect(page.get_by_role("textbox", name="Code from the e-mail")).to_be_focused()
        check(page)
        send(page, "Code from the e-mail", code_of_last_letter(app, session))
        heading(page, "You're in")
        check(page)


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_moment_in_between_has_a_barrier(
    browser: Browser, site: Publisher, snippet: str, session: Session, newsletter: Newsletter, scheme: Scheme
) -> None:
    """Offline, busy, sent again, one moment, closed."""
    with browser.new_context(viewport=NARROW, color_scheme=scheme, reduced_motion="reduce") as context:
        page = context.new_page()
        story = site.publish(snippet)
        page.goto(story)
        page.get_by_role("textbox", name="Your e-mail").wait_for()
        context.set_offline(True)
        send(page, "Your e-mail", "mara@ledger.example")
        expect(page.get_by_role("alert")).to_have_text("No connection. Try again.")
        check(page)
        context.set_offline(False)
        with held(page, "**/s/morning"):
            page.keyboard.press("Enter")
            expect(page.locator("post-signup [aria-busy=true]")).to_be_visible()
            check(page)
        heading(page, "One more step")
        session.execute(update(OwedLetter).values(created_at=datetime.now(UTC) - timedelta(minutes=1)))
        newsletter.forms[0].proof_until = datetime.now(UTC) + timedelta(hours=1)
        session.commit()
        send(page, "Code from the e-mail", "000000")
        page.get_by_role("button", name="Send it again").click()
        expect(page.get_by_text("Sent again.")).to_be_visible()
        check(page)
        page.goto(story)
        with held(page, "**/e/proof.js"):
            send(page, "Your e-mail", "lea@ledger.example")
            expect(page.get_by_role("heading", name="One moment")).to_be_visible()
            check(page)
        heading(page, "One more step")
        newsletter.takes_readers = False
        session.commit()
        page.goto(story)
        send(page, "Your e-mail", "mara@ledger.example")
        heading(page, "Nobody can sign up here")
        check(page)


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_doubt_and_no_refusal_has_a_barrier(
    browser: Browser,
    site: Publisher,
    snippet: str,
    app: Flask,
    session: Session,
    newsletter: Newsletter,
    scheme: Scheme,
) -> None:
    """A mailbox for minutes, asked about and refused; five wrong codes; a form that is made for another site."""
    story, alert = site.publish(snippet), "post-signup [role=alert]"
    with browser.new_context(viewport=NARROW, color_scheme=scheme, reduced_motion="reduce") as context:
        page = context.new_page()
        page.goto(story)
        send(page, "Your e-mail", "mara@mailinator.com")
        expect(page.locator(alert)).to_contain_text("This mailbox will be thrown away.")
        check(page)
        newsletter.disposable = Disposable.REFUSE
        session.commit()
        page.keyboard.press("Enter")
        expect(page.locator(alert)).to_contain_text("We do not write to mailboxes that are thrown away.")
        check(page)
        send(page, "Your e-mail", "mara@ledger.example")
        heading(page, "One more step")
        wrong = f"{(int(code_of_last_letter(app, session)) + 1) % 10**6:06}"
        for said in ("4 tries left", "3 tries left", "2 tries left", "One try left", "one wrong code too many"):
            send(page, "Code from the e-mail", wrong)
            expect(page.locator(alert)).to_contain_text(said)
        check(page)
        newsletter.forms[0].origins = "https://ledger.example"
        session.commit()
        page.goto(story)
        send(page, "Your e-mail", "mara@ledger.example")
        heading(page, "Nobody can sign up here")
        expect(page.get_by_text("This form is not made for the page that it stands on.")).to_be_visible()
        check(page)


def test_a_keyboard_is_enough(browser: Browser, site: Publisher, snippet: str, app: Flask, session: Session) -> None:
    with reader(browser) as page:
        page.goto(site.publish(snippet))
        page.get_by_role("textbox", name="Your e-mail").wait_for()
        for _ in range(3):  # past the two topics
            page.keyboard.press("Tab")
        page.keyboard.type("mara@ledger.example")
        page.keyboard.press("Enter")
        heading(page, "One more step")
        page.keyboard.press("Tab")
        page.keyboard.type(code_of_last_letter(app, session))
        page.keyboard.press("Enter")
        heading(page, "You're in")


def test_a_reader_who_insists_on_a_strange_address_is_believed(browser: Browser, site: Publisher, snippet: str) -> None:
    with reader(browser) as page:
        page.goto(site.publish(snippet))
        send(page, "Your e-mail", "mara@gmial.com")
        expect(page.get_by_role("button", name="mara@gmail.com")).to_be_visible()
        send(page, "Your e-mail", "mara@gmial.com")
        heading(page, "One more step")
        expect(page.get_by_text("mara@gmial.com", exact=True)).to_be_visible()


def test_a_wrong_address_can_be_corrected_and_the_mail_be_had_once_more(
    browser: Browser, site: Publisher, snippet: str, session: Session
) -> None:
    with reader(browser) as page:
        page.goto(site.publish(snippet))
        send(page, "Your e-mail", "mara@ledger.example")
        heading(page, "One more step")
        page.get_by_role("button", name="Wrong address").click()
        field = page.get_by_role("textbox", name="Your e-mail")
        expect(field).to_be_focused()
        expect(field).to_have_value("mara@ledger.example")
        send(page, "Your e-mail", "mara.lind@ledger.example")
        heading(page, "One more step")
        expect(page.get_by_role("button", name="Send it again")).to_be_hidden()
        session.execute(update(OwedLetter).values(created_at=datetime.now(UTC) - timedelta(minutes=1)))
        session.commit()
        send(page, "Code from the e-mail", "000000")
        page.get_by_role("button", name="Send it again").click()
        heading(page, "One more step")
        expect(page.get_by_text("Sent again.")).to_be_visible()


def test_several_forms_on_a_page_keep_to_themselves(
    browser: Browser, site: Publisher, app: Flask, session: Session, newsletter: Newsletter
) -> None:
    other = make_newsletter(session, "evening", "Evening Review")
    forms: list[Form] = [newsletter.forms[0], other.forms[0], newsletter.forms[0]]
    with reader(browser) as page:
        page.goto(site.publish(*(snippets_of(app, session, form).upgraded for form in forms)))
        cards = page.locator("post-signup")
        expect(cards).to_have_count(3)
        cards.nth(1).get_by_role("textbox", name="Your e-mail").fill("mara@ledger.example")
        page.keyboard.press("Enter")
        expect(cards.nth(1).get_by_role("heading", name="One more step")).to_be_focused()
        for number in (0, 2):
            expect(cards.nth(number).get_by_role("heading", name="Morning Briefing")).to_be_visible()
        ids = page.evaluate("[...document.querySelectorAll('[id]')].map((element) => element.id)")
        assert len(ids) == len(set(ids)) == 3


def test_nothing_is_asked_before_the_first_press_and_nothing_is_stored(
    browser: Browser, site: Publisher, snippet: str, app: Flask
) -> None:
    with reader(browser) as page:
        asked: list[str] = []
        ours = app.extensions["settings"].base_url
        page.on("request", lambda request: asked.append(request.url.removeprefix(ours)))
        story = site.publish(snippet)
        page.goto(story)
        page.get_by_role("textbox", name="Your e-mail").fill("mara@ledger.example")
        assert asked == [story, f"{site.address}/site.css", "/e/1.js"]
        page.keyboard.press("Enter")
        heading(page, "One more step")
        assert page.context.cookies() == []
        assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
        attributes = page.evaluate("document.querySelector('post-signup').getAttributeNames()")
        assert attributes == ["lang", "data-offline"]


def test_the_site_hears_of_each_state_but_not_of_the_reader(browser: Browser, site: Publisher, snippet: str) -> None:
    with reader(browser) as page:
        page.goto(site.publish(snippet))
        page.evaluate("heard = []; document.addEventListener('signup', ({ detail }) => heard.push(detail))")
        send(page, "Your e-mail", "mara")
        expect(page.get_by_role("alert")).to_contain_text("@")
        send(page, "Your e-mail", "mara@ledger.example")
        heading(page, "One more step")
        assert page.evaluate("heard") == [{"state": "invalid"}, {"state": "pending"}]


def test_without_a_connection_the_address_stays_and_the_words_are_the_site_s(
    browser: Browser, site: Publisher, snippet: str
) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(site.publish(snippet.replace("No connection. Try again.", "You are offline.")))
        page.get_by_role("textbox", name="Your e-mail").wait_for()
        context.set_offline(True)
        send(page, "Your e-mail", "mara@ledger.example")
        expect(page.get_by_role("alert")).to_have_text("You are offline.")
        expect(page.get_by_role("textbox", name="Your e-mail")).to_have_value("mara@ledger.example")
        context.set_offline(False)
        page.keyboard.press("Enter")
        heading(page, "One more step")


def test_a_closed_newsletter_says_so_in_place(
    browser: Browser, site: Publisher, snippet: str, session: Session, newsletter: Newsletter
) -> None:
    newsletter.takes_readers = False
    session.commit()
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(site.publish(snippet))
        send(page, "Your e-mail", "mara@ledger.example")
        heading(page, "Nobody can sign up here")


def test_what_was_typed_before_the_script_came_is_kept(browser: Browser, site: Publisher, snippet: str) -> None:
    form, _, script = snippet.rpartition("\n")
    with reader(browser) as page:
        page.goto(site.publish(form))
        page.get_by_role("textbox", name="Your e-mail").fill("mara@led")
        page.evaluate("src => import(src)", script.split('"')[3])
        page.keyboard.type("ger.example")
        expect(page.get_by_role("textbox", name="Your e-mail")).to_have_value("mara@ledger.example")


def test_words_can_be_changed_for_one_place(browser: Browser, site: Publisher, snippet: str) -> None:
    own = 'data-heading="For sailors" data-text="Tides." data-button="Aye" data-label="Mail" '
    with reader(browser) as page:
        page.goto(site.publish(snippet.replace("<post-signup ", f"<post-signup {own}")))
        expect(page.get_by_role("heading", name="For sailors")).to_be_visible()
        expect(page.get_by_text("Tides.")).to_be_visible()
        page.get_by_role("textbox", name="Mail").fill("mara@ledger.example")
        page.get_by_role("button", name="Aye").click()
        heading(page, "One more step")


@pytest.mark.parametrize("way", ["hidden", "checked"])
def test_the_section_of_the_article_is_what_the_reader_gets(
    browser: Browser, site: Publisher, snippet: str, session: Session, way: str
) -> None:
    before, topics, after = re.split(r"(<fieldset>.*</fieldset>)", snippet, flags=re.DOTALL)
    if way == "hidden":
        topics = '<input type="hidden" name="topic" value="sport">'
    else:
        topics = topics.replace(" checked", "").replace('value="sport"', 'value="sport" checked')
    with reader(browser) as page:
        page.goto(site.publish(before + topics + after))
        send(page, "Your e-mail", "mara@ledger.example")
        heading(page, "One more step")
    assert session.scalars(select(Subscription.topics)).one() == 2


def test_an_arabic_form_reads_from_right_to_left(
    browser: Browser, site: Publisher, app: Flask, session: Session, newsletter: Newsletter
) -> None:
    newsletter.forms[0].language = "ar"
    session.commit()
    snippet = snippets_of(app, session, newsletter.forms[0]).upgraded
    with reader(browser) as page:
        page.goto(site.publish(snippet))
        field, button = page.get_by_role("textbox").first, page.get_by_role("button").first
        field.wait_for()
        ends = [place.bounding_box() for place in (field, button)]
        assert ends[0] is not None
        assert ends[1] is not None
        assert ends[0]["x"] > ends[1]["x"]
        check(page)
        field.fill("mara@ledger.example")
        page.keyboard.press("Enter")
        page.locator("post-signup input[name=code]").wait_for()
        check(page)

"""Journeys of readers on the way in, in a real browser against a whole house: under an article and on our own pages."""

import re
import urllib.request
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.embedded.house import House
from tests.embedded.making import eventually
from tests.flows.making import PATIENCE, ask, follow, person, running, until_everything_is_read
from tests.flows.reading import (
    links_of,
    mails,
    one_click_of,
    only_look,
    open_article,
    open_letter,
    read_code,
    rows,
    sign_up,
    wait_half_a_minute,
    wrong,
)

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(180)]

WIDTHS = (1280, 360)
LOOKS = 20

STATE_OF_THE_PAGE = """() => JSON.stringify([
    location.href, document.title, document.cookie, localStorage.length, sessionStorage.length,
    [document.documentElement, document.body, ...document.querySelectorAll("main *, article *")].map(
        part => [part.localName, ...[...part.attributes].map(each => each.name + each.value)]),
])"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with running(tmp_path_factory.mktemp("journeys") / "var") as house:
        yield house


@pytest.fixture
def mara(request: pytest.FixtureRequest) -> str:
    """An address of this test's own."""
    return re.sub(r"\W+", ".", request.node.name.removeprefix("test_")).strip(".")[-50:].lower() + "@mail.example"


def state(house: House, address: str) -> str:
    (subscription,) = ask(house, "subscribers", "show", address)["subscriptions"]
    return str(subscription["state"])


def is_in(page: Page) -> None:
    expect(page.get_by_role("heading", name="You're in")).to_be_visible()


def type_code(page: Page, code: str) -> None:
    page.get_by_role("textbox", name="Code from the e-mail").fill(code)
    page.get_by_role("button", name="Confirm").click()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scripts", [True, False], ids=["script", "plain"])
def test_1_sign_up_under_an_article_and_type_the_code(
    browser: Browser, house: House, mara: str, width: int, scripts: bool
) -> None:
    with person(browser, width, scripts) as reader, person(browser) as desk:
        page = open_article(reader, house)
        before = page.evaluate(STATE_OF_THE_PAGE) if scripts else page.url
        sign_up(page, mara)
        expect(page.get_by_role("heading", name="One more step")).to_be_visible()
        type_code(page, read_code(desk, house, mara))
        is_in(page)
        if scripts:
            assert page.evaluate(STATE_OF_THE_PAGE) == before
    assert state(house, mara) == "active"


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scripts", [True, False], ids=["script", "plain"])
def test_2_press_the_button_in_a_second_browser(
    browser: Browser, house: House, mara: str, width: int, scripts: bool
) -> None:
    with person(browser, width, scripts) as reader, person(browser, width, scripts) as phone:
        page = open_article(reader, house)
        sign_up(page, mara)
        expect(page.get_by_role("heading", name="One more step")).to_be_visible()
        asked = follow(phone, open_letter(phone, house, mara), "Yes, send it")
        asked.get_by_role("button", name="Yes, send it to me").click()
        is_in(asked)
        type_code(page, "000000")
        is_in(page)
    assert state(house, mara) == "active"


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("hosted", [False, True], ids=["article", "page"])
def test_3_a_slip_is_taken_back_with_enter(browser: Browser, house: House, mara: str, width: int, hosted: bool) -> None:
    name = mara.partition("@")[0]
    with person(browser, width, scripts=not hosted) as reader:
        page = open_article(reader, house)
        sign_up(page, f"{name}@gmial.com")
        expect(page.get_by_role("button", name=f"{name}@gmail.com")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="One more step")).to_be_visible()
        expect(page.get_by_text(f"{name}@gmail.com").first).to_be_visible()
        expect(page.get_by_role("link", name="Open Gmail")).to_be_visible()
    assert state(house, f"{name}@gmail.com") == "pending"


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("hosted", [False, True], ids=["article", "page"])
def test_3_who_insists_is_believed(browser: Browser, house: House, mara: str, width: int, hosted: bool) -> None:
    address = f"{mara.partition('@')[0]}@gmial.com"
    with person(browser, width, scripts=not hosted) as reader:
        page = open_article(reader, house)
        sign_up(page, address)
        expect(page.get_by_role("button", name=address.replace("gmial", "gmail"))).to_be_visible()
        button = f"Keep {address}" if hosted else "Get the Morning Brief"
        page.get_by_role("button", name=button).click()
        expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    assert state(house, address) == "pending"


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("hosted", [False, True], ids=["article", "page"])
def test_3_five_wrong_codes_and_a_new_mail(browser: Browser, house: House, mara: str, width: int, hosted: bool) -> None:
    with person(browser, width, scripts=not hosted) as reader, person(browser) as desk:
        reader.clock.install()
        page = open_article(reader, house)
        sign_up(page, mara)
        code = read_code(desk, house, mara)
        for said in ("4 tries left", "3 tries left", "2 tries left", "One try left", "one wrong code too many"):
            type_code(page, wrong(code))
            expect(page.get_by_role("alert")).to_contain_text(said)
        wait_half_a_minute(house)
        reader.clock.fast_forward(31_000)
        page.get_by_role("button", name="Send a new one" if hosted else "Send it again").click()
        expect(page.get_by_text("Sent again. That was the last one for today.")).to_be_visible()
        type_code(page, read_code(desk, house, mara, count=2))
        is_in(page)
    assert state(house, mara) == "active"


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("hosted", [False, True], ids=["article", "page"])
def test_3_a_wrong_address_is_changed(browser: Browser, house: House, mara: str, width: int, hosted: bool) -> None:
    mistaken = mara.replace("@", ".not@")
    with person(browser, width, scripts=not hosted) as reader, person(browser) as desk:
        page = open_article(reader, house)
        sign_up(page, mistaken)
        if hosted:
            field = page.get_by_role("textbox", name="Wrong address? Change it")
            expect(field).to_have_value(mistaken)
            field.fill(mara)
            page.get_by_role("button", name="Use this one").click()
        else:
            page.get_by_role("button", name="Wrong address").click()
            expect(page.get_by_role("textbox", name="Your e-mail")).to_have_value(mistaken)
            sign_up(page, mara)
        expect(page.get_by_text(mara, exact=True)).to_be_visible()
        type_code(page, read_code(desk, house, mara))
        is_in(page)
    assert (state(house, mara), state(house, mistaken)) == ("active", "pending")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scripts", [True, False], ids=["script", "plain"])
def test_4_by_the_keyboard_alone(browser: Browser, house: House, mara: str, width: int, scripts: bool) -> None:
    with person(browser, width, scripts) as reader, person(browser) as desk:
        page = open_article(reader, house)
        page.get_by_role("checkbox", name="Sport").focus()
        page.keyboard.press("Tab")
        page.keyboard.type(mara)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="One more step")).to_be_visible()
        code = read_code(desk, house, mara)
        for _ in range(1 if scripts else 2):  # on our own page the name of the newsroom comes first
            page.keyboard.press("Tab")
        page.keyboard.type(code)
        page.keyboard.press("Enter")
        is_in(page)
    assert state(house, mara) == "active"


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scripts", [True, False], ids=["script", "plain"])
def test_6_looking_at_a_link_changes_nothing(
    browser: Browser, house: House, mara: str, width: int, scripts: bool
) -> None:
    with person(browser, width, scripts) as reader:
        page = open_article(reader, house)
        sign_up(page, mara)
        expect(page.get_by_role("heading", name="One more step")).to_be_visible()
        mail = open_letter(reader, house, mara)
        links = [link for link in links_of(mail) if link.startswith(f"http://localhost:{house.port}/")]
        assert any("/c/" in link for link in links)
        before = rows(house)
        for link in links:
            for _ in range(LOOKS):
                only_look(link)
            reader.new_page().goto(link)
        assert rows(house) == before
        sign_up(open_article(reader, house), mara)  # a press does change something
        mails(reader, house, mara, count=2)
        assert rows(house) != before


def test_6_looking_at_the_links_of_an_issue_changes_nothing_and_one_click_leaves(
    browser: Browser, house: House, mara: str
) -> None:
    with person(browser) as reader, browser.new_context() as scanner:
        sign_up(open_article(reader, house), mara)
        asked = follow(reader, open_letter(reader, house, mara), "Yes, send it")
        asked.get_by_role("button", name="Yes, send it to me").click()
        is_in(asked)
        _send_an_issue(house)
        links = links_of(open_letter(reader, house, mara, count=2))
        ours = [link for link in links if re.match(rf"http://localhost:{house.port}/[ui]/", link)]
        one_click = one_click_of(reader, house, mara, count=2)
        assert {"u", "i"} == {link.split("/")[3] for link in ours}
        before = rows(house)
        for link in {*ours, one_click}:
            for _ in range(LOOKS):
                only_look(link)
            scanner.new_page().goto(link)
        assert rows(house) == before
        assert state(house, mara) == "active"
        urllib.request.urlopen(one_click, b"List-Unsubscribe=One-Click", timeout=20).close()
        assert state(house, mara) == "unsubscribed"


def _send_an_issue(house: House) -> None:
    """An issue to everybody who is in; it is over when this returns."""
    until_everything_is_read(house)
    issue_id = str(ask(house, "issues", "draft", "morning-brief")["id"])
    ask(house, "issues", "send", issue_id)
    eventually(lambda: ask(house, "issues", "show", issue_id)["state"] == "sent", 2 * PATIENCE)

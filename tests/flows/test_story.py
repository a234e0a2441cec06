"""The three minutes in which a stranger sees the point, in a real browser, on the embedded defaults."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.embedded.house import House
from tests.flows.making import (
    PATIENCE,
    adds_up,
    ask,
    confirm,
    leave,
    open_mail,
    person,
    running,
    until_everything_is_read,
)
from tests.flows.reading import ARTICLE, links_of, only_look, open_article, rows

MARA = "mara@mail.example"
LOOKS = 20

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(240)]


def test_subscribe_confirm_send_read_and_leave(browser: Browser, tmp_path: Path) -> None:
    with running(tmp_path / "var") as house, person(browser) as reader, person(browser) as editor:
        _subscribe_below_an_article(reader, house)
        confirm(reader, house, "Morning Brief")
        until_everything_is_read(house)
        issue_id, subject = _draft_and_send(editor, house)
        _read_and_leave(reader, house, subject)
        _assert_the_books_know(house, issue_id)
        assert house.end() == 0, house.said
    with running(tmp_path / "var", house.port) as again, person(browser) as next_day:
        _assert_all_is_still_there(next_day, again, subject)


def _subscribe_below_an_article(reader: BrowserContext, house: House) -> None:
    assert house.address(f"http://localhost:{house.port}/demo")
    page = open_article(reader, house)
    page.get_by_role("textbox", name="Your e-mail").fill(MARA)
    expect(page.get_by_role("checkbox", name="Harbour")).to_be_checked()
    page.get_by_role("checkbox", name="City").check()
    page.get_by_role("button", name="Get the Morning Brief").click()
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    expect(page.get_by_text(MARA)).to_be_visible()


def _draft_and_send(editor: BrowserContext, house: House) -> tuple[int, str]:
    """The number of the issue, and the subject it went out with."""
    page = _log_in(editor, house)
    page.get_by_role("button", name="Draft an issue of Morning Brief").click()
    expect(page.locator("#blocks h3")).to_have_count(12)
    expect(page.locator("#blocks").get_by_text(ARTICLE)).to_be_visible()
    subject = page.get_by_label("Subject", exact=True).input_value()
    page.get_by_role("link", name="Send to 1 reader").click()
    page.get_by_role("button", name="Send to 1 reader").click()
    # The page moves by itself; nobody reloads it.
    expect(page.get_by_text("1 accepted of 1")).to_be_visible(timeout=PATIENCE * 1000)
    expect(page.locator(".live .tag", has_text="Sent")).to_be_visible(timeout=PATIENCE * 1000)
    found = re.search(r"/issues/(\d+)", page.url)
    assert found is not None, page.url
    return int(found[1]), subject


def _log_in(editor: BrowserContext, house: House) -> Page:
    page = editor.new_page()
    page.goto(house.address(f"http://localhost:{house.port}/desk/login/"))
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_title(re.compile("^Today"))
    return page


def _read_and_leave(reader: BrowserContext, house: House, subject: str) -> None:
    page = reader.new_page()
    mail = open_mail(page, house, subject)
    expect(mail.get_by_role("heading", name="Morning Brief")).to_be_visible()
    expect(mail.get_by_role("link", name=ARTICLE)).to_be_visible()
    expect(mail.get_by_text("Customs Quay")).to_be_visible()
    page.get_by_role("link", name="Source").click()
    source = page.locator("pre").inner_text()
    unsubscribe = rf"^List-Unsubscribe: <http://localhost:{house.port}/u/([\w.-]+)>, <mailto:\S+%20\1>$"
    assert re.search(unsubscribe, source.replace("\n ", " "), re.MULTILINE), source[:2000]
    assert "\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\n" in source
    page.get_by_role("link", name="HTML").click()
    _look_at_every_link(house, links_of(mail))
    leave(reader, mail)


def _look_at_every_link(house: House, links: list[str]) -> None:
    """Scanners open every link of a mail, again and again: nothing happens."""
    ours = [link for link in links if re.match(rf"http://localhost:{house.port}/[ui]/", link)]
    assert any("/u/" in link for link in ours), links
    before = rows(house)
    for link in ours * LOOKS:
        only_look(link)
    assert rows(house) == before


def _assert_the_books_know(house: House, issue_id: int) -> None:
    (subscription,) = ask(house, "subscribers", "show", MARA)["subscriptions"]
    assert subscription["state"] == "unsubscribed"
    assert subscription["unsubscribed_issue"] == issue_id
    assert subscription["topics"] == ["harbour", "city"]
    assert [proof["event"] for proof in subscription["consent"]] == ["requested", "confirmed", "unsubscribed"]
    receipt = ask(house, "issues", "receipt", str(issue_id))
    assert (receipt["audience"], receipt["accepted"]) == (1, 1)
    assert adds_up(receipt)


def _assert_all_is_still_there(next_day: BrowserContext, house: House, subject: str) -> None:
    page = _log_in(next_day, house)
    expect(page.get_by_role("region", name="Done").get_by_role("link", name=subject).first).to_be_visible()
    mail = open_mail(page, house, subject)
    expect(mail.get_by_role("link", name=ARTICLE)).to_be_visible()

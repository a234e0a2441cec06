"""A reader's way through the preference centre, in a real browser against a whole house: journey 7."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.embedded.house import House
from tests.flows.making import ask, follow, person, postroom, running
from tests.flows.reading import mails, open_article, read_code, sign_up

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house whose Morning Brief comes on Saturdays, too."""
    with running(tmp_path_factory.mktemp("preferences") / "var") as house:
        words = ("schedules", "add", "morning-brief", "--title", "Saturdays", "--days", "sat", "--at", "09:00")
        postroom(*words, DATA_DIR=str(house.folder), PORT=str(house.port))
        yield house


def kept(house: House, address: str) -> dict[str, Any]:
    """What the operators see of a reader."""
    found: dict[str, Any] = ask(house, "subscribers", "show", address)
    return found


def join(reader: BrowserContext, desk: BrowserContext, house: House, address: str) -> None:
    page = open_article(reader, house)
    sign_up(page, address)
    page.get_by_role("textbox", name="Code from the e-mail").fill(read_code(desk, house, address))
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", name="You're in")).to_be_visible()


def open_centre(reader: BrowserContext, house: House, address: str) -> Page:
    """Ask for a link by address, and follow it from the mail."""
    page = reader.new_page()
    page.goto(f"http://localhost:{house.port}/p")
    page.get_by_label("Your e-mail").fill(address)
    page.get_by_role("button", name="Send me the link").click()
    expect(page.get_by_role("heading", name="Look into your mailbox")).to_be_visible()
    inbox = mails(reader, house, address, 2)
    inbox.locator("tbody a").first.click()
    centre = follow(reader, inbox.frame_locator("iframe[title='The mail']"), "Open my settings")
    expect(centre.get_by_role("heading", name="Your newsletters")).to_be_visible()
    return centre


def save(part: Locator, scripts: bool) -> None:
    """Without a script each choice has a button."""
    if not scripts:
        part.get_by_role("button", name="Save").first.click()


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("scripts", [True, False], ids=["script", "plain"])
def test_7_weekly_undo_pause_topics_move_download_and_delete(
    browser: Browser, house: House, tmp_path: Path, width: int, scripts: bool
) -> None:
    mara, new = (f"{name}.{width}.{scripts}@mail.example".lower() for name in ("mara", "new"))
    with person(browser, width, scripts) as reader, person(browser) as desk:
        join(reader, desk, house, mara)
        page = open_centre(reader, house, mara)
        row = page.locator("#newsletter-morning-brief")
        often = row.locator("select").first

        often.select_option(label="Saturdays")
        save(row, scripts)
        expect(row).to_contain_text("Saved: Saturdays from now on.")
        assert kept(house, mara)["subscriptions"][0]["frequency"] == "Saturdays"
        row.get_by_role("button", name="Undo").click()
        expect(row).to_contain_text("Saved: every issue from now on.")
        assert kept(house, mara)["subscriptions"][0]["frequency"] is None

        page.get_by_role("button", name="Pause", exact=True).click()
        expect(row).to_contain_text("It rests until")
        assert kept(house, mara)["subscriptions"][0]["state"] == "paused"
        page.locator("#pause").get_by_role("button", name="Undo").click()
        expect(row).not_to_contain_text("It rests until")
        assert kept(house, mara)["subscriptions"][0]["state"] == "active"

        row.locator("summary").click()
        row.get_by_role("checkbox", name="Sport").check()
        save(row.locator("details"), scripts)
        expect(row).to_contain_text("Saved: Harbour and Sport.")
        assert kept(house, mara)["subscriptions"][0]["topics"] == ["harbour", "sport"]

        move(page, desk, house, new)
        assert kept(house, mara)["reader"] is None
        assert kept(house, new)["reader"]["address"] == new

        page.get_by_role("link", name="Choose what you get").click()
        page.locator("#yours > summary").click()
        with page.expect_download() as loading:
            page.get_by_role("link", name="Download my data").click()
        loading.value.save_as(tmp_path / "mine.json")
        mine = json.loads((tmp_path / "mine.json").read_text())
        assert mine == kept(house, new)
        events = [proof["event"] for proof in mine["subscriptions"][0]["consent"]]
        assert events[:2] == ["requested", "confirmed"]
        assert events[2:] == ["changed", "changed", "paused", "resumed", "changed", "moved"]

        page.get_by_role("link", name="Delete me").click()
        page.get_by_role("button", name="Delete me").click()
        expect(page.get_by_role("heading", name="You are deleted")).to_be_visible()
        gone = kept(house, new)
        assert (gone["reader"], gone["subscriptions"], gone["suppressed"]) == (None, [], None)


def move(page: Page, desk: BrowserContext, house: House, new: str) -> None:
    """Ask, read the code in the new mailbox, type it."""
    page.locator("#yours > summary").click()
    page.get_by_label("New address").fill(new)
    page.get_by_role("button", name="Move my newsletters").click()
    page.get_by_label("Code from the e-mail").fill(read_code(desk, house, new))
    page.get_by_role("button", name="Move", exact=True).click()
    expect(page.get_by_role("heading", name="Your newsletters have moved")).to_be_visible()

"""What a reader does in the stories of signing up: reads the mail of their own address, and looks at its links."""

import re
import sqlite3
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.sync_api import BrowserContext, FrameLocator, Page, expect
from sqlalchemy import update

from mailer.db import make_engine
from mailer.subscriptions.models import OwedLetter
from tests.embedded.house import House
from tests.embedded.making import eventually
from tests.flows.making import PATIENCE

ARTICLE = "North channel will be dredged, by a single vote"
CODE = re.compile(r"\b\d{3} \d{3}\b")

TABLES = ("subscribers", "subscriptions", "consent_records", "owed_letters", "suppressions")
"""What a look at a link must not change; the others live their own life in a running house."""


def open_article(reader: BrowserContext, house: House) -> Page:
    """The article of the sample newsroom, with the form under it."""
    page = reader.new_page()
    page.goto(f"http://localhost:{house.port}/demo")
    page.get_by_role("link", name=ARTICLE).click()
    expect(page.get_by_role("heading", name=ARTICLE)).to_be_visible()
    page.wait_for_load_state()  # the form's script has run
    return page


def sign_up(page: Page, address: str) -> None:
    """Type the address under the article and press the button."""
    page.get_by_role("textbox", name="Your e-mail").fill(address)
    page.get_by_role("button", name="Get the Morning Brief").click()


def mails(reader: BrowserContext, house: House, address: str, count: int = 1) -> Page:
    """The inbox, with as many mails to this address as are expected."""
    page, address_bar = reader.new_page(), f"http://localhost:{house.port + 3}/?q={address}"

    def arrived() -> bool:
        page.goto(address_bar)
        return page.locator("tbody tr").count() == count

    eventually(arrived, PATIENCE)
    return page


def read_code(reader: BrowserContext, house: House, address: str, count: int = 1) -> str:
    """The code of the newest mail; it stands in the subject."""
    page = mails(reader, house, address, count)
    found = CODE.search(page.locator("tbody a").first.inner_text())
    assert found is not None
    page.close()
    return found[0]


def wrong(code: str) -> str:
    return str((int(code.replace(" ", "")) + 1) % 10**6).zfill(6)


def open_letter(reader: BrowserContext, house: House, address: str, count: int = 1) -> FrameLocator:
    """The newest mail as its reader sees it."""
    page = mails(reader, house, address, count)
    page.locator("tbody a").first.click()
    return page.frame_locator("iframe[title='The mail']")


def one_click_of(reader: BrowserContext, house: House, address: str, count: int) -> str:
    """The link of the newest mail's List-Unsubscribe that mailbox providers post to (RFC 8058)."""
    page = mails(reader, house, address, count)
    page.locator("tbody a").first.click()
    page.get_by_role("link", name="Source").click()
    source = page.locator("pre").inner_text().replace("\n ", " ")
    assert "\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\n" in source
    found = re.search(r"^List-Unsubscribe: <(http[^>]+)>", source, re.MULTILINE)
    assert found is not None, source[:2000]
    return found[1]


def links_of(mail: FrameLocator) -> list[str]:
    """Every link of a mail, as its HTML has it."""
    expect(mail.locator("a").first).to_be_visible()
    return sorted({str(link.get_attribute("href")) for link in mail.locator("a[href^=http]").all()})


def rows(house: House) -> dict[str, list[tuple[Any, ...]]]:
    """Every row about readers, as the database of the house holds them."""
    with sqlite3.connect(f"file:{house.folder}/postroom.sqlite?mode=ro", uri=True) as database:
        return {table: database.execute(f"SELECT * FROM {table}").fetchall() for table in TABLES}


def wait_half_a_minute(house: House) -> None:
    """Make the letters of the house look as old as that."""
    engine = make_engine(f"sqlite:///{house.folder}/postroom.sqlite")
    with engine.begin() as database:
        database.execute(update(OwedLetter).values(created_at=datetime.now(UTC) - timedelta(seconds=31)))
    engine.dispose()


def only_look(url: str) -> None:
    """What scanners, previews and browsers in a hurry do with a link."""
    for method, headers in (("GET", {}), ("HEAD", {}), ("OPTIONS", {}), ("GET", {"Sec-Purpose": "prefetch;prerender"})):
        try:
            urllib.request.urlopen(urllib.request.Request(url, method=method, headers=headers), timeout=20).close()
        except urllib.error.HTTPError as error:
            error.close()

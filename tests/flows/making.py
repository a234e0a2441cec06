"""What the stories share: the command line as a process, and a person who reads the embedded inbox in a browser."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page, expect

from tests.embedded.house import POSTROOM, House, environ
from tests.embedded.making import eventually

PATIENCE = 30.0
"""Seconds for what the worker does; it comes at once unless the machine is busy."""


def postroom(*words: str, **settings: str) -> Any:
    """What a command answers with --json. Raises AssertionError with its own words when it refuses."""
    run = subprocess.run(
        [POSTROOM, *words, "--json"], env=environ(**settings), capture_output=True, text=True, timeout=60
    )
    assert run.returncode == 0, f"postroom {' '.join(words)}: {run.stderr}{run.stdout}"
    return json.loads(run.stdout)


def adds_up(receipt: dict[str, Any]) -> bool:
    """Whether the books of an issue balance."""
    counted = sum(receipt[name] for name in ("accepted", "deferred", "refused", "uncertain", "open"))
    return bool(receipt["audience"] == counted + sum(receipt["skipped"].values()))


@contextmanager
def running(folder: Path, port: int = 0) -> Iterator[House]:
    """A house on embedded defaults in `folder`; what a test does not end itself is killed, its children follow."""
    house = House(folder, port)
    try:
        yield house
    finally:
        house.process.kill()


def ask(house: House, *words: str) -> Any:
    """A command of the command line beside a running house."""
    return postroom(*words, DATA_DIR=str(house.folder), PORT=str(house.port))


def until_everything_is_read(house: House) -> None:
    """Wait for the first poll of every source."""
    eventually(lambda: all(source["succeeded_at"] for source in ask(house, "sources", "list")), PATIENCE)


@contextmanager
def person(browser: Browser, width: int = 1280, scripts: bool = True) -> Iterator[BrowserContext]:
    """A browser of somebody's own; any complaint on a console, of the policies above all, fails the test."""
    complaints: list[str] = []
    with browser.new_context(
        viewport={"width": width, "height": 900}, reduced_motion="reduce", java_script_enabled=scripts
    ) as context:
        context.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        context.on("weberror", lambda error: complaints.append(error.error.message))
        context.set_default_timeout(PATIENCE * 1000)
        yield context
    assert complaints == []


def open_mail(page: Page, house: House, subject: str) -> FrameLocator:
    """Wait at the inbox, which shows new mail by itself, for the newest one of this subject, and open it."""
    page.goto(f"http://localhost:{house.port + 3}/")
    page.get_by_role("link", name=subject).first.click()
    expect(page.get_by_role("heading", name=subject)).to_be_visible()
    return page.frame_locator("iframe[title='The mail']")


def follow(context: BrowserContext, mail: FrameLocator, link: str) -> Page:
    """Click a link in a mail; it opens in a tab of its own."""
    with context.expect_page() as opened:
        mail.get_by_role("link", name=link).first.click()
    return opened.value


def confirm(context: BrowserContext, house: House, newsletter: str) -> None:
    """Open the confirmation mail, follow its link and press the button."""
    mail = open_mail(context.new_page(), house, f"is your code for {newsletter}")
    page = follow(context, mail, "Yes, send it")
    page.get_by_role("button", name="Yes, send it to me").click()
    expect(page.get_by_role("heading", name="You're in")).to_be_visible()


def leave(context: BrowserContext, mail: FrameLocator) -> None:
    """Follow the link at the foot of an issue and press the button."""
    page = follow(context, mail, "Unsubscribe")
    page.get_by_role("button", name="Yes, stop it").click()
    expect(page.get_by_role("heading", name="Done. No more")).to_be_visible()

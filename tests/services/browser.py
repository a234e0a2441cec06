"""Headless Chromium, driven by Playwright: CHROMIUM, else the system's, else none (tests then skip, loudly)."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import playwright
from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, sync_playwright

# Without these it asks Google's hosts at every start.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find_chromium() -> str | None:
    """Path of a Chromium, or None."""
    names = (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if name and (path := shutil.which(name))), None)


def why_not() -> str | None:
    """Why no browser can be driven here; None when one can."""
    if find_chromium() is None:
        return "no Chromium on this machine: install Debian's chromium, or set CHROMIUM"
    node = Path(playwright.__file__).parent / "driver" / "node"
    run = subprocess.run([node, "--version"], capture_output=True, text=True)
    if run.returncode:
        return f"Playwright's driver does not start, perhaps Debian's libatomic1 is missing: {run.stderr.strip()}"
    return None


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
        yield browser
        browser.close()


def barriers(page: Page, options: Mapping[str, Any] | None = None, context: str | None = None) -> AxeResults:
    """What axe-core finds on the page once it is whole: before its style sheet came, every target is small."""
    page.wait_for_load_state("load")
    return Axe().run(page, context=context, options=dict(options or {}))


def follow(pressed: Locator) -> None:
    """Press it, and wait until the page that it leads to is there: a click returns before the old page has gone."""
    with pressed.page.expect_navigation():
        pressed.click()

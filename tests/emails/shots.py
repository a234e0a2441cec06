"""Pictures of the mails, to look at: `python -m tests.emails.shots FOLDER`, one per kind, language and look."""

import re
import sys
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser

from mailer.digests import editions
from mailer.digests.content import content_of
from mailer.digests.models import EVERY_ARTICLE
from tests.emails.samples import KINDS, LANGUAGES, LINKS, TOKEN, of_kind
from tests.services.browser import chromium

PICTURES = Path(__file__).parents[2] / "mailer" / "web" / "static" / "demo"


def take(browser: Browser, html: str, scheme: str, width: int, path: Path) -> None:
    """A picture of the whole mail at that width; each picture in it is one of ours, so that nothing is asked for."""
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.route(re.compile("^https:"), lambda route: route.fulfill(path=PICTURES / "council.jpg"))
    page.set_content(html)
    page.screenshot(path=path, full_page=True)
    page.close()


def main(folder: Path) -> None:
    """Every kind and language, light and dark, wide and narrow."""
    folder.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        for kind, language in product(KINDS, LANGUAGES):
            html = editions.render(content_of(of_kind(kind, language), EVERY_ARTICLE), LINKS, token=TOKEN).html or ""
            for scheme, width in product(("light", "dark"), (700, 360)):
                take(browser, html, scheme, width, folder / f"{kind}-{language}-{scheme}-{width}.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

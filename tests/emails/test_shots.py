"""Pictures of the mails, for people to look at: POSTROOM_SHOTS=folder pytest tests/emails/test_shots.py."""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from mailer.digests import editions
from mailer.digests.content import content_of
from mailer.digests.models import EVERY_ARTICLE
from tests.emails.samples import KINDS, LANGUAGES, LINKS, TOKEN, of_kind

FOLDER = os.environ.get("POSTROOM_SHOTS", "")
PICTURES = Path(__file__).parents[2] / "mailer" / "web" / "static" / "demo"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not FOLDER, reason="pictures are made on request: POSTROOM_SHOTS=folder"),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_of_every_kind(browser: Browser, kind: str, language: str) -> None:
    html = editions.render(content_of(of_kind(kind, language), EVERY_ARTICLE), LINKS, token=TOKEN).html or ""
    for scheme in ("light", "dark"):
        for width in (700, 360):
            page = browser.new_page(viewport={"width": width, "height": 900})
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            page.route(re.compile("^https:"), lambda route: route.fulfill(path=PICTURES / "council.jpg"))
            page.set_content(html)
            page.screenshot(path=Path(FOLDER) / f"{kind}-{language}-{scheme}-{width}.png", full_page=True)
            page.close()

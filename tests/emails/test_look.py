"""The digest in a real browser: nothing scrolls sideways, also where mail clients drop the style block."""

import re

import pytest
from playwright.sync_api import Browser

from mailer.digests import editions
from mailer.digests.content import content_of
from mailer.digests.models import EVERY_ARTICLE, Issue
from tests.emails.samples import KINDS, LANGUAGES, LINKS, TOKEN, article, issue, of_kind
from tests.services.browser import barriers

PICTURE = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='1200' height='800'%3E"
    "%3Crect width='1200' height='800' fill='%23789'/%3E%3C/svg%3E"
)
# A mail is no page: it has neither landmarks nor a main part of its own.
RULES = {"rules": {"region": {"enabled": False}, "landmark-one-main": {"enabled": False}}}

pytestmark = pytest.mark.browser


def html(of: Issue) -> str:
    said = editions.render(content_of(of, EVERY_ARTICLE), LINKS, token=TOKEN).html
    assert said is not None
    return re.sub(r'src="[^"]+"', f'src="{PICTURE}"', said)


def harsh() -> Issue:
    """Titles, summaries and sections nobody can break anywhere, each in every place of the mail."""
    made = issue("en", note="n" * 200, subject="s" * 300)
    made.articles.clear()
    for _ in range(8):
        article(
            made, "T" * 200, summary="ü" * 300, section="S" * 80, author="A" * 80, picture_url="https://a.example/1"
        )
    return made


@pytest.mark.parametrize("width", [360, 700])
@pytest.mark.parametrize("style", [True, False])
def test_no_mail_scrolls_sideways(browser: Browser, width: int, style: bool) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    for made in [*map(issue, LANGUAGES), *map(of_kind, KINDS), harsh()]:
        said = html(made)
        page.set_content(said if style else re.sub(r"(?s)<style>.*?</style>", "", said))
        assert page.evaluate("document.documentElement.scrollWidth") == width
    page.close()


def test_everybody_can_read_it(browser: Browser) -> None:
    looks = [("digest", "en", False), ("digest", "ar", True)]
    looks += [(kind, "en", dark) for kind in KINDS[1:] for dark in (False, True)]
    for kind, language, dark in looks:
        page = browser.new_page(viewport={"width": 700, "height": 800})
        page.emulate_media(color_scheme="dark" if dark else "light")
        page.set_content(html(of_kind(kind, language)))
        found = barriers(page, RULES)
        assert not found.response["violations"], found.generate_report()
        page.close()


def test_arabic_begins_on_the_right(browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 700, "height": 800})
    page.set_content(html(issue("ar")))
    picture = page.locator("img[width='160']").first.bounding_box()
    headline = page.locator("h2").nth(1).bounding_box()
    assert picture is not None
    assert headline is not None
    assert picture["x"] > headline["x"] + headline["width"]
    page.close()

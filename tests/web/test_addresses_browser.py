"""An address in another script gets past the browser's own idea of an address."""

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy.orm import Session

from tests.newsletters.making import make_newsletter

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("written", ["почта@пример.рф", "straße@bücher.example"])
@pytest.mark.parametrize("script", [True, False])
def test_a_form_takes_an_address_in_any_script(
    browser: Browser, live: str, session: Session, written: str, script: bool
) -> None:
    make_newsletter(session)
    with browser.new_context(java_script_enabled=script) as context:
        page = context.new_page()
        page.goto(f"{live}/s/morning")
        page.get_by_label("Your e-mail").fill(written)
        page.get_by_role("button", name="Sign up").click()
        expect(page.get_by_role("heading", name="One more step")).to_be_visible()
        expect(page.get_by_text(written)).to_be_visible()

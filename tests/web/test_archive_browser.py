"""The archive, corrections and breaking news in a real browser: no barrier, and room on the narrowest phone."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import update
from sqlalchemy.orm import Session

from mailer.delivery.models import Delivery, DeliveryState
from mailer.digests import breaking, corrections
from mailer.digests.models import EVERY_ARTICLE, Issue, IssueState
from mailer.links import Links
from mailer.newsletters.models import Archive
from mailer.subscriptions.models import Subscription
from tests.delivery.making import NOW, sending
from tests.services.browser import barriers
from tests.web.staffroom import login_path

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

LEA = "lea@ledger.example"
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.fixture
def digest(session: Session) -> Issue:
    """With one article that was corrected and one that was taken back, in a public archive."""
    issue = sending(session, 3, 0, 0, 0)
    issue.state, issue.newsletter.archive, issue.newsletter.breaking_cap = IssueState.SENT, Archive.PUBLIC, 3
    session.execute(update(Delivery).values(state=DeliveryState.ACCEPTED.value))
    session.execute(update(Subscription).values(breaking=True))
    for item, retracted in zip(issue.articles[:2], (False, True), strict=True):
        text = "The bridge is 40 m long, not 400 m."
        corrections.correct(session, item.article_id, text, retracted=retracted, by=LEA, now=NOW)
    session.commit()
    return issue


@pytest.fixture
def news(session: Session, digest: Issue) -> Issue:
    made = breaking.draft(session, digest.newsletter, digest.articles[2].article_id, datetime.now(UTC))
    session.commit()
    return made


def open_page(browser: Browser, width: int, scheme: str) -> Page:
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,  # type: ignore[arg-type]  # "light" or "dark"
        reduced_motion="reduce",
    )
    return context.new_page()


def of_readers(links: Links, digest: Issue) -> Iterator[str]:
    yield from ("/", "/a/morning", "/a/morning?before=1", f"/a/morning/{digest.id}")
    yield links.view(digest.id, EVERY_ARTICLE).removeprefix(links.base_url)


def of_staff(digest: Issue, news: Issue) -> Iterator[str]:
    yield from (f"/desk/issues/{digest.id}", "/desk/newsletters/morning/breaking", f"/desk/issues/{news.id}/break")
    yield from (f"/desk/articles/{item.article_id}/correct" for item in digest.articles[:2])


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (1280, "dark")])
def test_no_page_has_a_barrier_and_every_one_fits(
    browser: Browser, live: str, links: Links, session: Session, digest: Issue, news: Issue, width: int, scheme: str
) -> None:
    page = open_page(browser, width, scheme)
    paths = [*of_readers(links, digest), *of_staff(digest, news)]
    page.goto(live + login_path(session, links))
    page.get_by_role("button").first.click()
    page.wait_for_url("**/desk/**")
    for path in paths:
        page.goto(live + path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        if not path.startswith("/i/"):  # the mail below the notes has rules of its own
            found = barriers(page, RULES)
            assert found.violations_count == 0, f"{path}: {found.generate_report()}"
        else:
            found = barriers(page, RULES, context="#corrections")
            assert found.violations_count == 0, f"{path}: {found.generate_report()}"
    page.context.close()

"""The pages of a newsletter in a real browser: without scripts, on every width, for those who do not see them."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session

from mailer.articles.models import ArticleChange
from mailer.articles.topics import add_rule
from mailer.config import Settings
from mailer.digests.models import Issue
from mailer.links import Links
from mailer.newsletters.models import Newsletter
from tests.articles.making import item, rss
from tests.articles.outlet import Answer, Outlet, outlet
from tests.digests.making import make_source, make_topic, titles
from tests.newsletters.making import make_schedule
from tests.services.browser import follow
from tests.web.newsroom import HEADLINES, draft_issue, fresh, open_newsroom
from tests.web.staffroom import login_path
from tests.web.test_desk_browser import judge

PORT, TRAINS, RIVER = HEADLINES

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"private_sources": True})


@pytest.fixture
def site() -> Iterator[Outlet]:
    with outlet() as opened:
        opened.feed("/feed.rss", rss(item(1), item(2)))
        front = '<!doctype html><link rel="alternate" type="application/rss+xml" href="/feed.rss">'
        opened.serve("/", Answer(front.encode(), headers={"Content-Type": "text/html"}))
        story = '<!doctype html><html lang="en"><title>Museum reopens</title><p>After two years of repairs.</p></html>'
        opened.serve("/museum", Answer(story.encode(), headers={"Content-Type": "text/html"}))
        yield opened


def come_in(page: Page, session: Session, links: Links) -> None:
    page.goto(login_path(session, links))
    follow(page.get_by_role("button", name="Log in"))


def test_from_nothing_to_a_source_without_scripts(
    browser: Browser, live: str, session: Session, links: Links, site: Outlet
) -> None:
    context = browser.new_context(base_url=live, java_script_enabled=False)
    page = context.new_page()
    come_in(page, session, links)
    follow(page.get_by_role("link", name="Make a newsletter"))
    page.get_by_label("Title").fill("Morning Briefing")
    page.get_by_label("Name in addresses").fill("Morning Briefing")
    page.get_by_label("Sender", exact=True).fill("The Ledger")
    page.get_by_label("Sender's e-mail address").fill("news@ledger.example")
    follow(page.get_by_role("button", name="Make it"))
    expect(page.get_by_label("Name in addresses")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Name in addresses").fill("morning")
    follow(page.get_by_role("button", name="Make it"))
    page.get_by_label("Address of the site").fill(site.url)
    follow(page.get_by_role("button", name="Look"))
    expect(page.get_by_role("radio", name="The Harbour Ledger")).to_be_checked()
    follow(page.get_by_role("button", name="Add it"))
    expect(page.get_by_text("The Harbour Ledger is added.")).to_be_visible()
    context.close()


def test_the_wire_is_searched_a_link_pasted_and_a_change_taken_without_leaving_the_page(
    browser: Browser, live: str, session: Session, links: Links, site: Outlet
) -> None:
    issue = draft_issue(session, open_newsroom(session))
    change_headline(session, issue)
    context = browser.new_context(base_url=live, viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    come_in(page, session, links)
    page.goto(f"/desk/issues/{issue.id}")
    page.get_by_role("button", name=f"Take it for “{PORT}”").click()
    expect(page.locator("#blocks h3").first).to_have_text("Port expansion fails")
    search = page.get_by_role("searchbox")
    search.fill("night trains")
    search.press("Enter")
    expect(page.locator("#wire-list h3")).to_have_text([TRAINS])
    search.fill(f"{site.url}/museum")
    search.press("Enter")
    page.get_by_role("button", name="Read it").click()
    expect(page.locator("#blocks h3").last).to_have_text("Museum reopens")
    expect(page).to_have_url(re.compile(f"/desk/issues/{issue.id}$"))
    assert titles(fresh(session, issue)) == ["Port expansion fails", TRAINS, RIVER, "Museum reopens"]
    context.close()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "dark"), (320, "light")])
def test_axe_finds_nothing_and_nothing_overflows(
    browser: Browser, live: str, session: Session, links: Links, width: int, scheme: str
) -> None:
    newsletter = open_newsroom(session)
    issue = furnish(session, newsletter)
    context = browser.new_context(
        base_url=live,
        viewport={"width": width, "height": 800},
        color_scheme=scheme,  # type: ignore[arg-type]  # one of its words
        reduced_motion="reduce",
    )
    page = context.new_page()
    come_in(page, session, links)
    judge(page)
    paths = ("s", "s/morning", "s/morning/sources", "s/morning/topics?category=City")
    for path in (*(f"/desk/newsletter{path}" for path in paths), "/desk/sources/1/remove"):
        page.goto(path)
        judge(page)
    page.goto(f"/desk/articles/{issue.articles[0].article_id}?issue={issue.id}")
    judge(page)
    context.close()


def furnish(session: Session, newsletter: Newsletter) -> Issue:
    """A newsletter with something of everything: trouble, a rule, a schedule, and a draft behind its source."""
    city, now = make_topic(session, newsletter, "city", 0), datetime.now(UTC)
    make_source(session, newsletter, "down", title="Sport live", error="There is nothing there. (HTTP 404)")
    make_source(session, newsletter, "held", title="The Coast Daily", held_at=now, held_count=412)
    make_source(session, newsletter, "push", title="Our CMS", kind="push")
    make_schedule(session, newsletter, starts_at=now - timedelta(days=1))
    add_rule(session, city, "Harbour")
    session.commit()
    issue = draft_issue(session, newsletter)
    change_headline(session, issue)
    return issue


def change_headline(session: Session, issue: Issue) -> None:
    """The source writes another one over that of the first article."""
    article, now = issue.articles[0].article, datetime.now(UTC)
    session.add(ArticleChange(article_id=article.id, at=now, field="title", before=PORT, after="Port expansion fails"))
    article.title, article.updated_at = "Port expansion fails", now
    session.commit()

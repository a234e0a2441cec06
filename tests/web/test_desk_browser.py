"""The desk in a real browser: with scripts and without, by keyboard, for those who do not see it, on every width."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import update
from sqlalchemy.orm import Session

from mailer.articles.models import Source
from mailer.delivery.fanout import fan_out
from mailer.delivery.models import Delivery, DeliveryState
from mailer.digests.models import Issue, IssueState
from mailer.links import Links
from mailer.newsletters.models import Newsletter
from tests.digests.making import titles
from tests.services.browser import barriers
from tests.services.smtp import Mailbox
from tests.web.newsroom import HEADLINES, draft_issue, fresh, open_newsroom, publish
from tests.web.staffroom import LEA, login_path

PORT, TRAINS, RIVER = HEADLINES

EXPECTED = re.compile(r"409 \(CONFLICT\)|ERR_INTERNET_DISCONNECTED")
"""What a browser reports as an error and a test provokes: a stale change, and a cut line."""

SAVED = re.compile(r"^\s*Saved \d\d:\d\d")

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]


@pytest.fixture
def newsletter(session: Session) -> Newsletter:
    return open_newsroom(session)


@pytest.fixture
def page(browser: Browser, live: str, session: Session, links: Links) -> Iterator[Page]:
    """A page that is logged in; any complaint on its console, of the policy above all, fails the test."""
    context = browser.new_context(base_url=live, viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(error.message))
    log_in(page, session, links)
    yield page
    context.close()
    assert [complaint for complaint in complaints if not EXPECTED.search(complaint)] == []


def log_in(page: Page, session: Session, links: Links) -> None:
    page.goto(login_path(session, links))
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_title(re.compile("^Today"))


def headlines(page: Page) -> list[str]:
    return page.locator("#blocks h3").all_inner_texts()


def test_an_editor_drafts_corrects_tests_and_sends(
    page: Page, session: Session, newsletter: Newsletter, smtp: Mailbox
) -> None:
    page.goto("/desk/")
    page.get_by_role("button", name="Draft an issue of Morning Briefing").click()
    preview = page.frame_locator("iframe")
    expect(preview.get_by_role("heading", name=PORT)).to_be_visible()

    page.get_by_role("button", name=f"Move up “{RIVER}”").click()
    expect(page.locator("#blocks h3").nth(1)).to_have_text(RIVER)
    expect(page.get_by_role("button", name=f"Move up “{RIVER}”")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#blocks h3").nth(0)).to_have_text(RIVER)
    expect(page.get_by_role("button", name=f"Move down “{RIVER}”")).to_be_focused()  # up is off at the top

    page.get_by_role("button", name=f"Remove “{TRAINS}”").click()
    expect(page.locator("#blocks h3")).to_have_count(2)
    expect(preview.get_by_role("heading", name=TRAINS)).to_have_count(0)
    page.get_by_role("button", name=f"Add “{TRAINS}”").click()
    expect(page.locator("#blocks h3").nth(2)).to_have_text(TRAINS)

    page.get_by_label("Subject").fill("Nine hours, one vote")
    expect(page.get_by_role("status").filter(has_text=SAVED)).to_be_visible()
    expect(page.get_by_role("group", name="How it looks in an inbox")).to_contain_text("Nine hours, one vote")

    page.get_by_role("link", name=f"Edit “{PORT}”").click()
    expect(page.get_by_label("Headline in this issue")).to_be_focused()
    page.get_by_label("Headline in this issue").fill("One vote decides")
    expect(preview.get_by_role("heading", name="One vote decides")).to_be_visible()
    expect(page.get_by_label("Headline in this issue")).to_be_focused()  # saved while typing
    page.locator("#editor").get_by_role("button", name="Save").click()
    expect(page.locator("#editor")).to_have_count(0)

    page.get_by_label("Send a test to").fill("jo@else.example")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("Sent to jo@else.example")).to_be_visible()
    assert smtp.to("jo@else.example")[0].parsed["Subject"] == "Nine hours, one vote"

    page.get_by_role("link", name="Send to 2 readers").click()
    page.get_by_role("button", name="Send to 2 readers").click()
    expect(page.get_by_text("The readers are being named.")).to_be_visible()
    issue = session.query(Issue).one()
    assert (issue.state, issue.released_by) == (IssueState.SENDING, LEA)
    assert titles(issue) == [RIVER, "One vote decides", TRAINS]


def test_the_progress_moves_by_itself_and_ends(page: Page, session: Session, newsletter: Newsletter) -> None:
    issue = draft_issue(session, newsletter)
    page.goto(f"/desk/issues/{issue.id}/send")
    page.get_by_role("button", name="Send to 2 readers").click()
    fan_out(session, issue.id, datetime.now(UTC))
    session.commit()
    expect(page.get_by_text("0 of 2 handed over")).to_be_visible()
    session.execute(update(Delivery).values(state=DeliveryState.ACCEPTED.value))
    session.execute(update(Issue).values(state=IssueState.SENT.value, sent_at=datetime.now(UTC)))
    session.commit()
    expect(page.get_by_text("2 accepted of 2")).to_be_visible()
    expect(page).to_have_title(re.compile("^Sent: "))
    expect(page.get_by_role("button", name="Pause")).to_have_count(0)


def test_the_preview_is_shown_four_ways(page: Page, session: Session, newsletter: Newsletter) -> None:
    page.goto(f"/desk/issues/{draft_issue(session, newsletter).id}")
    preview, tabs = page.frame_locator("iframe"), page.get_by_role("navigation", name="Preview as")
    body = preview.locator("body")
    expect(body).to_have_css("background-color", "rgb(241, 240, 236)")
    tabs.get_by_role("link", name="Dark").click()
    expect(body).to_have_css("background-color", "rgb(18, 20, 22)")
    tabs.get_by_role("link", name="Phone").click()
    expect(page.locator("iframe")).to_have_css("width", "375px")
    tabs.get_by_role("link", name="Plain text").click()
    expect(preview.locator("pre")).to_contain_text(PORT)


def test_the_preview_stays_light_on_a_dark_screen(page: Page, session: Session, newsletter: Newsletter) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto(f"/desk/issues/{draft_issue(session, newsletter).id}")
    expect(page.frame_locator("iframe").locator("body")).to_have_css("background-color", "rgb(241, 240, 236)")


def test_a_script_from_a_feed_does_not_run_in_the_preview(page: Page, session: Session) -> None:
    hostile = "<img src=x onerror='parent.document.title=1'><script>parent.document.title=1</script>"
    issue = draft_issue(session, open_newsroom(session, headlines=(hostile,)))
    page.goto(f"/desk/issues/{issue.id}")
    expect(page.frame_locator("iframe").get_by_text("onerror=").first).to_be_attached()
    expect(page).to_have_title(re.compile("^Compose: "))


def test_text_typed_while_somebody_else_saves_is_kept_beside_the_newer_one(
    page: Page, session: Session, newsletter: Newsletter
) -> None:
    issue = draft_issue(session, newsletter)
    page.goto(f"/desk/issues/{issue.id}")
    session.execute(update(Issue).values(version=Issue.version + 1, subject="From Jonas"))
    session.commit()
    page.get_by_label("Subject", exact=True).fill("From Lea")
    expect(page.get_by_text("Somebody else changed this issue first.")).to_be_visible()
    expect(page.get_by_label("Subject, as you wrote it")).to_have_value("From Lea")
    expect(page.get_by_label("Subject", exact=True)).to_have_value("From Jonas")


def test_text_typed_while_the_line_is_cut_is_kept_and_saved_later(
    page: Page, session: Session, newsletter: Newsletter
) -> None:
    page.goto(f"/desk/issues/{draft_issue(session, newsletter).id}")
    subject = page.get_by_label("Subject", exact=True)
    page.context.set_offline(True)
    subject.fill("Written in a tunnel")
    expect(page.get_by_text("Not saved: no connection. Your text is kept on this page.")).to_be_visible()
    page.context.set_offline(False)
    subject.press_sequentially(".")
    expect(page.get_by_role("status").filter(has_text=SAVED)).to_be_visible()
    page.reload()
    expect(subject).to_have_value("Written in a tunnel.")


def test_without_scripts_everything_still_works(
    browser: Browser, live: str, session: Session, links: Links, newsletter: Newsletter, smtp: Mailbox
) -> None:
    context = browser.new_context(base_url=live, java_script_enabled=False)
    page = context.new_page()
    log_in(page, session, links)
    page.get_by_role("button", name="Draft an issue of Morning Briefing").click()
    page.get_by_role("button", name=f"Move up “{TRAINS}”").click()
    assert headlines(page) == [TRAINS, PORT, RIVER]
    page.get_by_role("button", name=f"Remove “{PORT}”").click()
    page.get_by_role("button", name=f"Add “{PORT}”").click()
    assert headlines(page) == [TRAINS, RIVER, PORT]
    page.get_by_label("Subject").fill("Trains first")
    page.locator("#head").get_by_role("button", name="Save").click()
    page.get_by_role("link", name=f"Edit “{TRAINS}”").click()
    page.get_by_label("Summary").fill("After eleven years.")
    page.locator("#editor").get_by_role("button", name="Save").click()
    page.get_by_role("navigation", name="Preview as").get_by_role("link", name="Plain text").click()
    expect(page.frame_locator("iframe").locator("pre")).to_contain_text("After eleven years.")
    page.get_by_role("button", name="Send", exact=True).click()
    assert smtp.to(LEA)[0].parsed["Subject"] == "Trains first"
    page.get_by_role("link", name="Send to 2 readers").click()
    page.get_by_role("button", name="Send to 2 readers").click()
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    page.get_by_role("link", name="Cancel the rest").click()
    page.get_by_role("button", name="Cancel it").click()
    expect(page.get_by_text("Cancelled. Nobody else gets it.")).to_be_visible()
    context.close()


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (360, "dark")])
def test_axe_finds_nothing_and_nothing_overflows(
    browser: Browser, live: str, session: Session, links: Links, width: int, scheme: str
) -> None:
    newsletter = open_newsroom(session)
    sent = draft_issue(session, newsletter)
    prepare_sent(session, sent)
    draft = prepare_draft(session, newsletter)
    context = browser.new_context(
        base_url=live,
        viewport={"width": width, "height": 800},
        color_scheme=scheme,  # type: ignore[arg-type]  # one of its words
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto("/desk/login")
    judge(page)
    page.goto(login_path(session, links))
    judge(page)
    page.get_by_role("button", name="Log in").click()
    edited = f"/desk/issues/{draft.id}?edit={draft.articles[0].id}"
    for path in ("/desk/", edited, f"/desk/issues/{draft.id}/send", f"/desk/issues/{sent.id}/cancel"):
        page.goto(path)
        judge(page)
    page.goto(f"/desk/issues/{sent.id}")
    judge(page)
    for pane in ("Wire", "Preview", "Checks") if width < 820 else ():
        page.goto(edited)
        page.get_by_role("navigation", name="Parts of the desk").get_by_role("link", name=pane).click()
        judge(page)
    context.close()


def prepare_sent(session: Session, issue: Issue) -> None:
    """An issue on its way, with one delivery in each trouble."""
    issue.state, issue.released_at, issue.released_by = IssueState.SENDING.value, datetime.now(UTC), LEA
    session.flush()
    fan_out(session, issue.id, datetime.now(UTC) - timedelta(seconds=30))
    session.execute(update(Delivery).values(state=DeliveryState.UNCERTAIN.value, answer="no answer to the final dot"))
    session.commit()


def prepare_draft(session: Session, newsletter: Newsletter) -> Issue:
    """A draft with something to fix."""
    publish(session, session.query(Source).one(), "Harvest is early", minutes_ago=0)
    issue = draft_issue(session, newsletter)
    issue.subject = ""
    session.commit()
    return fresh(session, issue)


def judge(page: Page) -> None:
    tags = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
    found = barriers(page, {"runOnly": tags, "iframes": False, "resultTypes": ["violations"]})
    complaints = [(v["id"], [node["html"] for node in v["nodes"]]) for v in found.response["violations"]]
    assert complaints == [], page.url
    wide, inner = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide <= inner, page.url

"""Digests of what news sites really served: polled, drafted, sent over SMTP, received, and looked at in a browser."""

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, Route
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from mailer.articles.models import Article, Source
from mailer.config import Settings
from mailer.delivery import receipt
from mailer.delivery.fanout import fan_out
from mailer.digests.models import Issue
from mailer.digests.release import release
from mailer.emails.languages import typography
from mailer.emails.smtp import send_many
from mailer.links import Links
from tests.articles.outlet import outlet
from tests.delivery.making import add_readers
from tests.digests.making import make_issue
from tests.emails.wire import violations
from tests.flows.captured import Captured, collection, mojibake, poll
from tests.newsletters.making import make_newsletter
from tests.services.smtp import Mail, Mailbox
from worker.sending import IssueFreight

FEEDS = {
    "guardian": ("045", "en"),
    "azerbaijani": ("090", "az"),
    "arabic": ("116", "ar"),
    "russian-windows-1251": ("069", "ru"),
    "chinese": ("060", "zh"),
    "chinese-gb2312": ("035", "zh"),
    "undated": ("048", "pt-BR"),
    "persian": ("097", "fa"),
}
"""What is looked at: the number of each captured feed, and the language of the newsletter made of it."""

PICTURE = (
    "<svg xmlns='http://www.w3.org/2000/svg' width='1200' height='800'><path fill='#789' d='M0 0h1200v800H0z'/></svg>"
)
DARK_GROUND = "rgb(18, 20, 22)"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]


@pytest.mark.parametrize("name", FEEDS)
def test_the_digest_of_a_captured_feed_arrives_whole_and_can_be_read(
    name: str, session: Session, engine: Engine, settings: Settings, smtp: Mailbox, browser: Browser, tmp_path: Path
) -> None:
    number, language = FEEDS[name]
    captured = next(feed for feed in collection() if feed.name.startswith(number))
    issue = _draft(session, captured, language)
    if captured.undated == captured.found:
        assert {article.published_at for article in session.query(Article)} == {None}
    _send(session, engine, settings, issue)
    (mail,) = smtp.mails
    _assert_legible(mail, issue, language)
    _look(browser, mail, language, tmp_path / name)


def _draft(session: Session, captured: Captured, language: str) -> Issue:
    now = datetime.now(UTC)
    newsletter = make_newsletter(session, title="Digest", language=language)
    add_readers(session, newsletter, 1)
    with outlet() as site:
        source = Source(newsletter=newsletter, url=captured.serve(site), created_at=now, next_poll_at=now)
        session.add(source)
        session.commit()
        polled = poll(session, source.id, now)
    assert (polled.error, polled.stored.seen) == ("", len(captured.worth_reading))
    newsletter.title = newsletter.sender_name = source.title[:80]
    session.commit()
    return make_issue(session, newsletter, now)


def _send(session: Session, engine: Engine, settings: Settings, issue: Issue) -> None:
    now = datetime.now(UTC)
    assert release(session, issue.id, issue.version, "lea@ledger.example", now)
    assert fan_out(session, issue.id, now) == 1
    session.commit()
    links = Links(settings.secret, settings.base_url)
    freight = IssueFreight(engine, links, settings.secret, settings.data_dir, "here", 20)
    send_many(settings.relay, freight, 1)
    freight.close(relay_down=False)
    assert receipt.read(session, issue.id).accepted == 1
    session.commit()


def _assert_legible(mail: Mail, issue: Issue, language: str) -> None:
    assert violations(mail.data) == []
    message = mail.parsed
    assert message["Content-Language"] == language
    assert _letters(issue.subject).startswith(_letters(message["Subject"]).rstrip("…"))
    assert f'<html lang="{language}" dir="{typography(language).direction}"' in mail.html
    shown = _letters(html.unescape(re.sub(r"<[^>]+>", "", mail.html)))
    told = _letters(mail.text)
    for article in issue.articles:
        assert _letters(article.title) in shown
        assert _letters(article.title) in told
        assert _letters(article.summary[:100]) in shown or article.position > 5  # the last ones are only named
    for said in (message["Subject"], mail.text, html.unescape(mail.html)):
        assert "\ufffd" not in said
        assert mojibake(said) == []


def _letters(text: str) -> str:
    """Without blanks, which the plain part has elsewhere."""
    return re.sub(r"\s", "", text)


def _look(browser: Browser, mail: Mail, language: str, pictures: Path) -> None:
    """As readers see it on a phone and on a desk, by day and by night; the pictures are kept for people."""
    for width in (360, 700):
        for scheme in ("light", "dark"):
            with _opened(browser, mail, width, scheme) as page:
                assert page.evaluate("document.documentElement.scrollWidth") == width
                ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
                assert (ground == DARK_GROUND) == (scheme == "dark")
                direction = page.locator("h1").evaluate("h => getComputedStyle(h).direction")
                assert direction == typography(language).direction
                page.screenshot(path=f"{pictures}-{width}-{scheme}.png", full_page=True)


@contextmanager
def _opened(browser: Browser, mail: Mail, width: int, scheme: Literal["light", "dark"]) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page.route("**/*", _picture)
    page.set_content(mail.html)
    yield page
    page.close()


def _picture(route: Route) -> None:
    """The outlets' servers are not asked."""
    route.fulfill(body=PICTURE, content_type="image/svg+xml")

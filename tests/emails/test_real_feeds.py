"""Mails of what news sites really served: captured feeds that lie beside this checkout."""

from pathlib import Path

import pytest

from mailer.articles.feed import parse
from mailer.digests import editions
from mailer.digests.content import content_of
from mailer.digests.models import EVERY_ARTICLE
from tests.emails.samples import LINKS, TOKEN, VALUES, article, issue
from tests.emails.wire import said, violations

FEEDS = Path(__file__).parents[2] / ".." / "shared" / "feeds"


@pytest.mark.slow
@pytest.mark.skipif(not FEEDS.is_dir(), reason="the captured feeds are not beside this checkout")
def test_every_captured_feed_makes_a_mail_that_keeps_the_rules() -> None:
    for path in FEEDS.iterdir():
        if path.suffix == ".tsv":
            continue
        feed = parse(path.read_bytes(), "", f"https://ledger.example/{path.name}")
        made = issue(subject=feed.title)
        made.newsletter.language = feed.language
        made.articles.clear()
        for entry in feed.entries[:12]:
            fields = {name: getattr(entry, name) for name in ("url", "summary", "picture_url", "author", "section")}
            article(made, entry.title, language=entry.language, **fields)
        content = content_of(made, EVERY_ARTICLE)
        data = editions.compile_edition(content, LINKS).fill(VALUES)
        assert violations(data) == [], path.name
        assert said(data) == editions.render(content, LINKS, token=TOKEN).text
        assert len(said(data, "html").encode()) < 85_000

"""Feeds in a few lines, and the rows they need."""

from datetime import UTC, datetime
from xml.sax.saxutils import escape

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.articles.entry import Entry, Feed
from mailer.articles.models import Article, Source
from tests.newsletters.making import make_newsletter

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
HOME = "https://ledger.example"


def rss(*items: str, channel: str = "") -> str:
    head = f"<title>The Harbour Ledger</title><link>{HOME}/</link>{channel}"
    body = "".join(f"<item>{item}</item>" for item in items)
    return f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel>{head}{body}</channel></rss>'


def item(number: int, title: str = "", summary: str = "") -> str:
    return (
        f"<title>{escape(title or f'Story {number}')}</title><link>{HOME}/{number}</link><guid>{HOME}/{number}</guid>"
        f"<description>{escape(summary)}</description><pubDate>Mon, 23 Nov 2026 10:0{number % 10}:00 GMT</pubDate>"
    )


def entry(number: int, **given: object) -> Entry:
    return Entry(**{"guid": f"guid-{number}", "url": f"{HOME}/{number}", "title": f"Story {number}", **given})  # type: ignore[arg-type]


def feed(*entries: Entry) -> Feed:
    return Feed("The Harbour Ledger", "en", entries)


def make_source(session: Session, url: str = f"{HOME}/feed", slug: str = "morning") -> Source:
    newsletter = make_newsletter(session, slug)
    source = Source(newsletter_id=newsletter.id, url=url, created_at=NOW, next_poll_at=NOW)
    session.add(source)
    session.commit()
    return source


def articles(session: Session) -> list[Article]:
    query = select(Article).order_by(Article.canonical_url).execution_options(populate_existing=True)
    return list(session.scalars(query))

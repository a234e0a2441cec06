"""Articles that sources brought, and issues made of them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from mailer.articles.models import Article, Sighting, Source
from mailer.digests.assembly import draft
from mailer.digests.models import Issue
from mailer.newsletters.models import Newsletter, Topic

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)


def make_source(session: Session, newsletter: Newsletter, name: str = "all", **given: Any) -> Source:
    url = f"https://ledger.example/{name}.rss"
    source = Source(newsletter=newsletter, url=url, created_at=NOW, next_poll_at=NOW + timedelta(days=99), **given)
    session.add(source)
    session.commit()
    return source


def make_topic(session: Session, newsletter: Newsletter, slug: str, bit: int) -> Topic:
    topic = Topic(newsletter=newsletter, slug=slug, title=slug.title(), bit=bit)
    session.add(topic)
    session.commit()
    return topic


def see(session: Session, source: Source, title: str, at: datetime, **given: Any) -> Article:
    """An article that comes in by this source at that moment."""
    url = f"https://ledger.example/{title.lower().replace(' ', '-')}"
    article = Article(**{"canonical_url": url, "url": url, "title": title, "seen_at": at, "updated_at": at, **given})
    session.add(article)
    session.flush()
    sight(session, source, article, at)
    return article


def sight(session: Session, source: Source, article: Article, at: datetime) -> None:
    session.add(Sighting(article_id=article.id, source_id=source.id, seen_at=at))
    session.commit()


def make_issue(session: Session, newsletter: Newsletter, now: datetime = NOW) -> Issue:
    """A draft by hand of what is new."""
    issue = draft(session, newsletter, schedule=None, slot=None, now=now)
    assert isinstance(issue, Issue)
    session.commit()
    return issue


def titles(issue: object) -> list[str]:
    assert isinstance(issue, Issue), issue
    return [article.title for article in issue.articles]

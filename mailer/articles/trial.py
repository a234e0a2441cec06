"""What a rule for topics would change, before anybody makes it: it is made, looked at, and taken back."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.articles.models import Article, Sighting, Source
from mailer.articles.topics import RECENT, add_rule, topics_of
from mailer.newsletters.models import Topic

MOST = 2000
"""Articles looked at, the newest."""


@dataclass(frozen=True)
class Moved:
    """An article that the rule gives other topics; the masks are of topics, 0 is for every reader."""

    title: str
    before: int
    after: int


@dataclass(frozen=True)
class Trial:
    """How many recent articles there are, and those among them that change, newest first."""

    articles: int
    moved: list[Moved]


def try_rule(session: Session, topic: Topic, category: str, source: Source | None, now: datetime) -> Trial:
    """What the rule would have done in the last days. Raises CannotAddRule."""
    newsletter_id = topic.newsletter_id
    recent = (
        select(Article.id, Article.title)
        .join(Sighting)
        .join(Source)
        .where(Source.newsletter_id == newsletter_id, Source.active, Article.seen_at > now - RECENT)
        .group_by(Article.id)
        .order_by(Article.id.desc())
        .limit(MOST)
    )
    titles = {row.id: row.title for row in session.execute(recent)}
    before = topics_of(session, newsletter_id, list(titles))
    with session.begin_nested() as there_and_back:
        add_rule(session, topic, category, source)
        after = topics_of(session, newsletter_id, list(titles))
        there_and_back.rollback()
    moved = [Moved(titles[each], before[each], after[each]) for each in titles if before[each] != after[each]]
    return Trial(len(titles), moved)

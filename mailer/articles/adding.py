"""Give a newsletter a source."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.articles.canonical import uri
from mailer.articles.models import Source
from mailer.newsletters.models import Newsletter, Topic

TOPICS = 62
"""A mask of topics is a signed 64-bit number with one bit to spare."""


class CannotAdd(Exception):
    """The source cannot be added; the text is a sentence for an editor."""


def add(session: Session, newsletter: Newsletter, url: str, title: str, topic: Topic | None, now: datetime) -> Source:
    """A new source of the newsletter, due at once. Raises CannotAdd when it has it already."""
    address = uri(url)
    if not address:
        raise CannotAdd("The address is not one of the web: it has to begin with http:// or https://.")
    known = select(Source.id).where(Source.newsletter_id == newsletter.id, Source.url == address)
    if session.scalar(known) is not None:
        raise CannotAdd(f"{newsletter.slug} has this source already.")
    added = Source(
        newsletter_id=newsletter.id,
        topic_id=topic.id if topic else None,
        url=address,
        title=title[:300],
        created_at=now,
        next_poll_at=now,
    )
    session.add(added)
    session.flush()
    return added


def find_or_add_topic(session: Session, newsletter: Newsletter, slug: str) -> Topic:
    """The topic of that name; a new one takes the bit after the highest, as readers' masks may hold a gap's bit."""
    topics = list(session.scalars(select(Topic).where(Topic.newsletter_id == newsletter.id)))
    for topic in topics:
        if topic.slug == slug:
            return topic
    bit = max((topic.bit for topic in topics), default=-1) + 1
    if bit >= TOPICS:
        raise CannotAdd(f"{newsletter.slug} has {TOPICS} topics already, which is as many as there can be.")
    added = Topic(newsletter=newsletter, slug=slug, title=slug.replace("-", " ").capitalize(), bit=bit)
    session.add(added)
    session.flush()
    return added

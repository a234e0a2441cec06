"""Give a newsletter a source."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.articles.canonical import uri
from mailer.articles.hosts import host_of
from mailer.articles.kinds import SourceKind
from mailer.articles.models import Source
from mailer.db import insert
from mailer.newsletters.models import Newsletter, Topic

TOPICS = 62
"""A mask of topics is a signed 64-bit number with one bit to spare."""


TITLE_LENGTH = 300
PASTED = "pasted:"
"""Stands where other sources have an address."""


class CannotAdd(Exception):
    """The source cannot be added; the text is a sentence for an editor."""


def add(
    session: Session, newsletter: Newsletter, kind: SourceKind, url: str, title: str, topic: Topic | None, now: datetime
) -> Source:
    """A new source of the newsletter that is polled, and due at once. Raises CannotAdd when it has it already."""
    address = uri(url)
    if not address:
        raise CannotAdd("The address is not one of the web: it has to begin with http:// or https://.")
    known = select(Source.id).where(Source.newsletter_id == newsletter.id, Source.url == address)
    if session.scalar(known) is not None:
        raise CannotAdd(f"{newsletter.slug} has this source already.")
    added = Source(
        newsletter_id=newsletter.id,
        topic_id=topic.id if topic else None,
        kind=kind.value,
        url=address,
        host=host_of(address),
        title=title[:TITLE_LENGTH],
        created_at=now,
        next_poll_at=now,
    )
    session.add(added)
    session.flush()
    return added


def pasted(session: Session, newsletter: Newsletter, now: datetime) -> Source:
    """The source that stands for articles which editors pasted; made when the first one comes."""
    mine = select(Source).where(Source.newsletter_id == newsletter.id, Source.url == PASTED)
    found = session.scalar(mine)
    if found is None:
        row = {
            "newsletter_id": newsletter.id,
            "kind": SourceKind.PASTED.value,
            "url": PASTED,
            "title": "Pasted by hand",
        }
        statement = insert(session, Source).values(**row, created_at=now, next_poll_at=now)
        session.execute(statement.on_conflict_do_nothing(index_elements=["newsletter_id", "url"]))
        found = session.scalars(mine).one()
    return found


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

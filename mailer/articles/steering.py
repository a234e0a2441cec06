"""What an editor does to a source: read it now, decide about held items, put it to sleep, wake it, take it away."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, exists, func, select
from sqlalchemy.orm import Session, aliased

from mailer.articles.models import Sighting, Source, Take


@dataclass(frozen=True)
class Brought:
    """How many articles a source brought, and how many of them no other source did."""

    articles: int
    alone: int


def read_now(source: Source, now: datetime) -> None:
    """Let the next reading be the one of this moment."""
    source.next_poll_at = now


def decide(source: Source, take: Take, now: datetime) -> bool:
    """Say what the held items are; the next reading, which is now, takes them so. False when nothing is held."""
    if source.held_at is None:
        return False
    source.take, source.next_poll_at = take.value, now
    return True


def sleep(source: Source) -> None:
    """Read it no more; what it brought is in no draft until it is awake."""
    source.active = False


def wake(source: Source, now: datetime) -> None:
    """Read it again, from now on."""
    source.active, source.next_poll_at = True, now


def brought(session: Session, source: Source) -> Brought:
    """What would lose a source with it."""
    other = aliased(Sighting)
    elsewhere = exists().where(other.article_id == Sighting.article_id, other.source_id != source.id)
    mine = select(func.count(), func.count().filter(~elsewhere)).select_from(Sighting)
    return Brought(*session.execute(mine.where(Sighting.source_id == source.id)).one())


def remove(session: Session, source: Source) -> None:
    """Take it away. Its articles stay known, so that none comes twice, and issues keep theirs."""
    session.execute(delete(Source).where(Source.id == source.id))

"""What waits: jobs in front of the workers, and the work that stands in rows whether a queue knows of it or not."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mailer.articles.models import Source
from mailer.staff.models import LoginLink
from mailer.subscriptions.models import OwedLetter


@dataclass(frozen=True)
class Waiting:
    """The jobs in one queue, as the broker tells; `oldest` is when the oldest was asked for, None when unknown."""

    jobs: int
    oldest: datetime | None


@dataclass(frozen=True)
class Owed:
    """Work that is due and that nobody has claimed, by the rows."""

    letters: int
    letters_since: datetime | None
    login_links: int
    sources: int


def owed(session: Session, now: datetime) -> Owed:
    """Count what is due at `now`."""
    due = OwedLetter.due_at
    letters, since = session.execute(select(func.count(), func.min(due)).where(due <= now)).one()
    links = select(func.count()).select_from(LoginLink).where(LoginLink.mail_due_at <= now)
    sources = select(func.count()).select_from(Source).where(Source.active, Source.next_poll_at <= now)
    return Owed(
        letters=letters,
        letters_since=since,
        login_links=session.scalar(links) or 0,
        sources=session.scalar(sources) or 0,
    )

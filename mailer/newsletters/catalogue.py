"""The newsletters there are, with their topics and schedules."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from mailer.db import insert
from mailer.newsletters import forms
from mailer.newsletters.models import Disposable, Newsletter


@dataclass(frozen=True)
class NewNewsletter:
    """What makes a newsletter; every field is read already (see `written` and `calendar.zone`)."""

    slug: str
    title: str
    sender_name: str
    sender_address: str
    language: str = "en"
    timezone: str = "UTC"
    postal_address: str = ""
    description: str = ""


def add(session: Session, new: NewNewsletter, now: datetime) -> Newsletter | None:
    """Make a newsletter; None when the slug is taken."""
    statement = insert(session, Newsletter).values(**asdict(new), created_at=now)
    made = statement.on_conflict_do_nothing(index_elements=["slug"]).returning(Newsletter.id)
    newsletter_id = session.scalar(made)
    if newsletter_id is None:
        return None
    forms.add_main(session, newsletter_id, now)
    return session.get_one(Newsletter, newsletter_id)


def admit(newsletter: Newsletter, takes_readers: bool | None = None, disposable: Disposable | None = None) -> None:
    """Say who may sign up; what is None stays as it is."""
    if takes_readers is not None:
        newsletter.takes_readers = takes_readers
    if disposable is not None:
        newsletter.disposable = disposable.value


def by_slug(session: Session, slug: str) -> Newsletter | None:
    """The newsletter of this name."""
    return session.scalar(select(Newsletter).where(Newsletter.slug == slug))


def everything(session: Session) -> Sequence[Newsletter]:
    """All newsletters by slug, with their topics and schedules."""
    query = select(Newsletter).options(selectinload(Newsletter.topics), selectinload(Newsletter.schedules))
    return session.scalars(query.order_by(Newsletter.slug)).all()

"""Days on which a newsletter brings no issue. A day added later does not touch a slot that is settled."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from mailer.db import insert
from mailer.newsletters.models import Holiday, Newsletter


def add(session: Session, newsletter: Newsletter, day: date, title: str = "") -> bool:
    """Make a day a holiday. False when it is one already: then its title stays."""
    row = insert(session, Holiday).values(newsletter_id=newsletter.id, day=day, title=title)
    made = row.on_conflict_do_nothing(index_elements=["newsletter_id", "day"]).returning(Holiday.id)
    return session.scalar(made) is not None


def remove(session: Session, newsletter: Newsletter, day: date) -> bool:
    """Make it a day as any other. False when it was none."""
    gone = delete(Holiday).where(Holiday.newsletter_id == newsletter.id, Holiday.day == day)
    return session.scalar(gone.returning(Holiday.id)) is not None


def from_day(session: Session, newsletter_id: int, first: date, most: int) -> Sequence[Holiday]:
    """The next holidays of a newsletter, `first` and later."""
    query = select(Holiday).where(Holiday.newsletter_id == newsletter_id, Holiday.day >= first)
    return session.scalars(query.order_by(Holiday.day).limit(most)).all()


def between(session: Session, newsletter_id: int, first: date, last: date) -> dict[date, Holiday]:
    """Its holidays of these days, by day."""
    query = select(Holiday).where(Holiday.newsletter_id == newsletter_id, Holiday.day.between(first, last))
    return {holiday.day: holiday for holiday in session.scalars(query)}

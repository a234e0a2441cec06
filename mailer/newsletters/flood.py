"""A form that suddenly takes far too many sign-ups asks for a proof of work, for a while."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from mailer.newsletters.models import Form, Newsletter

LASTS = timedelta(minutes=15)
"""From the last sign-up that was too many."""

SLACK = timedelta(minutes=5)
"""A guard that lasts LASTS less this is as good as new: one UPDATE in five minutes, not one for each sign-up."""


@dataclass(frozen=True)
class Flood:
    """A form under guard."""

    form_id: int
    form: str
    newsletter: str
    until: datetime


def guard(session: Session, form_id: int, now: datetime) -> datetime | None:
    """Ask for a proof of work from now on; until when. None when somebody just saw to it."""
    until = now + LASTS
    stale = or_(Form.proof_until.is_(None), Form.proof_until < until - SLACK)
    statement = update(Form).where(Form.id == form_id, stale).values(proof_until=until).returning(Form.id)
    return until if session.scalar(statement) is not None else None


def lasting(session: Session, now: datetime) -> Sequence[Flood]:
    """The forms under guard."""
    guarded = select(Form.id, Form.slug, Newsletter.title, Form.proof_until).join(Form.newsletter)
    rows = session.execute(guarded.where(Form.proof_until > now).order_by(Form.proof_until.desc()))
    return [Flood(form_id, form, newsletter, until) for form_id, form, newsletter, until in rows if until]

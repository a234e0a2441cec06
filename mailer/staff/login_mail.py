"""Login links asked for by mail: owed from the commit on, claimed by a worker, recorded as sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from mailer.staff import sessions
from mailer.staff.models import LoginLink, Staff

LINKS_PER_WINDOW = 3
WINDOW = timedelta(minutes=15)
CLAIM = timedelta(minutes=2)
"""How long a worker may take for one mail before the sweep asks another."""


@dataclass(frozen=True)
class Owed:
    """A mail to write: to whom, and until when its link works."""

    link_id: int
    address: str
    expires_at: datetime


def ask(session: Session, staff: Staff, now: datetime) -> int | None:
    """Owe `staff` a login link by mail: the link's id, or None when three were made in the last quarter hour."""
    session.execute(select(Staff.id).where(Staff.id == staff.id).with_for_update())
    recent = select(func.count()).select_from(LoginLink).where(LoginLink.staff_id == staff.id)
    if (session.scalar(recent.where(LoginLink.created_at > now - WINDOW)) or 0) >= LINKS_PER_WINDOW:
        return None
    link = sessions.make_link(session, staff, now)
    link.mail_due_at = now
    return link.id


def claim(session: Session, link_id: int, now: datetime) -> Owed | None:
    """Take the mail for CLAIM, or None when it is not owed (any more) or another worker has it."""
    due = (LoginLink.id == link_id, LoginLink.mail_due_at <= now, LoginLink.used_at.is_(None))
    mine = update(LoginLink).where(*due, LoginLink.expires_at > now).values(mail_due_at=now + CLAIM)
    if session.scalar(mine.returning(LoginLink.id)) is None:
        return None
    link = session.get_one(LoginLink, link_id)
    return Owed(link.id, link.staff.address, link.expires_at)


def record(session: Session, link_id: int) -> None:
    """The relay took the mail or refused it for good: it is owed no longer. Else leave it to the sweep."""
    session.execute(update(LoginLink).where(LoginLink.id == link_id).values(mail_due_at=None))


def owed(session: Session, now: datetime, limit: int) -> Sequence[int]:
    """Links whose mail is due and unclaimed, oldest first; what the sweep asks for again."""
    due = select(LoginLink.id).where(LoginLink.mail_due_at <= now, LoginLink.expires_at > now)
    return session.scalars(due.order_by(LoginLink.mail_due_at).limit(limit)).all()

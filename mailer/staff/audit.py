"""Who did what to what."""

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from mailer.staff.models import AuditEvent

SUBJECT_LENGTH = 120


def record(session: Session, actor: str, action: str, subject: str, detail: str, now: datetime) -> None:
    """Write down that `actor` (an address, or the name of a part of the house) did `action` to `subject`."""
    session.add(AuditEvent(at=now, actor=actor, action=action, subject=subject[:SUBJECT_LENGTH], detail=detail))


def count(session: Session, actor: str, action: str, since: datetime) -> int:
    """How often `actor` did `action` since then."""
    mine = select(func.count()).select_from(AuditEvent).where(AuditEvent.at > since)
    return session.scalar(mine.where(AuditEvent.actor == actor, AuditEvent.action == action)) or 0


def forget(session: Session, address_key: str) -> None:
    """Take the address of a reader who was erased out of the events. `address_key` is `Address.key`."""
    named = func.lower(AuditEvent.subject) == address_key[:SUBJECT_LENGTH]
    session.execute(update(AuditEvent).where(named).values(subject="a reader who was erased", detail=""))

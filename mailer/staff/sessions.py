"""How staff come in: a link that works once, then a cookie of which only the hash is kept."""

import hashlib
import secrets
from datetime import datetime, timedelta
from enum import Enum, auto

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from mailer.staff.models import LoginLink, Staff, StaffSession

LIFETIME = timedelta(hours=12)
"""How long a browser stays logged in."""

LINK_LIFETIME = timedelta(hours=1)
"""How long a login link waits to be used."""


class LinkState(Enum):
    """What a login link is worth."""

    GOOD = auto()
    USED = auto()
    EXPIRED = auto()
    UNKNOWN = auto()


def make_link(session: Session, staff: Staff, now: datetime, lifetime: timedelta = LINK_LIFETIME) -> LoginLink:
    """A link that lets `staff` in once, within `lifetime`."""
    link = LoginLink(staff_id=staff.id, created_at=now, expires_at=now + lifetime)
    session.add(link)
    session.flush()
    return link


def link_state(session: Session, link_id: int, now: datetime) -> LinkState:
    """What the link is worth now; reads only."""
    link = session.get(LoginLink, link_id)
    if link is None or not link.staff.active:
        return LinkState.UNKNOWN
    if link.used_at is not None:
        return LinkState.USED
    return LinkState.GOOD if link.expires_at > now else LinkState.EXPIRED


def redeem(session: Session, link_id: int, now: datetime) -> tuple[Staff, str] | None:
    """Use the link up and log in: the person and the cookie's value, or None when the link is worth nothing."""
    good = (LoginLink.id == link_id, LoginLink.used_at.is_(None), LoginLink.expires_at > now)
    claim = update(LoginLink).where(*good).values(used_at=now, mail_due_at=None).returning(LoginLink.staff_id)
    staff_id = session.scalar(claim)
    staff = session.get(Staff, staff_id) if staff_id is not None else None
    if staff is None or not staff.active:
        return None
    return staff, _open(session, staff, now)


def current(session: Session, cookie: str, now: datetime) -> Staff | None:
    """Who the cookie belongs to; None when it is unknown, too old, or the account is closed. Reads only."""
    mine = select(Staff).join(StaffSession, StaffSession.staff_id == Staff.id)
    mine = mine.where(StaffSession.token_hash == _hash(cookie), StaffSession.expires_at > now, Staff.active)
    return session.scalars(mine).one_or_none()


def log_out(session: Session, cookie: str) -> None:
    """Forget the browser; its cookie opens nothing any more."""
    session.execute(delete(StaffSession).where(StaffSession.token_hash == _hash(cookie)))


def _open(session: Session, staff: Staff, now: datetime) -> str:
    session.execute(delete(StaffSession).where(StaffSession.expires_at <= now))
    token = secrets.token_urlsafe(32)
    session.add(
        StaffSession(staff_id=staff.id, token_hash=_hash(token), created_at=now, expires_at=now + LIFETIME),
    )
    session.flush()
    return token


def _hash(token: str) -> str:
    """A random token of 256 bits needs no salt and no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()

"""Staff, how they come in, and what they did."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mailer.db import Base, Id


class Role(StrEnum):
    """What a member of staff may do; an administrator may do everything."""

    EDITOR = "editor"
    OPERATOR = "operator"
    ADMINISTRATOR = "administrator"


class Staff(Base):
    """Somebody who works here."""

    __tablename__ = "staff"

    id: Mapped[Id]
    address: Mapped[str] = mapped_column(String(254), unique=True)
    role: Mapped[str] = mapped_column(String(14))
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]


class LoginLink(Base):
    """A link that lets one member of staff in, once: its address carries the signed id of this row.

    A link asked for by mail is owed from `mail_due_at` until a worker claims it (the column becomes the end of the
    claim) and records it as sent (the column becomes empty).
    """

    __tablename__ = "login_links"

    id: Mapped[Id]
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    mail_due_at: Mapped[datetime | None] = mapped_column(index=True)

    staff: Mapped[Staff] = relationship()


class StaffSession(Base):
    """A browser that is logged in. Only the SHA-256 of its cookie is kept."""

    __tablename__ = "staff_sessions"

    id: Mapped[Id]
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]

    staff: Mapped[Staff] = relationship()


class AuditEvent(Base):
    """Who did what to what. Append-only."""

    __tablename__ = "audit_events"

    id: Mapped[Id]
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(String(254))
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(120))
    detail: Mapped[str] = mapped_column(Text, default="")

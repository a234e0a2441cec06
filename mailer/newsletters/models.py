"""Newsletters, their topics, their rhythms, and each due moment of a rhythm."""

from datetime import datetime, time
from enum import StrEnum

from sqlalchemy import ForeignKey, SmallInteger, String, Text, Time, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mailer.db import Base, Id

EVERY_TOPIC = (1 << 62) - 1
"""The mask of a reader who chose nothing in particular: all topics, also those made later."""


class Newsletter(Base):
    """What one subscribes to."""

    __tablename__ = "newsletters"

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    title: Mapped[str] = mapped_column(String(120))
    description: Mapped[str] = mapped_column(Text, default="")
    publisher: Mapped[str] = mapped_column(String(120), default="")
    site_url: Mapped[str] = mapped_column(String(500), default="")
    sender_name: Mapped[str] = mapped_column(String(120))
    sender_address: Mapped[str] = mapped_column(String(254))
    postal_address: Mapped[str] = mapped_column(String(300), default="")
    language: Mapped[str] = mapped_column(String(35), default="en")
    timezone: Mapped[str] = mapped_column(String(60), default="UTC")
    created_at: Mapped[datetime]

    topics: Mapped[list["Topic"]] = relationship(back_populates="newsletter", order_by="Topic.bit")
    schedules: Mapped[list["Schedule"]] = relationship(back_populates="newsletter", order_by="Schedule.id")


class Topic(Base):
    """A section of a newsletter that a reader may choose; `bit` is its place in every mask of topics."""

    __tablename__ = "topics"
    __table_args__ = (UniqueConstraint("newsletter_id", "slug"), UniqueConstraint("newsletter_id", "bit"))

    id: Mapped[Id]
    newsletter_id: Mapped[int] = mapped_column(ForeignKey("newsletters.id", ondelete="CASCADE"))
    slug: Mapped[str] = mapped_column(String(60))
    title: Mapped[str] = mapped_column(String(120))
    bit: Mapped[int] = mapped_column(SmallInteger)

    newsletter: Mapped[Newsletter] = relationship(back_populates="topics")

    @property
    def mask(self) -> int:
        return 1 << self.bit


class Mode(StrEnum):
    """How an issue of a schedule leaves."""

    AUTOMATIC = "automatic"
    BY_HAND = "by_hand"


class Schedule(Base):
    """A rhythm: these weekdays at this hour on the newsletter's clock."""

    __tablename__ = "schedules"

    id: Mapped[Id]
    newsletter_id: Mapped[int] = mapped_column(ForeignKey("newsletters.id", ondelete="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(String(120))
    weekdays: Mapped[int] = mapped_column(SmallInteger)  # bit 0 is Monday
    hour: Mapped[time] = mapped_column(Time)
    mode: Mapped[str] = mapped_column(String(20), default=Mode.BY_HAND.value)
    minimum_articles: Mapped[int] = mapped_column(SmallInteger, default=1)
    maximum_articles: Mapped[int] = mapped_column(SmallInteger, default=12)
    freshness_minutes: Mapped[int] = mapped_column(SmallInteger, default=240)
    active: Mapped[bool] = mapped_column(default=True)
    starts_at: Mapped[datetime]  # no slot before it

    newsletter: Mapped[Newsletter] = relationship(back_populates="schedules")


class SlotState(StrEnum):
    """What became of a due moment."""

    OPEN = "open"
    ISSUE = "issue"
    CLOSED = "closed"


class Slot(Base):
    """One due moment of a schedule. It ends in an issue, or closed with the reason an editor can read."""

    __tablename__ = "slots"
    __table_args__ = (UniqueConstraint("schedule_id", "due_at"),)

    id: Mapped[Id]
    schedule_id: Mapped[int] = mapped_column(ForeignKey("schedules.id", ondelete="CASCADE"))
    due_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(10), default=SlotState.OPEN.value, index=True)
    reason: Mapped[str] = mapped_column(Text, default="")
    settled_at: Mapped[datetime | None]

    schedule: Mapped[Schedule] = relationship()

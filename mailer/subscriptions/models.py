"""Subscribers, what they agreed to, the proof of it, the letters they are owed, and the addresses nobody may mail."""

from datetime import datetime, time
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, Integer, SmallInteger, String, Text, Time, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mailer.db import Base, BigInt, Id
from mailer.newsletters.models import EVERY_TOPIC, Newsletter

# Links carry numbers of rows. SQLite would give the number of a forgotten reader to the next one, who could then be
# confirmed or unsubscribed by an old mail.
_NUMBERED_ONCE = {"sqlite_autoincrement": True}


class Subscriber(Base):
    """One address. `address` is what the reader wrote, `address_key` what makes it unique."""

    __tablename__ = "subscribers"
    __table_args__ = _NUMBERED_ONCE

    id: Mapped[Id]
    address: Mapped[str] = mapped_column(String(320))
    address_key: Mapped[str] = mapped_column(String(320), unique=True)
    plain_text: Mapped[bool] = mapped_column(default=False)  # wants no HTML
    uncounted: Mapped[bool] = mapped_column(default=False)  # wants nothing counted: clicks, what they left from
    generation: Mapped[int] = mapped_column(Integer, default=1)  # counts the addresses; links of an older one are dead
    created_at: Mapped[datetime]


class SubscriptionState(StrEnum):
    """Where a consent stands."""

    PENDING = "pending"
    ACTIVE = "active"
    PAUSED = "paused"
    UNSUBSCRIBED = "unsubscribed"


_PENDING = text("state = 'pending'")
_PAUSED = text("state = 'paused'")
_AWAY = text("away_from IS NOT NULL")


class Subscription(Base):
    """A subscriber's consent to one newsletter, and what of it they want."""

    __tablename__ = "subscriptions"
    __table_args__ = (
        UniqueConstraint("subscriber_id", "newsletter_id"),
        Index("ix_subscriptions_audience", "newsletter_id", "state", "subscriber_id"),
        Index("ix_subscriptions_pending", "requested_at", sqlite_where=_PENDING, postgresql_where=_PENDING),
        Index("ix_subscriptions_paused", "paused_until", sqlite_where=_PAUSED, postgresql_where=_PAUSED),
        Index("ix_subscriptions_away", "newsletter_id", sqlite_where=_AWAY, postgresql_where=_AWAY),
        _NUMBERED_ONCE,
    )

    id: Mapped[Id]
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id", ondelete="CASCADE"))
    newsletter_id: Mapped[int] = mapped_column(ForeignKey("newsletters.id", ondelete="CASCADE"))
    state: Mapped[str] = mapped_column(String(12), default=SubscriptionState.PENDING.value)
    topics: Mapped[int] = mapped_column(BigInt, default=EVERY_TOPIC)
    schedule_id: Mapped[int | None] = mapped_column(ForeignKey("schedules.id", ondelete="SET NULL"))  # None: every one
    delivery_hour: Mapped[time | None] = mapped_column(Time)  # None: when the issue is sent
    timezone: Mapped[str] = mapped_column(String(60), default="")  # of the hours; empty: the newsletter's
    breaking: Mapped[bool] = mapped_column(default=False)  # asked for breaking news
    quiet_from: Mapped[time | None] = mapped_column(Time)  # no breaking news from here on, over midnight or not,
    quiet_until: Mapped[time | None] = mapped_column(Time)  # up to here; both or none
    away_from: Mapped[datetime | None]  # back from a pause that began then; until they got what they missed
    language: Mapped[str] = mapped_column(String(35), default="")  # of pages and letters; empty: the newsletter's
    created_at: Mapped[datetime]
    requested_at: Mapped[datetime]  # the last sign-up
    confirmed_at: Mapped[datetime | None]
    unsubscribed_at: Mapped[datetime | None]
    unsubscribed_issue_id: Mapped[int | None] = mapped_column(BigInt)  # the mail that was left from, if one
    leaving_reason: Mapped[str] = mapped_column(String(20), default="")
    paused_until: Mapped[datetime | None]
    request: Mapped[int] = mapped_column(Integer, default=1)  # counts the sign-ups

    subscriber: Mapped[Subscriber] = relationship()
    newsletter: Mapped[Newsletter] = relationship()


class ConsentEvent(StrEnum):
    """What a consent record proves."""

    REQUESTED = "requested"
    CONFIRMED = "confirmed"
    IMPORTED = "imported"
    UNSUBSCRIBED = "unsubscribed"
    CHANGED = "changed"
    PAUSED = "paused"
    RESUMED = "resumed"
    MOVED = "moved"


class ConsentRecord(Base):
    """Append-only proof of one step: what was shown, where, when, from which network."""

    __tablename__ = "consent_records"

    id: Mapped[Id]
    subscription_id: Mapped[int] = mapped_column(ForeignKey("subscriptions.id", ondelete="CASCADE"), index=True)
    event: Mapped[str] = mapped_column(String(14))
    at: Mapped[datetime]
    address: Mapped[str] = mapped_column(String(320))
    wording: Mapped[str] = mapped_column(Text, default="")
    wording_hash: Mapped[str] = mapped_column(String(64), default="")  # SHA-256 of the wording, hexadecimal
    page: Mapped[str] = mapped_column(Text, default="")
    form: Mapped[str] = mapped_column(String(120), default="")
    form_version: Mapped[int] = mapped_column(Integer, default=0)  # 0: the wording is the page's own
    detail: Mapped[str] = mapped_column(Text, default="")  # what was changed, from what to what
    network: Mapped[str] = mapped_column(String(45), default="")


class LetterKind(StrEnum):
    """What a letter of the house is about."""

    CONFIRMATION = "confirmation"
    REMINDER = "reminder"
    ALREADY = "already"
    PREFERENCES = "preferences"
    MOVE = "move"


_MOVE = text(f"kind = '{LetterKind.MOVE.value}'")
_OWED = text("due_at IS NOT NULL")
_MAILED = text("due_at IS NOT NULL OR attempts > 0")
_UNMAILED = text("due_at IS NULL AND attempts = 0")


class OwedLetter(Base):
    """A letter of the house to one reader; the row is the work.

    It is owed from `due_at` until a worker claims it (the column becomes the end of the claim) and records it as sent
    (the column becomes empty). One that may not be mailed is kept with an empty `due_at`: every sign-up makes a row, so
    that its code can be tried as often as any other.
    """

    __tablename__ = "owed_letters"
    __table_args__ = (
        Index("ix_owed_letters_subscriber", "subscriber_id", "created_at"),
        Index("ix_owed_letters_due_at", "due_at", sqlite_where=_OWED, postgresql_where=_OWED),
        # A flood makes rows that are never mailed: those who count the mails must not read them.
        Index("ix_owed_letters_mailed", "subscriber_id", sqlite_where=_MAILED, postgresql_where=_MAILED),
        Index("ix_owed_letters_moves", "created_at", sqlite_where=_MOVE, postgresql_where=_MOVE),
        Index("ix_owed_letters_unmailed", "created_at", sqlite_where=_UNMAILED, postgresql_where=_UNMAILED),
        _NUMBERED_ONCE,
    )

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(14))
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id", ondelete="CASCADE"))
    subscription_id: Mapped[int | None] = mapped_column(ForeignKey("subscriptions.id", ondelete="CASCADE"), index=True)
    request: Mapped[int] = mapped_column(Integer, default=0)  # the sign-up it belongs to
    new_address: Mapped[str] = mapped_column(String(320), default="")  # where a MOVE leads, and where it is mailed to
    site: Mapped[str] = mapped_column(String(253), default="")  # host of the page, only if its form allows it
    ref_hash: Mapped[str] = mapped_column(String(64), default="", index=True)  # of the page that may use the code
    tries: Mapped[int] = mapped_column(SmallInteger, default=0)  # wrong codes
    created_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)

    subscriber: Mapped[Subscriber] = relationship()
    subscription: Mapped[Subscription | None] = relationship()

    @property
    def is_mailed(self) -> bool:
        """Whether it is mailed, has been, or was tried."""
        return self.due_at is not None or self.attempts > 0


class Suppression(Base):
    """An address nobody may mail, in any newsletter.

    Of a reader who was erased and never wants mail, `address_key` holds a keyed hash instead of the address.
    """

    __tablename__ = "suppressions"

    id: Mapped[Id]
    address_key: Mapped[str] = mapped_column(String(320), unique=True)
    reason: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]

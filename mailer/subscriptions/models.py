"""Subscribers, what they agreed to, the proof of it, and the addresses nobody may mail."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mailer.db import Base, BigInt, Id
from mailer.newsletters.models import EVERY_TOPIC, Newsletter


class Subscriber(Base):
    """One address. `address` is what the reader wrote, `address_key` what makes it unique."""

    __tablename__ = "subscribers"

    id: Mapped[Id]
    address: Mapped[str] = mapped_column(String(320))
    address_key: Mapped[str] = mapped_column(String(320), unique=True)
    created_at: Mapped[datetime]


class SubscriptionState(StrEnum):
    """Where a consent stands."""

    PENDING = "pending"
    ACTIVE = "active"
    PAUSED = "paused"
    UNSUBSCRIBED = "unsubscribed"


class Subscription(Base):
    """A subscriber's consent to one newsletter, and what of it they want.

    The confirmation mail is owed from `confirmation_due_at` until a worker claims it (the column becomes the end of
    the claim) and records it as sent (the column becomes empty).
    """

    __tablename__ = "subscriptions"
    __table_args__ = (
        UniqueConstraint("subscriber_id", "newsletter_id"),
        Index("ix_subscriptions_audience", "newsletter_id", "state", "subscriber_id"),
    )

    id: Mapped[Id]
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id", ondelete="CASCADE"))
    newsletter_id: Mapped[int] = mapped_column(ForeignKey("newsletters.id", ondelete="CASCADE"))
    state: Mapped[str] = mapped_column(String(12), default=SubscriptionState.PENDING.value)
    topics: Mapped[int] = mapped_column(BigInt, default=EVERY_TOPIC)
    schedule_id: Mapped[int | None] = mapped_column(ForeignKey("schedules.id", ondelete="SET NULL"))  # None: every one
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    unsubscribed_at: Mapped[datetime | None]
    unsubscribed_issue_id: Mapped[int | None] = mapped_column(BigInt)  # the mail that was left from, if one
    paused_until: Mapped[datetime | None]
    request: Mapped[int] = mapped_column(Integer, default=1)  # counts the sign-ups
    confirmation_due_at: Mapped[datetime | None] = mapped_column(index=True)
    confirmation_sent_at: Mapped[datetime | None]
    confirmation_attempts: Mapped[int] = mapped_column(Integer, default=0)

    subscriber: Mapped[Subscriber] = relationship()
    newsletter: Mapped[Newsletter] = relationship()


class ConsentEvent(StrEnum):
    """What a consent record proves."""

    REQUESTED = "requested"
    CONFIRMED = "confirmed"
    IMPORTED = "imported"
    UNSUBSCRIBED = "unsubscribed"


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
    network: Mapped[str] = mapped_column(String(45), default="")


class Suppression(Base):
    """An address nobody may mail, in any newsletter."""

    __tablename__ = "suppressions"

    id: Mapped[Id]
    address_key: Mapped[str] = mapped_column(String(320), unique=True)
    reason: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]

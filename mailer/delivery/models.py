"""One row per reader and issue, and the batches in which the rows are claimed."""

from datetime import datetime
from enum import IntEnum, StrEnum

from sqlalchemy import ForeignKey, Index, Integer, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from mailer.db import Base, BigInt


class DeliveryState(IntEnum):
    """What is known of one reader's mail. Only QUEUED and DEFERRED are still open."""

    QUEUED = 0
    DEFERRED = 1
    ACCEPTED = 2
    REFUSED = 3
    UNCERTAIN = 4
    SKIPPED = 5


class SkipReason(StrEnum):
    """Why a reader of the audience gets no mail."""

    TOPICS = "topics"
    RECEIVED = "received"
    WITHHELD = "withheld"
    STALE = "stale"
    UNSUBSCRIBED = "unsubscribed"
    SUPPRESSED = "suppressed"
    PAUSED = "paused"
    CANCELLED = "cancelled"


class Delivery(Base):
    """One issue to one subscriber. `edition` is the mask of the issue's articles that this reader gets.

    `answer` keeps what the relay said, or in a skipped one the SkipReason.
    """

    __tablename__ = "deliveries"

    issue_id: Mapped[int] = mapped_column(BigInt, ForeignKey("issues.id", ondelete="CASCADE"), primary_key=True)
    subscriber_id: Mapped[int] = mapped_column(BigInt, primary_key=True)  # no foreign key: the books outlive the reader
    state: Mapped[int] = mapped_column(SmallInteger, default=DeliveryState.QUEUED.value)
    edition: Mapped[int] = mapped_column(BigInt, default=0)
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    due_at: Mapped[datetime | None]  # not before; of a deferred one, or at the hour that the reader chose
    settled_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(String(500), default="")


class BatchState(IntEnum):
    """Where a batch stands."""

    OPEN = 0
    CLAIMED = 1
    DONE = 2


URGENT = 0
"""The priority of batches that go before all others: breaking news."""


class Batch(Base):
    """A range of subscribers of one issue that one worker claims at a time.

    Open from `due_at` on. A claim raises `fence` and holds until `lease_until`; whoever records under an older fence
    records nothing. A batch with deferred deliveries opens again when the first of them is due.
    """

    __tablename__ = "batches"
    __table_args__ = (Index("ix_batches_due", "state", "priority", "due_at"),)

    issue_id: Mapped[int] = mapped_column(BigInt, ForeignKey("issues.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    first_id: Mapped[int] = mapped_column(BigInt)
    last_id: Mapped[int] = mapped_column(BigInt)
    state: Mapped[int] = mapped_column(SmallInteger, default=BatchState.OPEN.value)
    priority: Mapped[int] = mapped_column(SmallInteger, default=1)  # URGENT goes before 1, whatever its time
    due_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    owner: Mapped[str] = mapped_column(String(100), default="")
    fence: Mapped[int] = mapped_column(Integer, default=0)

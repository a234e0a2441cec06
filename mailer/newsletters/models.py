"""Newsletters, their topics, their rhythms, each due moment of a rhythm, and the forms that people sign up with."""

from datetime import date, datetime, time, timedelta
from enum import StrEnum

from sqlalchemy import Date, Dialect, ForeignKey, Integer, SmallInteger, String, Text, TypeDecorator, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mailer.db import Base, BigInt, Id
from mailer.newsletters.calendar import Rhythm

EVERY_TOPIC = (1 << 62) - 1
"""The mask of a reader who chose nothing in particular: all topics, also those made later."""


class Disposable(StrEnum):
    """What to say to an address of a provider that throws mailboxes away after minutes."""

    ALLOW = "allow"
    ASK = "ask"
    REFUSE = "refuse"


class Archive(StrEnum):
    """Who may read the issues that went out: everybody, who knows the address, or only who has a link from a mail."""

    PUBLIC = "public"
    UNLISTED = "unlisted"
    PRIVATE = "private"


class Times(TypeDecorator[list[time]]):
    """Hours of a day, in order, kept as text: "07:00,12:30"."""

    impl = String(200)
    cache_ok = True

    def process_bind_param(self, value: list[time] | None, dialect: Dialect) -> str | None:
        return None if value is None else ",".join(f"{hour:%H:%M}" for hour in sorted(set(value)))

    def process_result_value(self, value: str | None, dialect: Dialect) -> list[time] | None:
        return None if value is None else [time.fromisoformat(hour) for hour in value.split(",") if hour]


class Newsletter(Base):
    """What one subscribes to.

    Its look: the logo instead of the name, the accent colour of buttons and sections on light and on dark ("#0f6172";
    empty for the house's), and what stands at the foot before the postal address.
    """

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
    takes_readers: Mapped[bool] = mapped_column(default=True)
    disposable: Mapped[str] = mapped_column(String(10), default=Disposable.ASK.value)
    archive: Mapped[str] = mapped_column(String(10), default=Archive.UNLISTED.value)
    logo_url: Mapped[str] = mapped_column(String(2000), default="")
    accent: Mapped[str] = mapped_column(String(7), default="")
    accent_dark: Mapped[str] = mapped_column(String(7), default="")
    footer: Mapped[str] = mapped_column(Text, default="")
    breaking_cap: Mapped[int] = mapped_column(SmallInteger, default=0)  # breaking news a day; 0: it brings none
    created_at: Mapped[datetime]

    topics: Mapped[list["Topic"]] = relationship(back_populates="newsletter", order_by="Topic.bit")
    schedules: Mapped[list["Schedule"]] = relationship(back_populates="newsletter", order_by="Schedule.id")
    forms: Mapped[list["Form"]] = relationship(back_populates="newsletter", order_by="Form.id")


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
    """How an issue of a schedule leaves: by itself, by itself unless somebody holds the draft, or by hand."""

    AUTOMATIC = "automatic"
    UNLESS_HELD = "unless_held"
    BY_HAND = "by_hand"


LOOK_AT_LINKS = timedelta(minutes=2)


class Schedule(Base):
    """A rhythm on the newsletter's clock, and the recipe of its issues.

    Its draft is made `lead_minutes` before the slot. With `readers_hour` readers may take its issues at an hour of
    their own.
    """

    __tablename__ = "schedules"

    id: Mapped[Id]
    newsletter_id: Mapped[int] = mapped_column(ForeignKey("newsletters.id", ondelete="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(String(120))
    weekdays: Mapped[int] = mapped_column(SmallInteger)  # bit 0 is Monday
    nth: Mapped[int] = mapped_column(SmallInteger, default=0)  # 1 to 4: that one of the month, -1: the last, 0: each
    month_day: Mapped[int] = mapped_column(SmallInteger, default=0)  # 1 to 31, or the last; 0: by weekdays
    hours: Mapped[list[time]] = mapped_column(Times)
    lead_minutes: Mapped[int] = mapped_column(SmallInteger, default=0)
    readers_hour: Mapped[bool] = mapped_column(default=True)
    template: Mapped[str] = mapped_column(String(60), default="digest")
    mode: Mapped[str] = mapped_column(String(20), default=Mode.BY_HAND.value)
    minimum_articles: Mapped[int] = mapped_column(SmallInteger, default=1)
    maximum_articles: Mapped[int] = mapped_column(SmallInteger, default=12)
    freshness_minutes: Mapped[int] = mapped_column(SmallInteger, default=240)
    active: Mapped[bool] = mapped_column(default=True)
    starts_at: Mapped[datetime]  # no slot before it
    made_until: Mapped[datetime | None]  # by this rhythm, every slot up to here is made

    newsletter: Mapped[Newsletter] = relationship(back_populates="schedules")

    @property
    def rhythm(self) -> Rhythm:
        """When its slots are due."""
        return Rhythm(self.weekdays, tuple(self.hours), self.nth, self.month_day)

    @property
    def lead(self) -> timedelta:
        """How long before the slot its draft is made. One that leaves by itself has time to look at its links."""
        return LOOK_AT_LINKS if self.mode == Mode.AUTOMATIC else timedelta(minutes=self.lead_minutes)


class Holiday(Base):
    """A day, on the newsletter's calendar, on which none of its schedules brings an issue."""

    __tablename__ = "holidays"
    __table_args__ = (UniqueConstraint("newsletter_id", "day"),)

    id: Mapped[Id]
    newsletter_id: Mapped[int] = mapped_column(ForeignKey("newsletters.id", ondelete="CASCADE"))
    day: Mapped[date] = mapped_column(Date)
    title: Mapped[str] = mapped_column(String(120), default="")


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


MAIN_FORM = "main"
"""The form that every newsletter has from its beginning."""


class Form(Base):
    """A way to sign up that stands on somebody's pages. `version` counts its wordings, for the proof of consent.

    A text that is empty is said in the words of the house, in the form's language. `origins` holds one origin per
    line, none for any site.
    """

    __tablename__ = "forms"
    __table_args__ = (UniqueConstraint("newsletter_id", "slug"),)

    id: Mapped[Id]
    newsletter_id: Mapped[int] = mapped_column(ForeignKey("newsletters.id", ondelete="CASCADE"))
    slug: Mapped[str] = mapped_column(String(60))
    heading: Mapped[str] = mapped_column(String(120), default="")
    text: Mapped[str] = mapped_column(String(500), default="")
    button: Mapped[str] = mapped_column(String(60), default="")
    wording: Mapped[str] = mapped_column(String(500), default="")  # what the reader agrees to
    version: Mapped[int] = mapped_column(Integer, default=1)
    language: Mapped[str] = mapped_column(String(35), default="")  # empty: the newsletter's
    origins: Mapped[str] = mapped_column(Text, default="")
    topics: Mapped[int] = mapped_column(BigInt, default=EVERY_TOPIC)  # ticked beforehand
    proof_until: Mapped[datetime | None]  # a flood came: until then a sign-up costs a proof of work
    created_at: Mapped[datetime]

    newsletter: Mapped[Newsletter] = relationship(back_populates="forms")

"""Sources, the articles they bring, and where each article was seen."""

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mailer.db import Base, Id
from mailer.newsletters.models import Newsletter, Topic


class Source(Base):
    """Where articles of a newsletter come from. It is due at `next_poll_at`; a poll claims it by moving that ahead."""

    __tablename__ = "sources"
    __table_args__ = (UniqueConstraint("newsletter_id", "url"),)

    id: Mapped[Id]
    newsletter_id: Mapped[int] = mapped_column(ForeignKey("newsletters.id", ondelete="CASCADE"))
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topics.id", ondelete="SET NULL"))
    url: Mapped[str] = mapped_column(String(2000))
    title: Mapped[str] = mapped_column(String(300), default="")
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    next_poll_at: Mapped[datetime] = mapped_column(index=True)
    polled_at: Mapped[datetime | None]
    succeeded_at: Mapped[datetime | None]
    etag: Mapped[str] = mapped_column(String(500), default="")
    last_modified: Mapped[str] = mapped_column(String(100), default="")
    failures: Mapped[int] = mapped_column(Integer, default=0)  # in a row
    error: Mapped[str] = mapped_column(Text, default="")  # of the last poll, in words; empty after a good one

    newsletter: Mapped[Newsletter] = relationship()
    topic: Mapped[Topic | None] = relationship()


class Article(Base):
    """One thing to read, known by its canonical address."""

    __tablename__ = "articles"

    id: Mapped[Id]
    canonical_url: Mapped[str] = mapped_column(String(2000), unique=True)
    url: Mapped[str] = mapped_column(String(2000))  # as the source gave it; what readers follow
    title: Mapped[str] = mapped_column(Text)
    summary: Mapped[str] = mapped_column(Text, default="")  # text, never HTML
    picture_url: Mapped[str] = mapped_column(String(2000), default="")
    picture_alt: Mapped[str] = mapped_column(Text, default="")
    author: Mapped[str] = mapped_column(String(300), default="")
    section: Mapped[str] = mapped_column(String(200), default="")
    language: Mapped[str] = mapped_column(String(35), default="")
    published_at: Mapped[datetime | None]  # None: the source does not say
    seen_at: Mapped[datetime] = mapped_column(index=True)
    updated_at: Mapped[datetime]


class Sighting(Base):
    """An article seen at a source, with the identifier that source gives it."""

    __tablename__ = "sightings"

    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"), primary_key=True, index=True)
    guid: Mapped[str] = mapped_column(String(2000), default="")
    seen_at: Mapped[datetime]

    article: Mapped[Article] = relationship()
    source: Mapped[Source] = relationship()

"""Issues and the articles in them, with the text as this issue prints it."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Integer, SmallInteger, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mailer.articles.models import Article
from mailer.db import Base, BigInt, Id
from mailer.newsletters.models import Newsletter, Slot


class IssueState(StrEnum):
    """Where an issue stands. Its text is frozen from `sending` on."""

    DRAFT = "draft"
    SENDING = "sending"
    PAUSED = "paused"
    SENT = "sent"
    CANCELLED = "cancelled"


class Issue(Base):
    """One dated edition of a newsletter. `version` grows with each change of a draft: a stale editor is told."""

    __tablename__ = "issues"

    id: Mapped[Id]
    newsletter_id: Mapped[int] = mapped_column(ForeignKey("newsletters.id", ondelete="CASCADE"), index=True)
    slot_id: Mapped[int | None] = mapped_column(
        ForeignKey("slots.id", ondelete="SET NULL"), unique=True
    )  # None: by hand
    schedule_id: Mapped[int | None] = mapped_column(ForeignKey("schedules.id", ondelete="SET NULL"))
    state: Mapped[str] = mapped_column(String(10), default=IssueState.DRAFT.value, index=True)
    version: Mapped[int] = mapped_column(Integer, default=1)
    subject: Mapped[str] = mapped_column(Text)
    preview_line: Mapped[str] = mapped_column(Text, default="")
    note: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    released_at: Mapped[datetime | None]
    released_by: Mapped[str] = mapped_column(String(254), default="")
    fanned_out_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    audience: Mapped[int] = mapped_column(Integer, default=0)  # readers named at fan-out

    newsletter: Mapped[Newsletter] = relationship()
    slot: Mapped[Slot | None] = relationship()
    articles: Mapped[list["IssueArticle"]] = relationship(
        back_populates="issue", order_by="IssueArticle.position", cascade="all, delete-orphan"
    )


class IssueArticle(Base):
    """An article in an issue. The text is a copy: the editor's wording stays here, the article is not changed.

    `topics` is the mask of topics it belongs to; 0 means it is for every reader.
    """

    __tablename__ = "issue_articles"
    __table_args__ = (UniqueConstraint("issue_id", "article_id"),)

    id: Mapped[Id]
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id", ondelete="CASCADE"), index=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"))
    position: Mapped[int] = mapped_column(SmallInteger)
    topics: Mapped[int] = mapped_column(BigInt, default=0)
    url: Mapped[str] = mapped_column(String(2000))
    title: Mapped[str] = mapped_column(Text)
    summary: Mapped[str] = mapped_column(Text, default="")
    picture_url: Mapped[str] = mapped_column(String(2000), default="")
    picture_alt: Mapped[str] = mapped_column(Text, default="")
    author: Mapped[str] = mapped_column(String(300), default="")
    section: Mapped[str] = mapped_column(String(200), default="")
    language: Mapped[str] = mapped_column(String(35), default="")

    issue: Mapped[Issue] = relationship(back_populates="articles")
    article: Mapped[Article] = relationship()

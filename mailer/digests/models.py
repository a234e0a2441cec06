"""Issues, the articles in them with the text as this issue prints it, their editions, and templates of editors."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Integer, SmallInteger, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mailer.articles.models import Article, Correction
from mailer.db import Base, BigInt, Id
from mailer.newsletters.models import Newsletter, Slot


class IssueState(StrEnum):
    """Where an issue stands. Its text is frozen from `sending` on."""

    DRAFT = "draft"
    SENDING = "sending"
    PAUSED = "paused"
    SENT = "sent"
    CANCELLED = "cancelled"


class IssueKind(StrEnum):
    """What an issue is for, and so who gets it."""

    DIGEST = "digest"  # the readers of its schedule, or all when made by hand
    AWAY = "away"  # readers back from a pause, with what they missed
    BREAKING = "breaking"  # those who asked for breaking news
    CORRECTION = "correction"  # who received the article that its correction is about


class Issue(Base):
    """One dated edition of a newsletter. `version` grows with each change of a draft: a stale editor is told.

    A draft with a `leaves_at` leaves by itself then, unless somebody holds it (`held_at`); `problem` says in words why
    it did not. `template` names the look: digest, brief, single, breaking, correction, or own (then `own_template_id`
    says which; from the release on that version stays).
    """

    __tablename__ = "issues"

    id: Mapped[Id]
    newsletter_id: Mapped[int] = mapped_column(ForeignKey("newsletters.id", ondelete="CASCADE"), index=True)
    slot_id: Mapped[int | None] = mapped_column(
        ForeignKey("slots.id", ondelete="SET NULL"), unique=True
    )  # None: by hand
    schedule_id: Mapped[int | None] = mapped_column(ForeignKey("schedules.id", ondelete="SET NULL"))
    kind: Mapped[str] = mapped_column(String(10), default=IssueKind.DIGEST.value)
    correction_id: Mapped[int | None] = mapped_column(ForeignKey("corrections.id"))
    template: Mapped[str] = mapped_column(String(60), default="digest")
    own_template_id: Mapped[int | None] = mapped_column(ForeignKey("own_templates.id"))
    state: Mapped[str] = mapped_column(String(10), default=IssueState.DRAFT.value, index=True)
    version: Mapped[int] = mapped_column(Integer, default=1)
    subject: Mapped[str] = mapped_column(Text)
    preview_line: Mapped[str] = mapped_column(Text, default="")
    note: Mapped[str] = mapped_column(Text, default="")
    ad_title: Mapped[str] = mapped_column(String(200), default="")
    ad_text: Mapped[str] = mapped_column(Text, default="")
    ad_url: Mapped[str] = mapped_column(String(2000), default="")
    ad_picture_url: Mapped[str] = mapped_column(String(2000), default="")
    leaves_at: Mapped[datetime | None] = mapped_column(index=True)
    held_at: Mapped[datetime | None]
    held_by: Mapped[str] = mapped_column(String(254), default="")
    problem: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    released_at: Mapped[datetime | None]
    released_by: Mapped[str] = mapped_column(String(254), default="")
    fanned_out_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    audience: Mapped[int] = mapped_column(Integer, default=0)  # readers named at fan-out
    editions: Mapped[int] = mapped_column(Integer, default=0)  # different ones among them

    newsletter: Mapped[Newsletter] = relationship()
    slot: Mapped[Slot | None] = relationship()
    correction: Mapped[Correction | None] = relationship()
    own_template: Mapped["OwnTemplate | None"] = relationship()
    articles: Mapped[list["IssueArticle"]] = relationship(
        back_populates="issue", order_by="IssueArticle.position", cascade="all, delete-orphan"
    )


PRINTED = ("url", "title", "summary", "picture_url", "picture_alt", "author", "section", "language")
"""What an issue copies of an article."""


class IssueArticle(Base):
    """An article in an issue. The text is a copy: the editor's wording stays here, the article is not changed.

    `topics` is the mask of topics it belongs to; 0 means it is for every reader. From the release on the `position`s
    count from 0 without a gap, and each is the article's bit in every edition. `heading` begins a section above it;
    `layout` is lead, picture, text or brief, empty for what its place says.
    """

    __tablename__ = "issue_articles"
    __table_args__ = (UniqueConstraint("issue_id", "article_id"),)

    id: Mapped[Id]
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id", ondelete="CASCADE"), index=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), index=True)
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
    heading: Mapped[str] = mapped_column(String(120), default="")
    layout: Mapped[str] = mapped_column(String(8), default="")
    as_of: Mapped[datetime | None]  # the article as it was then; later changes of it are offered to the editor

    issue: Mapped[Issue] = relationship(back_populates="articles")
    article: Mapped[Article] = relationship()

    @property
    def bit(self) -> int:
        """Its place in the mask that names an edition."""
        return 1 << self.position


MOST_ARTICLES = 60
"""In one issue: an edition is a mask of them in a signed 64-bit number."""

EVERY_ARTICLE = (1 << 62) - 1
"""The edition with all articles of an issue."""


class Edition(Base):
    """An issue as some of its readers see it: the articles whose bits are in `mask`, and how many readers it has."""

    __tablename__ = "editions"

    issue_id: Mapped[int] = mapped_column(BigInt, ForeignKey("issues.id", ondelete="CASCADE"), primary_key=True)
    mask: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    readers: Mapped[int] = mapped_column(Integer)


class OwnTemplate(Base):
    """A version of a template that an editor brought. A version never changes: a change makes the next one."""

    __tablename__ = "own_templates"
    __table_args__ = (UniqueConstraint("newsletter_id", "name", "version"),)

    id: Mapped[Id]
    newsletter_id: Mapped[int] = mapped_column(ForeignKey("newsletters.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(60))
    version: Mapped[int] = mapped_column(Integer, default=1)
    mjml: Mapped[bool] = mapped_column(default=False)  # MJML around the Liquid, else HTML
    html: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)  # the plain-text part
    active: Mapped[bool] = mapped_column(default=True)  # of the newest version: it may be chosen
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(254), default="")

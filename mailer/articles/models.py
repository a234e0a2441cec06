"""Sources, the articles they bring, where each article was seen, and how it changed."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mailer.articles.kinds import SourceKind
from mailer.db import Base, BigInt, Id
from mailer.newsletters.models import Newsletter, Topic


class Take(StrEnum):
    """What an editor decided of items that were held for a look: news, or known from before under other names."""

    AS_NEWS = "news"
    AS_KNOWN = "known"


class Source(Base):
    """Where articles of a newsletter come from. It is due at `next_poll_at`; a poll claims it by moving that ahead.

    When suspiciously many items look new at once, none is stored: `held_at` and `held_count` say so until an editor
    decides; `take` is the decision, for the next poll.
    """

    __tablename__ = "sources"
    __table_args__ = (UniqueConstraint("newsletter_id", "url"),)

    id: Mapped[Id]
    newsletter_id: Mapped[int] = mapped_column(ForeignKey("newsletters.id", ondelete="CASCADE"))
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topics.id", ondelete="SET NULL"))
    kind: Mapped[str] = mapped_column(String(10), default=SourceKind.FEED.value)
    url: Mapped[str] = mapped_column(String(2000))
    host: Mapped[str] = mapped_column(String(253), default="", index=True)  # polls of one host keep a distance
    title: Mapped[str] = mapped_column(String(300), default="")
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    next_poll_at: Mapped[datetime] = mapped_column(index=True)
    polled_at: Mapped[datetime | None]
    succeeded_at: Mapped[datetime | None]
    etag: Mapped[str] = mapped_column(String(500), default="")
    last_modified: Mapped[str] = mapped_column(String(100), default="")
    interval_minutes: Mapped[int] = mapped_column(Integer, default=5)  # between two polls
    habit_minutes: Mapped[int | None]  # usual time between two new articles; None: not known yet
    newest_at: Mapped[datetime | None]  # when it last brought something new
    since: Mapped[datetime | None]  # where the next page-wise reading goes on (WordPress)
    held_at: Mapped[datetime | None]
    held_count: Mapped[int] = mapped_column(Integer, default=0)
    take: Mapped[str] = mapped_column(String(5), default="")
    key_hash: Mapped[str] = mapped_column(String(64), default="")  # SHA-256 of the key that a push shows
    failures: Mapped[int] = mapped_column(Integer, default=0)  # in a row
    error: Mapped[str] = mapped_column(Text, default="")  # of the last poll, in words; empty after a good one

    newsletter: Mapped[Newsletter] = relationship()
    topic: Mapped[Topic | None] = relationship()


class Article(Base):
    """One thing to read, known by its canonical address.

    Near-duplicates share a `cluster_id`, which is the id of the first of them; None stands alone. `backlog` marks what
    came with items taken as known: no issue takes it by itself.
    """

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
    categories: Mapped[str] = mapped_column(Text, default="")  # of the source, one to a line
    language: Mapped[str] = mapped_column(String(35), default="")  # declared, else detected; "" where neither
    cluster_id: Mapped[int | None] = mapped_column(BigInt, index=True)
    backlog: Mapped[bool] = mapped_column(default=False)
    embargo_until: Mapped[datetime | None]  # not by mail before it
    held_at: Mapped[datetime | None]  # an editor holds it: not by mail at all
    held_by: Mapped[str] = mapped_column(String(254), default="")
    retracted_at: Mapped[datetime | None]
    gone_at: Mapped[datetime | None]  # since then its address answers that there is nothing
    checked_at: Mapped[datetime | None]  # when its address was last asked
    link_problem: Mapped[str] = mapped_column(Text, default="")  # what it answered then, in words; empty: all is well
    picture_problem: Mapped[str] = mapped_column(Text, default="")
    published_at: Mapped[datetime | None]  # None: the source does not say
    seen_at: Mapped[datetime] = mapped_column(index=True)
    updated_at: Mapped[datetime]


class ArticleAlias(Base):
    """Another canonical address of an article: the one it moved from, or one that leads to it."""

    __tablename__ = "article_aliases"

    canonical_url: Mapped[str] = mapped_column(String(2000), primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"), index=True)


class ArticlePrint(Base):
    """One of the few numbers by which articles that are worded alike find each other."""

    __tablename__ = "article_prints"

    value: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    article_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class Sighting(Base):
    """An article seen at a source, with the identifier that source gives it."""

    __tablename__ = "sightings"

    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"), primary_key=True, index=True)
    guid: Mapped[str] = mapped_column(String(2000), default="")
    seen_at: Mapped[datetime]

    article: Mapped[Article] = relationship()
    source: Mapped[Source] = relationship()


class ArticleChange(Base):
    """What an update of the source changed in an article, field by field."""

    __tablename__ = "article_changes"

    id: Mapped[Id]
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    field: Mapped[str] = mapped_column(String(20))
    before: Mapped[str] = mapped_column(Text, default="")
    after: Mapped[str] = mapped_column(Text, default="")


class TopicRule(Base):
    """An article with this category, whatever its case, belongs to the topic; from one source or from all."""

    __tablename__ = "topic_rules"
    __table_args__ = (UniqueConstraint("newsletter_id", "source_id", "category"),)

    id: Mapped[Id]
    newsletter_id: Mapped[int] = mapped_column(ForeignKey("newsletters.id", ondelete="CASCADE"))
    source_id: Mapped[int | None] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"))  # None: of any source
    category: Mapped[str] = mapped_column(String(200))  # as `topics` folds capital letters
    topic_id: Mapped[int] = mapped_column(ForeignKey("topics.id", ondelete="CASCADE"))

    topic: Mapped[Topic] = relationship()
    source: Mapped[Source | None] = relationship()


class Correction(Base):
    """What an editor said later about an article that readers have: it was corrected, or taken back."""

    __tablename__ = "corrections"

    id: Mapped[Id]
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"), index=True)
    retracted: Mapped[bool] = mapped_column(default=False)
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(254), default="")

    article: Mapped[Article] = relationship()

"""What is new for the readers of a schedule: the articles that an issue could have now, and why it has not the others.

New is what the newsletter's active sources brought since the last draft, or what might not be mailed until after it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, Subquery, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from mailer.articles.models import Article, Sighting, Source
from mailer.articles.withholding import withheld
from mailer.digests.models import Issue, IssueArticle, IssueKind, IssueState
from mailer.digests.selection import Candidate
from mailer.newsletters.models import Schedule

MOST_CANDIDATES = 200
"""Articles looked at for one issue."""
OVERLAP = timedelta(minutes=1)
"""How far we look back behind the last draft: a poll that was still storing then is older than it, but was not seen."""


@dataclass(frozen=True)
class Known:
    """An article that some source of the newsletter brought, with what keeps it out of an issue.

    `seen_at` is when an active source first brought it, None when all that did are asleep. `in_issue` is when the
    issue was made in which these readers have it, or one that is told alike.
    """

    article: Article
    seen_at: datetime | None
    in_issue: datetime | None


def candidates(session: Session, newsletter_id: int, schedule: Schedule | None, at: datetime) -> list[Candidate]:
    """The newest articles that an issue of these readers could have, if it left at `at`."""
    seen = _sightings(newsletter_id)
    since = drafted_last(session, newsletter_id, schedule, at)
    newest = func.coalesce(Article.published_at, seen.c.seen_at)
    query = (
        select(Article.id, seen.c.seen_at, Article.published_at, Article.picture_url != "", Article.cluster_id)
        .join(seen, seen.c.article_id == Article.id)
        .where(seen.c.seen_at.is_not(None), ~Article.backlog, ~withheld(at))
        .where(_told_as(Article).not_in(_told(newsletter_id, schedule)))
        .order_by(newest.desc(), Article.id)
        .limit(MOST_CANDIDATES)
    )
    if since is not None:
        query = query.where(_available(seen) > since)
    return [Candidate(*row) for row in session.execute(query)]


def drafted_last(session: Session, newsletter_id: int, schedule: Schedule | None, at: datetime) -> datetime | None:
    """What was there before this moment is old; None when there was no issue. One that a wrong clock dated is none."""
    last = select(func.max(Issue.created_at)).where(_living(newsletter_id), Issue.created_at <= at)
    if schedule is not None:
        last = last.where(Issue.schedule_id == schedule.id)
    drafted_at = session.scalar(last)
    return None if drafted_at is None else drafted_at - OVERLAP


def known(session: Session, newsletter_id: int, schedule: Schedule | None, most: int) -> list[Known]:
    """The articles that came in last, whatever became of them, newest first."""
    seen = _sightings(newsletter_id)
    query = select(Article, seen.c.seen_at).join(seen, seen.c.article_id == Article.id)
    rows = session.execute(query.order_by(seen.c.first_seen_at.desc(), Article.id.desc()).limit(most)).all()
    told = _told_at(session, newsletter_id, schedule, [article for article, _ in rows])
    return [Known(article, seen_at, told.get(_key(article))) for article, seen_at in rows]


def _sightings(newsletter_id: int) -> Subquery:
    """When any source first brought each article, and when an active one did."""
    query = (
        select(
            Sighting.article_id,
            func.min(Sighting.seen_at).label("first_seen_at"),
            func.min(case((Source.active, Sighting.seen_at))).label("seen_at"),
        )
        .join(Source, Source.id == Sighting.source_id)
        .where(Source.newsletter_id == newsletter_id)
        .group_by(Sighting.article_id)
    )
    return query.subquery()


def _available(seen: Subquery) -> ColumnElement[datetime]:
    """From when on it could be mailed."""
    return case((Article.embargo_until > seen.c.seen_at, Article.embargo_until), else_=seen.c.seen_at)


def _living(newsletter_id: int) -> ColumnElement[bool]:
    """A digest of the newsletter that was not cancelled; a cancelled one gives its articles back."""
    return (
        (Issue.newsletter_id == newsletter_id)
        & (Issue.state != IssueState.CANCELLED)
        & (Issue.kind == IssueKind.DIGEST)
    )


def _readers_have(newsletter_id: int, schedule: Schedule | None) -> ColumnElement[bool]:
    """An issue that these readers have or will have.

    A released issue by hand went to everybody. A draft by hand may never leave, so it keeps nothing from a schedule.
    """
    living = _living(newsletter_id)
    if schedule is None:
        return living
    by_hand = Issue.schedule_id.is_(None) & (Issue.state != IssueState.DRAFT)
    return living & or_(Issue.schedule_id == schedule.id, by_hand)


def _told_as(article: type[Article]) -> ColumnElement[int]:
    """The same for articles that are told alike."""
    return func.coalesce(article.cluster_id, article.id)


def _told(newsletter_id: int, schedule: Schedule | None) -> Select[int]:
    """What these readers have, or will have."""
    there = aliased(Article)
    query = select(_told_as(there)).join(IssueArticle, IssueArticle.article_id == there.id).join(Issue)
    return query.where(_readers_have(newsletter_id, schedule))


def _told_at(
    session: Session, newsletter_id: int, schedule: Schedule | None, articles: Sequence[Article]
) -> dict[int, datetime]:
    """When the newest issue with each of these was made."""
    key = _told_as(Article)
    query = (
        select(key, func.max(Issue.created_at))
        .join(IssueArticle, IssueArticle.article_id == Article.id)
        .join(Issue)
        .where(_readers_have(newsletter_id, schedule), key.in_({_key(article) for article in articles}))
        .group_by(key)
    )
    return dict(session.execute(query).all())


def _key(article: Article) -> int:
    return article.id if article.cluster_id is None else article.cluster_id

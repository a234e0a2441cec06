"""The wire: what has come in since the issue before this one, for an editor to choose from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from mailer.articles.models import Article, Sighting, Source
from mailer.digests.models import Issue, IssueArticle, IssueState

LONGEST_WIRE = 100


@dataclass(frozen=True)
class WireArticle:
    """An article that is in the issue (`used`) or could be."""

    article: Article
    used: bool


def issue_before(session: Session, issue: Issue) -> Issue | None:
    """The issue that the same readers had last; a cancelled one does not count."""
    before = select(Issue).where(
        Issue.newsletter_id == issue.newsletter_id, Issue.state != IssueState.CANCELLED, Issue.id < issue.id
    )
    if issue.schedule_id is not None:
        before = before.where(Issue.schedule_id == issue.schedule_id)
    return session.scalars(before.order_by(Issue.id.desc()).limit(1)).one_or_none()


def wire(session: Session, issue: Issue, since: datetime | None) -> Sequence[WireArticle]:
    """The newest articles of the newsletter's active sources first seen after `since`, and those of the issue itself.

    What another issue of this newsletter holds is left out.
    """
    used = _held_by(IssueArticle.issue_id == issue.id)
    elsewhere = _held_by(
        Issue.id != issue.id, Issue.newsletter_id == issue.newsletter_id, Issue.state != IssueState.CANCELLED
    )
    first_seen = func.min(Sighting.seen_at)
    query = (
        select(Article, used.label("used"))
        .join(Sighting)
        .join(Source)
        .where(Source.newsletter_id == issue.newsletter_id, Source.active, ~elsewhere | used)
        .group_by(Article.id)
        .order_by(func.coalesce(Article.published_at, first_seen).desc(), Article.id.desc())
        .limit(LONGEST_WIRE)
    )
    if since is not None:
        query = query.having((first_seen > since) | used)
    return [WireArticle(article, bool(used)) for article, used in session.execute(query)]


def _held_by(*which: ColumnElement[bool]) -> ColumnElement[bool]:
    held = select(IssueArticle.id).join(Issue).where(IssueArticle.article_id == Article.id, *which)
    return held.exists()

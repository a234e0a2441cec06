"""Two articles turn out to be one: the address of the first leads to the second."""

from sqlalchemy import delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from mailer.articles import aliases, clusters
from mailer.articles.models import Article, ArticleAlias, Correction, Sighting
from mailer.db import insert
from mailer.digests.models import Issue, IssueArticle, IssueState


def follow(session: Session, article_id: int, own_url: str) -> int:
    """The article is the one at `own_url`, if we know that one and it tells the same. The id of the one that stays.

    Sites also lead from one article to another, to a page that asks for money, or to one that asks for consent: words
    decide. An article that readers have by mail stays as well; then the two are tied like near-duplicates. Needs the
    turn of `ingest`.
    """
    other = aliases.find(session, own_url)
    if other is None or other == article_id or not clusters.tell_the_same(session, article_id, other):
        return article_id
    clusters.join(session, article_id, other)
    if _was_mailed(session, article_id):
        return article_id
    _move(session, article_id, other)
    return other


def _was_mailed(session: Session, article_id: int) -> bool:
    released = select(IssueArticle.id).join(Issue)
    released = released.where(IssueArticle.article_id == article_id, Issue.state != IssueState.DRAFT)
    corrected = exists().where(Correction.article_id == article_id)
    return bool(session.scalar(select(or_(released.exists(), corrected))))


def _move(session: Session, article_id: int, to: int) -> None:
    """Everything that was said of the article is said of the other, which is withheld when either was."""
    duplicate = session.get_one(Article, article_id, populate_existing=True)
    kept = session.get_one(Article, to, populate_existing=True)
    _move_drafts(session, article_id, to)
    _move_sightings(session, article_id, to)
    if kept.held_at is None:
        kept.held_at, kept.held_by = duplicate.held_at, duplicate.held_by
    kept.retracted_at = kept.retracted_at or duplicate.retracted_at
    kept.embargo_until = max(filter(None, (kept.embargo_until, duplicate.embargo_until)), default=None)
    kept.backlog = kept.backlog and duplicate.backlog
    clusters.leave(session, article_id, duplicate.cluster_id or article_id)
    session.execute(update(ArticleAlias).where(ArticleAlias.article_id == article_id).values(article_id=to))
    session.delete(duplicate)
    session.flush()
    aliases.learn(session, {duplicate.canonical_url: to})


def _move_drafts(session: Session, article_id: int, to: int) -> None:
    """In a draft that has both, the duplicate goes, and whoever is at work there is told that the draft changed."""
    here = select(IssueArticle.issue_id).where(IssueArticle.article_id == to)
    both = (IssueArticle.article_id == article_id) & IssueArticle.issue_id.in_(here)
    dropped = list(session.scalars(delete(IssueArticle).where(both).returning(IssueArticle.issue_id)))
    session.execute(update(Issue).where(Issue.id.in_(dropped)).values(version=Issue.version + 1))
    session.execute(update(IssueArticle).where(IssueArticle.article_id == article_id).values(article_id=to))


def _move_sightings(session: Session, article_id: int, to: int) -> None:
    """The moment counts when either was first seen at a source."""
    mine = select(Sighting.source_id, Sighting.guid, Sighting.seen_at).where(Sighting.article_id == article_id)
    for source_id, guid, seen_at in session.execute(mine).all():
        statement = insert(session, Sighting).values(article_id=to, source_id=source_id, guid=guid, seen_at=seen_at)
        earlier = func.least if session.get_bind().dialect.name == "postgresql" else func.min
        values = {"seen_at": earlier(Sighting.seen_at, statement.excluded.seen_at)}
        session.execute(statement.on_conflict_do_update(index_elements=["article_id", "source_id"], set_=values))

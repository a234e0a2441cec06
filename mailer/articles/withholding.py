"""Articles that may not go by mail: held by an editor, under embargo, retracted, or gone from their site.

It is asked when a draft is made, when an issue is released, and once more when its mails are claimed. It is about the
article alone: others in its cluster, which other outlets print, are held one by one.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, literal, or_, update
from sqlalchemy.orm import Session

from mailer.articles.models import Article
from mailer.db import UtcDateTime


def withheld(now: datetime) -> ColumnElement[bool]:
    """Whether an article may not go by mail now."""
    return or_(
        Article.held_at.is_not(None),
        and_(Article.embargo_until.is_not(None), Article.embargo_until > now),  # never NULL, or its opposite is too
        Article.retracted_at.is_not(None),
        Article.gone_at.is_not(None),
    )


def hold(session: Session, article_id: int, by: str, now: datetime) -> bool:
    """Keep the article out of every mail that has not left. False when it was held already."""
    return _set(session, article_id, Article.held_at.is_(None), held_at=now, held_by=by[:254])


def unhold(session: Session, article_id: int, now: datetime) -> bool:
    """Let a held article go again, from `now` on: an issue drafted meanwhile had none of it. False: nobody held it."""
    later = case((Article.embargo_until > now, Article.embargo_until), else_=literal(now, UtcDateTime))
    return _set(session, article_id, Article.held_at.is_not(None), held_at=None, held_by="", embargo_until=later)


def embargo(session: Session, article_id: int, until: datetime | None) -> bool:
    """Not by mail before `until`; None lifts it. False when that is how it was."""
    return _set(session, article_id, Article.embargo_until.is_distinct_from(until), embargo_until=until)


def _set(session: Session, article_id: int, differs: ColumnElement[bool], **values: object) -> bool:
    changed = update(Article).where(Article.id == article_id, differs).values(**values).returning(Article.id)
    return session.scalar(changed) is not None

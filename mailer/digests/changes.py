"""What a source changed in an article after an issue took it. The issue keeps its wording until an editor decides."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.articles.models import Article, ArticleChange
from mailer.digests.models import IssueArticle

PRINTED = {"title": ("title", "headline"), "summary": ("summary", "summary"), "picture": ("picture_url", "picture")}
"""What an issue prints of an article: name of the change, column, and how an editor calls it."""


@dataclass(frozen=True)
class Pending:
    """The article as it is now differs from what the issue prints, in these fields, since then."""

    article: Article
    fields: tuple[str, ...]
    at: datetime

    @property
    def what(self) -> str:
        """`The headline`, `The headline and the summary`."""
        named = [f"the {PRINTED[name][1]}" for name in self.fields]
        return " and ".join(filter(None, (", ".join(named[:-1]), named[-1]))).capitalize()


def pending(session: Session, issue_id: int) -> dict[int, Pending]:
    """The changes that nobody has decided about, by the id of the article in the issue."""
    query = (
        select(IssueArticle, Article, ArticleChange.field, ArticleChange.at)
        .join(Article, Article.id == IssueArticle.article_id)
        .join(ArticleChange, ArticleChange.article_id == Article.id)
        .where(IssueArticle.issue_id == issue_id, ArticleChange.at > IssueArticle.as_of)
        .order_by(ArticleChange.at, ArticleChange.id)
    )
    found: dict[int, Pending] = {}
    for item, article, name, at in session.execute(query):
        if name in PRINTED and getattr(article, PRINTED[name][0]) != getattr(item, PRINTED[name][0]):
            before = found[item.id].fields if item.id in found else ()
            found[item.id] = Pending(article, tuple(dict.fromkeys((*before, name))), at)
    return found


def take(item: IssueArticle, article: Article) -> None:
    """Print the article as it is now."""
    item.url, item.title, item.summary = article.url, article.title, article.summary
    item.picture_url, item.picture_alt = article.picture_url, article.picture_alt
    item.as_of = article.updated_at


def keep(item: IssueArticle, article: Article) -> None:
    """Go on printing what the issue has; only later changes are offered."""
    item.as_of = article.updated_at

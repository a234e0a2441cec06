"""What an update of a source changed in an article, field by field, kept for an editor to see."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, select
from sqlalchemy.orm import Session

from mailer.articles.models import ArticleChange
from mailer.articles.text import line, shorten
from mailer.db import insert

LONGEST = 500
"""Characters of a text that are kept of before and after."""

MOST = 50
"""Changes that are kept of one article: a live report is rewritten every few minutes."""

FIELDS = {
    "title": "title",
    "summary": "summary",
    "picture_url": "picture",
    "author": "author",
    "section": "section",
    "categories": "categories",
    "language": "language",
    "published_at": "published",
}
"""Columns of which changes are kept, and what they are called."""


def keep(session: Session, changed: Mapping[int, tuple[Row[Any], Mapping[str, Any]]], now: datetime) -> None:
    """Write down what changed in these articles: the row before, and the columns after."""
    rows = [
        {"article_id": article_id, "at": now, "field": field, "before": before, "after": after}
        for article_id, (row, columns) in changed.items()
        for field, before, after in _between(row, columns)
    ]
    if rows:
        session.execute(insert(session, ArticleChange), rows)
        _drop_oldest(session, list(changed))


def _between(row: Row[Any], columns: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for column, field in FIELDS.items():
        before, after = getattr(row, column), columns[column]
        if before != after and not (column == "picture_url" and _is_same_picture(before, after)):
            yield field, _spelled(before), _spelled(after)


def _is_same_picture(before: str, after: str) -> bool:
    """Many sites sign the addresses of their pictures anew for each reader, in the query."""
    return before.partition("?")[0] == after.partition("?")[0]


def _spelled(value: str | datetime | None) -> str:
    if isinstance(value, str):
        return shorten(line(value.replace("\n", ", ")), LONGEST)
    return f"{value:%Y-%m-%d %H:%M} UTC" if value else ""


def _drop_oldest(session: Session, article_ids: list[int]) -> None:
    newest = func.row_number().over(partition_by=ArticleChange.article_id, order_by=ArticleChange.id.desc())
    placed = select(ArticleChange.id, newest.label("place")).where(ArticleChange.article_id.in_(article_ids)).subquery()
    session.execute(
        delete(ArticleChange)
        .where(ArticleChange.id.in_(select(placed.c.id).where(placed.c.place > MOST)))
        .execution_options(synchronize_session=False)
    )

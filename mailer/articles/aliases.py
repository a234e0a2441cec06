"""Articles by their names. One article has one canonical address, and perhaps others that it is known by as well."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from mailer.articles.canonical import canonical
from mailer.articles.models import Article, ArticleAlias
from mailer.db import insert


def find(session: Session, address: str) -> int | None:
    """The id of the article at this address, however it is written; None when there is none."""
    try:
        name = canonical(address)
    except ValueError:
        return None
    return next((row.id for row in by_name(session, select(Article.id, Article.canonical_url), [name]).values()), None)


def by_name(session: Session, query: Select[*tuple[Any, ...]], names: Iterable[str]) -> dict[str, Row[Any]]:
    """What `query` selects of the articles with these names, `canonical_url` among it, by the names asked for."""
    asked = list(names)
    found = {row.canonical_url: row for row in session.execute(query.where(Article.canonical_url.in_(asked)))}
    if missing := [name for name in asked if name not in found]:
        known = query.add_columns(ArticleAlias.canonical_url.label("alias"))
        known = known.join(ArticleAlias, ArticleAlias.article_id == Article.id)
        found |= {row.alias: row for row in session.execute(known.where(ArticleAlias.canonical_url.in_(missing)))}
    return found


def learn(session: Session, names: Mapping[str, int]) -> None:
    """Articles are known by these names as well. The names are nobody's until now."""
    if names:
        rows = [{"canonical_url": name, "article_id": article_id} for name, article_id in names.items()]
        session.execute(insert(session, ArticleAlias).on_conflict_do_nothing(index_elements=["canonical_url"]), rows)

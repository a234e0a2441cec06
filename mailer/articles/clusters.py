"""Near-duplicates are tied together: reports of one thing in nearly the same words, of which readers want one.

All articles of a cluster carry the id of the first of them, the first included. A tie stays, whatever becomes of the
words later. Whoever ties has the turn of `ingest`, so that of two polls at once the second sees what the first stored.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from mailer.articles import fingerprint
from mailer.articles.fingerprint import Telling, are_alike
from mailer.articles.models import Article, ArticlePrint, Sighting, Source
from mailer.db import insert

WINDOW = timedelta(days=3)
"""How long ago an article may have come in that a new one is compared with."""

NEWEST = 20
"""Articles that are looked at for one print: the introduction of a series is in all its articles."""

Prints = Mapping[int, frozenset[int]]


@dataclass
class _Candidate:
    telling: Telling
    cluster_id: int | None
    one_source: bool


def tie(session: Session, source: Source, born: Sequence[int], reworded: Sequence[int], now: datetime) -> None:
    """Tie each of these articles of the source to the oldest recent article that tells the same, if it is not tied."""
    known = _candidates(session, [*born, *reworded], source)
    prints = {article_id: candidate.telling.prints for article_id, candidate in known.items()}
    _remember(session, prints, reworded)
    neighbours = _neighbours(session, prints, now)
    known |= _candidates(session, {other for near in neighbours.values() for other in near} - known.keys(), source)
    for article_id in sorted(neighbours):
        mine = known[article_id]
        alike = (other for other in sorted(neighbours[article_id]) if _are_alike(mine, known[other]))
        if mine.cluster_id is None and (oldest := next(alike, None)):
            _join(session, known, article_id, oldest)


def join(session: Session, one: int, other: int) -> None:
    """Tie two articles, and all that are tied to either."""
    _join(session, _candidates(session, [one, other], None), one, other)


def tell_the_same(session: Session, one: int, other: int) -> bool:
    """Whether one page, to which the addresses of both articles lead, can be both."""
    known = _candidates(session, [one, other], None)
    return fingerprint.tell_the_same(known[one].telling, known[other].telling)


def leave(session: Session, article_id: int, cluster_id: int) -> None:
    """The article will be no more: the first of the others gives the cluster its number."""
    others = (Article.cluster_id == cluster_id) & (Article.id != article_id)
    first = session.scalar(select(func.min(Article.id)).where(others))
    session.execute(update(Article).where(others).values(cluster_id=first))


def _remember(session: Session, prints: Prints, reworded: Sequence[int]) -> None:
    if reworded:
        session.execute(delete(ArticlePrint).where(ArticlePrint.article_id.in_(reworded)))
    rows = [{"value": value, "article_id": each} for each, values in prints.items() for value in sorted(values)]
    if rows:
        # With a RETURNING many rows go in one statement; else psycopg sends one for each.
        session.execute(insert(session, ArticlePrint).returning(ArticlePrint.value), rows)


def _neighbours(session: Session, prints: Prints, now: datetime) -> dict[int, set[int]]:
    """For each of the articles the recent ones that share a print with it."""
    owners: dict[int, list[int]] = defaultdict(list)
    for article_id, values in prints.items():
        for value in values:
            owners[value].append(article_id)
    if not owners:
        return {}
    # Not min(id): PostgreSQL would read all articles from the first on to find it.
    first = select(Article.id).where(Article.seen_at > now - WINDOW).order_by(Article.seen_at, Article.id).limit(1)
    newest = func.row_number().over(partition_by=ArticlePrint.value, order_by=ArticlePrint.article_id.desc())
    shared = (
        select(ArticlePrint.value, ArticlePrint.article_id, newest.label("place"))
        .where(ArticlePrint.value.in_(list(owners)), ArticlePrint.article_id >= (session.scalar(first) or 0))
        .subquery()
    )
    found: dict[int, set[int]] = defaultdict(set)
    for value, other in session.execute(select(shared.c.value, shared.c.article_id).where(shared.c.place <= NEWEST)):
        for article_id in owners[value]:
            found[article_id].add(other)
    near = {article_id: others - {article_id} for article_id, others in found.items()}
    return {article_id: others for article_id, others in near.items() if others}


def _candidates(session: Session, article_ids: Iterable[int], source: Source | None) -> dict[int, _Candidate]:
    ids = list(article_ids)
    if not ids:
        return {}
    same = select(Sighting.article_id).join(Source, Source.id == Sighting.source_id)
    same = same.where(Source.url == (source.url if source else ""), Sighting.article_id == Article.id)
    words = (Article.title, Article.summary, Article.canonical_url, Article.published_at)
    rows = session.execute(select(Article.id, Article.cluster_id, same.exists(), *words).where(Article.id.in_(ids)))
    return {row[0]: _Candidate(_telling(*row[3:]), row[1], bool(row[2])) for row in rows}


def _telling(title: str, summary: str, canonical_url: str, published_at: datetime | None) -> Telling:
    return Telling(title, summary, urlsplit(canonical_url).netloc, published_at)


def _are_alike(mine: _Candidate, other: _Candidate) -> bool:
    return are_alike(mine.telling, other.telling, one_source=other.one_source)


def _join(session: Session, known: dict[int, _Candidate], one: int, other: int) -> None:
    clusters = {known[one].cluster_id or one, known[other].cluster_id or other}
    head = min(clusters)
    members = or_(Article.id.in_(clusters), Article.id.in_([one, other]), Article.cluster_id.in_(clusters))
    session.execute(update(Article).where(members).values(cluster_id=head).execution_options(synchronize_session=False))
    for article_id, candidate in known.items():
        if article_id in (one, other) or candidate.cluster_id in clusters:
            candidate.cluster_id = head

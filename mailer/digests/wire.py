"""The wire: what an editor may choose from for an issue, in three groups.

New is what came in since the issue before this one. Earlier is what came in before that, or was known from before, and
was in no issue. Last is what the issue before had. Of near-duplicates one stands there, and names the sources of the
others.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, String, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from mailer.articles.models import Article, Sighting, Source
from mailer.digests.models import Issue, IssueArticle, IssueKind, IssueState

LONGEST_WIRE = 100
EARLIER = timedelta(days=3)
"""How far back the wire reaches before the issue before; a search reaches back to the beginning."""

MOST_WORDS = 8
"""Of a search."""


@dataclass(frozen=True)
class WireArticle:
    """An article that is in the issue (`used`) or could be; `also_at` are titles of other sources that tell of it."""

    article: Article
    used: bool
    also_at: tuple[str, ...] = ()


@dataclass
class Wire:
    """Each group is newest first."""

    new: list[WireArticle] = field(default_factory=list)
    earlier: list[WireArticle] = field(default_factory=list)
    last: list[WireArticle] = field(default_factory=list)

    @property
    def unused(self) -> int:
        """How many new ones are not in the issue."""
        return sum(not entry.used for entry in self.new)

    @property
    def groups(self) -> list[tuple[str, list[WireArticle]]]:
        """Those that hold something, with their names."""
        named = (("new", self.new), ("earlier", self.earlier), ("last", self.last))
        return [(name, entries) for name, entries in named if entries]


def issue_before(session: Session, issue: Issue) -> Issue | None:
    """The digest that the same readers had last; a cancelled one does not count."""
    before = select(Issue).where(
        Issue.newsletter_id == issue.newsletter_id,
        Issue.kind == IssueKind.DIGEST,
        Issue.state != IssueState.CANCELLED,
        Issue.id < issue.id,
    )
    if issue.schedule_id is not None:
        before = before.where(Issue.schedule_id == issue.schedule_id)
    return session.scalars(before.order_by(Issue.id.desc()).limit(1)).one_or_none()


def wire(session: Session, issue: Issue, before: Issue | None, search: str = "") -> Wire:
    """What the newsletter's active sources brought, and what the issue itself holds; with `search`, what has its words.

    What another issue of this newsletter holds is left out, unless that is the issue before.
    """
    rows = _newest(session, issue, before, search)
    holders = _holders(session, issue, [article for article, _ in rows])
    groups: dict[int, list[tuple[Article, datetime]]] = defaultdict(list)
    for article, first_seen in rows:
        groups[_one_of(article)].append((article, first_seen))
    also = _sources(session, issue.newsletter_id, [article.id for article, _ in rows])
    found = Wire()
    for key, members in groups.items():
        article, first_seen = _chosen(members, issue)
        entry = WireArticle(article, issue.id in holders[key], _others(members, article, also))
        if entry.used or not holders[key]:
            (found.new if entry.used or _is_new(article, first_seen, before) else found.earlier).append(entry)
        elif before is not None and before.id in holders[key]:
            found.last.append(entry)
    return found


def _is_new(article: Article, first_seen: datetime, before: Issue | None) -> bool:
    return not article.backlog and (before is None or first_seen > before.created_at)


def _newest(session: Session, issue: Issue, before: Issue | None, search: str) -> list[tuple[Article, datetime]]:
    first_seen = func.min(Sighting.seen_at)
    newest = func.coalesce(Article.published_at, first_seen)
    used = _held_by(issue.id)
    query = (
        select(Article, first_seen, newest)
        .join(Sighting)
        .join(Source)
        .where(Source.newsletter_id == issue.newsletter_id, Source.active, *_has(search))
        .group_by(Article.id)
        .order_by(used.desc(), newest.desc(), Article.id.desc())
        .limit(LONGEST_WIRE)
    )
    if before is not None and not search:
        query = query.having((first_seen > before.created_at - EARLIER) | used | _held_by(before.id))
    rows = sorted(session.execute(query), key=lambda row: (row[2], row[0].id), reverse=True)
    return [(article, seen_at) for article, seen_at, _ in rows]


def _has(search: str) -> list[ColumnElement[bool]]:
    """Each word stands somewhere in what the article says."""
    said = Article.title + " " + Article.summary + " " + Article.author + " " + Article.section
    low = func.lower(said, type_=String)
    return [
        # SQLite knows capitals only in ASCII.
        or_(low.contains(word.lower(), autoescape=True), *(said.contains(w, autoescape=True) for w in _spellings(word)))
        for word in search.split()[:MOST_WORDS]
    ]


def _spellings(word: str) -> set[str]:
    return {word, word.lower(), word.capitalize(), word.upper()}


def _held_by(issue_id: int) -> ColumnElement[bool]:
    return Article.id.in_(select(IssueArticle.article_id).where(IssueArticle.issue_id == issue_id))


def _one_of(article: Article) -> int:
    """What near-duplicates have in common: the id of the first of them."""
    return article.cluster_id or article.id


def _holders(session: Session, issue: Issue, articles: Iterable[Article]) -> dict[int, set[int]]:
    """The digests of the newsletter, and the issue itself, that hold an article or one told alike.

    The key is what near-duplicates have in common.
    """
    keys = {_one_of(article) for article in articles}
    other = aliased(Article)
    common = func.coalesce(other.cluster_id, other.id)
    query = (
        select(common, IssueArticle.issue_id)
        .select_from(IssueArticle)
        .join(other, other.id == IssueArticle.article_id)
        .join(Issue, Issue.id == IssueArticle.issue_id)
        .where(
            Issue.newsletter_id == issue.newsletter_id,
            Issue.state != IssueState.CANCELLED,
            or_(Issue.kind == IssueKind.DIGEST, Issue.id == issue.id),
            or_(other.cluster_id.in_(keys), and_(other.cluster_id.is_(None), other.id.in_(keys))),
        )
    )
    holders: dict[int, set[int]] = defaultdict(set)
    for key, issue_id in session.execute(query):
        holders[key].add(issue_id)
    return holders


def _chosen(members: Sequence[tuple[Article, datetime]], issue: Issue) -> tuple[Article, datetime]:
    """Of near-duplicates the one that the issue has, else the first that came in."""
    ours = {item.article_id for item in issue.articles}
    return min(members, key=lambda member: (member[0].id not in ours, member[1], member[0].id))


def _sources(session: Session, newsletter_id: int, article_ids: list[int]) -> dict[int, list[str]]:
    """The titles of the newsletter's sources that brought each article."""
    query = (
        select(Sighting.article_id, Source.title, Source.url)
        .join(Source)
        .where(Source.newsletter_id == newsletter_id, Sighting.article_id.in_(article_ids))
        .order_by(Sighting.seen_at, Source.id)
    )
    found: dict[int, list[str]] = defaultdict(list)
    for article_id, title, url in session.execute(query):
        found[article_id].append(title or url)
    return found


def _others(
    members: Sequence[tuple[Article, datetime]], chosen: Article, sources: dict[int, list[str]]
) -> tuple[str, ...]:
    names = [name for article, _ in members for name in sources[article.id]]
    own = sources[chosen.id][:1]
    return tuple(name for name in dict.fromkeys(names) if name not in own)

"""The archive: what went out, for who did not get it or looks again, with what was corrected since.

Of an issue everything is shown but what may not be mailed any more. An article that was taken back is named, with the
reason; nothing of it is told.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select, tuple_
from sqlalchemy.orm import Session, selectinload

from mailer.articles.models import Article, Correction
from mailer.articles.withholding import withheld
from mailer.digests import corrections
from mailer.digests.content import ArticleContent, IssueContent, content_of
from mailer.digests.models import EVERY_ARTICLE, Issue, IssueArticle, IssueKind, IssueState
from mailer.newsletters.models import Newsletter

PAGE = 20
"""Issues on a page, and in a part of a feed."""

READABLE = (IssueState.SENDING, IssueState.PAUSED, IssueState.SENT)
KEPT = (IssueKind.DIGEST, IssueKind.BREAKING)
"""What the archive lists. The other kinds tell single readers what they know from it."""


@dataclass(frozen=True)
class Piece:
    """An article in an archived issue, and what was said of it since, oldest first."""

    article: ArticleContent
    corrections: tuple[Correction, ...]
    retracted: bool


@dataclass(frozen=True)
class Archived:
    """An issue as it may be shown. `changed_at` is its release, or the last correction of something in it."""

    issue: Issue
    content: IssueContent
    pieces: tuple[Piece, ...]
    changed_at: datetime

    @property
    def listed(self) -> bool:
        """Whether the archive has a page of it."""
        return self.issue.kind in KEPT

    @property
    def corrected(self) -> bool:
        """Whether something in it was corrected or taken back."""
        return any(piece.corrections for piece in self.pieces)


def newest(
    session: Session, newsletter: Newsletter, now: datetime, *, before: int | None = None, limit: int = PAGE
) -> list[Archived]:
    """The issues of a newsletter, the newest first; `before` is the number of the last one of the page before."""
    query = _kept(newsletter).order_by(Issue.released_at.desc(), Issue.id.desc()).limit(limit)
    if before is not None:
        last = select(Issue.released_at, Issue.id).where(Issue.id == before).subquery()
        place = tuple_(select(last.c.released_at).scalar_subquery(), select(last.c.id).scalar_subquery())
        query = query.where(tuple_(Issue.released_at, Issue.id) < place)
    return _archived(session, session.scalars(query).all(), now)


def find(session: Session, newsletter: Newsletter, issue_id: int, now: datetime) -> Archived | None:
    """One issue of the newsletter; None when the archive does not have it."""
    found = session.scalars(_kept(newsletter).where(Issue.id == issue_id)).all()
    return next(iter(_archived(session, found, now)), None)


def edition(session: Session, issue_id: int, mask: int, now: datetime) -> Archived | None:
    """An issue of any kind as the readers of an edition received it; None when it did not leave."""
    found = session.scalars(_readable().where(Issue.id == issue_id)).all()
    return next(iter(_archived(session, found, now, mask)), None)


def last_id(session: Session, newsletter: Newsletter) -> int | None:
    """The number of the newest issue that the archive has."""
    query = _kept(newsletter).order_by(Issue.released_at.desc(), Issue.id.desc()).limit(1)
    return session.scalar(query.with_only_columns(Issue.id))


def _readable() -> Select[Issue]:
    states = [state.value for state in READABLE]
    return select(Issue).where(Issue.state.in_(states)).options(selectinload(Issue.articles))


def _kept(newsletter: Newsletter) -> Select[Issue]:
    return _readable().where(Issue.newsletter_id == newsletter.id, Issue.kind.in_([kind.value for kind in KEPT]))


def _archived(session: Session, issues: Sequence[Issue], now: datetime, mask: int = EVERY_ARTICLE) -> list[Archived]:
    ids = {item.article_id for issue in issues for item in issue.articles}
    hidden, retracted = _hidden(session, ids, now), _retracted(session, ids)
    said = corrections.of(session, ids)
    return [_one(issue, mask, hidden - retracted, retracted, said) for issue in issues]


def _one(
    issue: Issue, mask: int, hidden: Collection[int], retracted: Collection[int], said: dict[int, list[Correction]]
) -> Archived:
    # A correction tells of an article that was taken back; nothing else does.
    taken_back = () if issue.kind == IssueKind.CORRECTION else retracted
    chosen = [item for item in issue.articles if item.bit & mask and item.article_id not in hidden]
    pieces = zip(chosen, content_of(issue, _mask(chosen)).articles, strict=True)
    told = [item for item in chosen if item.article_id not in taken_back]
    return Archived(
        issue=issue,
        content=content_of(issue, _mask(told)),
        pieces=tuple(
            Piece(article, tuple(said.get(item.article_id, ())), item.article_id in retracted)
            for item, article in pieces
        ),
        changed_at=max([_moment(issue), *(each.at for item in chosen for each in said.get(item.article_id, ()))]),
    )


def _moment(issue: Issue) -> datetime:
    return issue.released_at or issue.created_at


def _mask(items: Iterable[IssueArticle]) -> int:
    return sum(item.bit for item in items)


def _hidden(session: Session, ids: Collection[int], now: datetime) -> set[int]:
    return set(session.scalars(select(Article.id).where(Article.id.in_(ids), withheld(now))))


def _retracted(session: Session, ids: Collection[int]) -> set[int]:
    return set(session.scalars(select(Article.id).where(Article.id.in_(ids), Article.retracted_at.is_not(None))))

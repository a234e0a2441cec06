"""The editions of an issue as its deliveries have them: counted, capped, and without what is held back at the end."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, literal, select, update
from sqlalchemy.orm import Session

from mailer.articles.models import Article
from mailer.articles.withholding import withheld
from mailer.db import BigInt, insert
from mailer.delivery.models import Delivery, DeliveryState
from mailer.digests import away
from mailer.digests.models import Edition, Issue, IssueArticle, IssueKind


def count(session: Session, issue_id: int) -> None:
    """Write down which editions there are and how many readers each has."""
    session.execute(delete(Edition).where(Edition.issue_id == issue_id))
    counted = (
        select(literal(issue_id), Delivery.edition, func.count())
        .where(Delivery.issue_id == issue_id, Delivery.state != DeliveryState.SKIPPED.value)
        .group_by(Delivery.edition)
    )
    session.execute(insert(session, Edition).from_select(["issue_id", "mask", "readers"], counted))
    _count_on_issue(session, issue_id)


def cap(session: Session, issue: Issue) -> None:
    """Leave each reader of an away issue no more articles than one issue brings: the first ones."""
    most = away.most(session, issue)
    mine = Delivery.issue_id == issue.id
    for mask in session.scalars(select(Delivery.edition).where(mine).distinct()).all():
        if (capped := lowest(mask, most)) != mask:
            session.execute(update(Delivery).where(mine, Delivery.edition == mask).values(edition=capped))


def lowest(mask: int, bits: int) -> int:
    """So many bits of a mask, from the first on."""
    kept = 0
    for _ in range(bits):
        kept |= (mask ^ kept) & -(mask ^ kept)
    return kept


def withheld_bits(session: Session, issue_id: int, now: datetime) -> int:
    """The mask of the issue's articles that may not be mailed now.

    A correction says what is wrong with an article, so it goes out whatever became of that.
    """
    positions = session.scalars(
        select(IssueArticle.position)
        .join(Article, Article.id == IssueArticle.article_id)
        .join(Issue, Issue.id == IssueArticle.issue_id)
        .where(IssueArticle.issue_id == issue_id, Issue.kind != IssueKind.CORRECTION.value, withheld(now))
    )
    return sum(1 << position for position in positions)


def hold_back(session: Session, issue_id: int, bits: int, which: ColumnElement[bool]) -> None:
    """Take these articles out of these deliveries. Nothing left: the edition is 0."""
    some = which & (Delivery.edition.bitwise_and(literal(bits, BigInt)) != 0)
    rows = session.execute(select(Delivery.edition, func.count()).where(some).group_by(Delivery.edition))
    changed: dict[int, int] = dict(rows.all())
    if not changed:
        return
    session.execute(update(Delivery).where(some).values(edition=Delivery.edition.bitwise_and(literal(~bits, BigInt))))
    moved = [(mask, -readers) for mask, readers in changed.items()]
    moved += [(mask & ~bits, readers) for mask, readers in changed.items() if mask & ~bits]
    _add(session, issue_id, moved)
    _count_on_issue(session, issue_id)


def _add(session: Session, issue_id: int, moved: Iterable[tuple[int, int]]) -> None:
    """Add readers to editions, always in one order, or two lanes lock each other out."""
    for mask, readers in sorted(moved):
        row = insert(session, Edition).values(issue_id=issue_id, mask=mask, readers=readers)
        session.execute(
            row.on_conflict_do_update(
                index_elements=[Edition.issue_id, Edition.mask], set_={"readers": Edition.readers + readers}
            )
        )
    session.execute(delete(Edition).where(Edition.issue_id == issue_id, Edition.readers <= 0))


def _count_on_issue(session: Session, issue_id: int) -> None:
    editions = select(func.count()).where(Edition.issue_id == issue_id).scalar_subquery()
    session.execute(update(Issue).where(Issue.id == issue_id).values(editions=editions))

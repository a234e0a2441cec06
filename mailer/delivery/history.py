"""What readers have of an issue's articles already, or of near-duplicates of them: from any issue of any newsletter.

An edition is a mask of the articles of its own issue. Of an earlier issue with some of the same articles it is turned
into a mask of ours by moving bits, so that no list of readers or editions is ever read.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_ as or_bits
from typing import Any

from sqlalchemy import ColumnElement, Integer, SQLColumnExpression, func, literal, or_, select, update
from sqlalchemy.orm import Session, aliased

from mailer.articles.models import Article
from mailer.db import BigInt
from mailer.delivery.models import Delivery, DeliveryState, SkipReason
from mailer.digests.models import Issue, IssueArticle

RECEIVED = (
    DeliveryState.QUEUED.value,
    DeliveryState.DEFERRED.value,
    DeliveryState.ACCEPTED.value,
    DeliveryState.UNCERTAIN.value,
)
"""States of a delivery whose articles the reader has, may have, or is about to get."""

_SAME = func.coalesce(Article.cluster_id, Article.id)
"""What near-duplicates have in common."""


@dataclass(frozen=True)
class Earlier:
    """Another issue with some of our articles. `moves`: by how many places up, negative for down, these bits go."""

    issue_id: int
    moves: Mapping[int, int]

    @property
    def shared(self) -> int:
        """Which of our articles it has."""
        return reduce(or_bits, (mask << up if up > 0 else mask >> -up for up, mask in self.moves.items()), 0)

    def ours(self, edition: SQLColumnExpression[int]) -> ColumnElement[int]:
        """SQL: which of our articles an edition of that issue holds."""
        return any_of([_moved(edition.bitwise_and(_mask(mask)), places) for places, mask in self.moves.items()])


def lock(session: Session, issue_id: int) -> None:
    """Make others wait who are about to send one of the issue's articles, or a near-duplicate, to anybody.

    Everybody takes the articles in one order. On SQLite only one writes anyway.
    """
    same = _of_issue(session, issue_id).values()
    either = or_(Article.id.in_(same), Article.cluster_id.in_(same))
    session.execute(select(Article.id).where(either).order_by(Article.id).with_for_update(key_share=True)).all()


def earlier(session: Session, issue_id: int) -> list[Earlier]:
    """The issues that were fanned out with one of this issue's articles or a near-duplicate, newest first."""
    places = defaultdict(list)
    for position, same in _of_issue(session, issue_id).items():
        places[same].append(position)
    found = session.execute(
        select(IssueArticle.issue_id, IssueArticle.position, _SAME)
        .join(Article, Article.id == IssueArticle.article_id)
        .join(Issue, Issue.id == IssueArticle.issue_id)
        .where(or_(Article.id.in_(places), Article.cluster_id.in_(places)))
        .where(Issue.id != issue_id, Issue.fanned_out_at.is_not(None))
    )
    moves: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for other_id, theirs, same in found:
        for ours in places[same]:
            moves[other_id][ours - theirs] |= 1 << theirs
    return [Earlier(other_id, moves[other_id]) for other_id in sorted(moves, reverse=True)]


def received(other: Earlier, subscriber_id: Any) -> ColumnElement[int]:
    """SQL: which of our articles this reader has from that issue."""
    theirs = aliased(Delivery)
    query = select(other.ours(theirs.edition)).where(
        theirs.issue_id == other.issue_id, theirs.subscriber_id == subscriber_id, theirs.state.in_(RECEIVED)
    )
    return func.coalesce(query.scalar_subquery(), _mask(0))


def subtract(session: Session, issue_id: int, which: ColumnElement[bool]) -> None:
    """Take out of these deliveries of an issue what their readers have by now; skip those of which nothing is left."""
    mine = update(Delivery).where(Delivery.issue_id == issue_id, which)
    others = earlier(session, issue_id)
    if others:
        theirs = any_of([received(other, Delivery.subscriber_id) for other in others])
        left = mine.values(edition=without(Delivery.edition, theirs))
        session.execute(left.execution_options(synchronize_session=False))
    nothing = mine.where(Delivery.edition == 0).execution_options(synchronize_session=False)
    session.execute(nothing.values(state=DeliveryState.SKIPPED.value, answer=SkipReason.RECEIVED.value, due_at=None))


def repeats(session: Session, issue_id: int) -> list[list[int]]:
    """Bits of the issue's articles that tell the same, in their order; what stands alone is left out."""
    bits = defaultdict(list)
    for position, same in sorted(_of_issue(session, issue_id).items()):
        bits[same].append(1 << position)
    return [each for each in bits.values() if len(each) > 1]


def any_of(masks: list[ColumnElement[int]]) -> ColumnElement[int]:
    """SQL: what is in one of the masks; 0 without any."""
    return reduce(lambda one, other: one.bitwise_or(other), masks) if masks else _mask(0)


def without(mask: SQLColumnExpression[int], other: ColumnElement[int]) -> ColumnElement[int]:
    """SQL: what is in the first mask and not in the second."""
    return mask.bitwise_and(other.bitwise_not())


def _of_issue(session: Session, issue_id: int) -> dict[int, int]:
    """By place: what each article has in common with its near-duplicates."""
    held = select(IssueArticle.position, _SAME).join(Article, Article.id == IssueArticle.article_id)
    return dict(session.execute(held.where(IssueArticle.issue_id == issue_id)).all())


def _mask(bits: int) -> ColumnElement[int]:
    return literal(bits, BigInt)


def _moved(mask: ColumnElement[int], places: int) -> ColumnElement[int]:
    by = literal(abs(places), Integer)
    return mask.bitwise_lshift(by) if places > 0 else mask.bitwise_rshift(by) if places else mask

"""What failed, the same cause together."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from mailer.delivery.models import Delivery, DeliveryState
from mailer.ops import causes
from mailer.ops.pipeline import Progress

TROUBLE = (DeliveryState.REFUSED, DeliveryState.UNCERTAIN, DeliveryState.DEFERRED)

MOST_ANSWERS = 100_000
"""Different answers that are read; with more of them the counts are too small."""


@dataclass(frozen=True)
class Failure:
    """Deliveries of one issue in one state whose answers begin alike; `beginning` names the group."""

    issue_id: int
    newsletter: str
    state: DeliveryState
    beginning: str
    example: str
    count: int
    last_at: datetime | None  # None: of deferred ones no moment is kept
    next_at: datetime | None  # of deferred ones

    @property
    def refused(self) -> bool:
        """Whether it may be tried again by hand."""
        return self.state is DeliveryState.REFUSED


def group(session: Session, issues: Sequence[Progress]) -> list[Failure]:
    """The failures of `issues`, the most readers first."""
    titles = {issue.issue_id: issue.newsletter for issue in issues if issue.total(*TROUBLE)}
    groups: dict[tuple[int, int, str], Failure] = {}
    for issue_id, state, answer, count, last_at, next_at in session.execute(_answers(titles)):
        beginning = causes.beginning(answer)
        key = issue_id, state, beginning
        found = Failure(
            issue_id, titles[issue_id], DeliveryState(state), beginning, causes.outline(answer), count, last_at, next_at
        )
        groups[key] = _sum(groups[key], found) if key in groups else found
    return sorted(_apart(groups.values()), key=lambda failure: (-failure.count, -failure.issue_id, failure.beginning))


def _answers(issue_ids: Collection[int]) -> Select[*tuple[Any, ...]]:
    states = [state.value for state in TROUBLE]
    moments = func.max(Delivery.settled_at), func.min(Delivery.due_at)
    return (
        select(Delivery.issue_id, Delivery.state, Delivery.answer, func.count(), *moments)
        .where(Delivery.issue_id.in_(issue_ids), Delivery.state.in_(states))
        .group_by(Delivery.issue_id, Delivery.state, Delivery.answer)
        .limit(MOST_ANSWERS)
    )


def _apart(failures: Iterable[Failure]) -> list[Failure]:
    """Groups of which none begins like another: what is tried again is exactly what the group shows."""
    merged: list[Failure] = []
    for failure in sorted(failures, key=lambda failure: (failure.issue_id, failure.state, failure.beginning)):
        if merged and _covers(merged[-1], failure):
            merged[-1] = _sum(merged[-1], failure)
        else:
            merged.append(failure)
    return merged


def _covers(wider: Failure, failure: Failure) -> bool:
    same = (wider.issue_id, wider.state) == (failure.issue_id, failure.state)
    return same and failure.beginning.startswith(wider.beginning)


def _sum(failure: Failure, more: Failure) -> Failure:
    return replace(
        failure,
        count=failure.count + more.count,
        last_at=max((at for at in (failure.last_at, more.last_at) if at), default=None),
        next_at=min((at for at in (failure.next_at, more.next_at) if at), default=None),
    )

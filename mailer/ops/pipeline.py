"""How far the issues are: deliveries by state, their pace, and when the last one will be through."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import Session

from mailer.delivery.models import Delivery, DeliveryState
from mailer.digests.models import Issue, IssueState
from mailer.newsletters.models import Newsletter

RECENT = timedelta(days=3)
MOST_ISSUES = 20
"""Deliveries are counted by reading them, so only those of the newest issues are."""

A_WHILE = timedelta(minutes=15)
"""Over which the share of failing deliveries is taken."""

STANDSTILL = timedelta(minutes=2)
"""After which an issue that should move and does not is worth a sentence."""


@dataclass(frozen=True)
class Count:
    """The deliveries of one issue in one state."""

    total: int = 0
    last_minute: int = 0
    last_while: int = 0
    last_at: datetime | None = None


@dataclass(frozen=True)
class Progress:
    """One issue and where its deliveries stand."""

    issue_id: int
    newsletter: str
    subject: str
    state: str
    audience: int
    released_at: datetime
    fanned_out_at: datetime | None
    counts: dict[DeliveryState, Count] = field(default_factory=dict)

    def total(self, *states: DeliveryState) -> int:
        """How many deliveries are in one of `states`."""
        return sum(self.counts[state].total for state in states if state in self.counts)

    @property
    def open(self) -> int:
        """Not tried yet, or to be tried again."""
        return self.total(DeliveryState.QUEUED, DeliveryState.DEFERRED)

    @property
    def percent(self) -> int:
        """Settled, of the audience; rounded down, so that 100 means all."""
        return (self.audience - self.open) * 100 // self.audience if self.audience else 0

    @property
    def moving(self) -> bool:
        """Whether its deliveries are being sent."""
        return self.state == IssueState.SENDING.value

    @property
    def last_minute(self) -> int:
        """Deliveries settled within the last minute."""
        return sum(count.last_minute for count in self.counts.values())

    @property
    def last_at(self) -> datetime | None:
        """When the last delivery was settled."""
        return max((count.last_at for count in self.counts.values() if count.last_at), default=None)

    def stands_still(self, now: datetime) -> bool:
        """Whether it should move and nothing was settled for a while; deferred ones wait for their time."""
        if not self.moving:
            return False
        if self.fanned_out_at is None:
            return now - self.released_at > STANDSTILL
        waiting = self.total(DeliveryState.QUEUED)
        return bool(waiting) and now - max(self.last_at or self.fanned_out_at, self.fanned_out_at) > STANDSTILL

    def ends_at(self, now: datetime) -> datetime | None:
        """When it is through at the pace of the last minute; None when there is no pace."""
        waiting = self.total(DeliveryState.QUEUED)
        if not (self.moving and waiting and self.last_minute):
            return None
        return now + timedelta(minutes=waiting / self.last_minute)


@dataclass(frozen=True)
class Lately:
    """Messages handed to the relay within the last while, and those of them that it refused or left in doubt."""

    tried: int
    failed: int

    @property
    def share(self) -> float | None:
        """The part that failed; None when nothing was tried."""
        return self.failed / self.tried if self.tried else None


def recent(session: Session, now: datetime) -> list[Progress]:
    """The issues that are on the way or were released in the last days, newest first."""
    under_way = Issue.state.in_((IssueState.SENDING.value, IssueState.PAUSED.value))
    rows = session.execute(
        select(Issue, Newsletter.title)
        .join(Newsletter, Newsletter.id == Issue.newsletter_id)
        .where(Issue.released_at.is_not(None), or_(under_way, Issue.released_at > now - RECENT))
        .order_by(Issue.released_at.desc())
        .limit(MOST_ISSUES)
    ).all()
    counts = _counts(session, [issue.id for issue, _ in rows], now)
    return [_progress(issue, title, counts.get(issue.id, {})) for issue, title in rows]


def lately(issues: Sequence[Progress]) -> Lately:
    """What became of the messages of `issues` within the last while."""
    settled = {state: sum(i.counts[state].last_while for i in issues if state in i.counts) for state in DeliveryState}
    failed = settled[DeliveryState.REFUSED] + settled[DeliveryState.UNCERTAIN]
    return Lately(tried=failed + settled[DeliveryState.ACCEPTED], failed=failed)


def _counts(session: Session, issue_ids: list[int], now: datetime) -> dict[int, dict[DeliveryState, Count]]:
    def since(moment: datetime) -> ColumnElement[int]:
        return func.sum(case((Delivery.settled_at > moment, 1), else_=0))

    rows = session.execute(
        select(
            Delivery.issue_id,
            Delivery.state,
            func.count(),
            since(now - timedelta(minutes=1)),
            since(now - A_WHILE),
            func.max(Delivery.settled_at),
        )
        .where(Delivery.issue_id.in_(issue_ids))
        .group_by(Delivery.issue_id, Delivery.state)
    )
    counts: dict[int, dict[DeliveryState, Count]] = {}
    for issue_id, state, total, last_minute, last_while, last_at in rows:
        counts.setdefault(issue_id, {})[DeliveryState(state)] = Count(total, last_minute, last_while, last_at)
    return counts


def _progress(issue: Issue, title: str, counts: dict[DeliveryState, Count]) -> Progress:
    return Progress(
        issue_id=issue.id,
        newsletter=title,
        subject=issue.subject,
        state=issue.state,
        audience=issue.audience,
        released_at=issue.released_at or issue.created_at,
        fanned_out_at=issue.fanned_out_at,
        counts=counts,
    )

"""What the fan-out of an issue would find before there is one: readers, editions, and when the last mail would go."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Subquery, case, func, select
from sqlalchemy.orm import Session

from mailer.delivery import audiences
from mailer.delivery.models import Delivery, DeliveryState
from mailer.digests.models import Issue, IssueState
from mailer.newsletters.models import Schedule

LAST_ISSUES = 3
"""Whose speed is measured."""
BEGINNING = timedelta(minutes=30)
"""Of an issue: later on, only who chose an hour of their own is left."""
LARGEST = 10
"""Editions whose sizes are told."""


@dataclass(frozen=True)
class Forecast:
    """What single readers have already is not taken off: that is only known when it leaves.

    `readers` is the whole audience, `nothing` those of it whose topics are not in the issue, `own_hour` those who get
    it at an hour they chose. `sizes` are readers of the largest editions. `ends_at` is when the others would have it,
    None while no speed is known.
    """

    readers: int
    nothing: int
    own_hour: int
    editions: int
    sizes: tuple[int, ...]
    ends_at: datetime | None


def forecast(session: Session, issue: Issue, schedule: Schedule | None, now: datetime) -> Forecast:
    """Count the readers of an issue that nobody has stored, as the fan-out would name them."""
    editions = _editions(session, issue)
    readers, nothing, waiting, different = session.execute(
        select(
            func.coalesce(func.sum(editions.c.readers), 0),
            func.coalesce(func.sum(case((editions.c.chosen == 0, editions.c.readers))), 0),
            func.coalesce(func.sum(case((editions.c.chosen != 0, editions.c.own_hour))), 0),
            func.count(case((editions.c.chosen != 0, 1))),
        )
    ).one()
    largest = select(editions.c.readers).where(editions.c.chosen != 0).order_by(editions.c.readers.desc())
    own_hour = int(waiting) if schedule and schedule.readers_hour else 0
    at_once = int(readers) - int(nothing) - own_hour
    rate = _mails_a_second(session)
    return Forecast(
        readers=int(readers),
        nothing=int(nothing),
        own_hour=own_hour,
        editions=different,
        sizes=tuple(session.scalars(largest.limit(LARGEST))),
        ends_at=now + timedelta(seconds=at_once / rate) if rate else None,
    )


def _editions(session: Session, issue: Issue) -> Subquery:
    found = audiences.of(session, issue).subquery()
    count = func.count()
    query = select(found.c.chosen, count.label("readers"), func.count(found.c.delivery_hour).label("own_hour"))
    return query.group_by(found.c.chosen).subquery()


def _mails_a_second(session: Session) -> float:
    """As the last issues left, of any newsletter; 0 while none has."""
    sent = select(Issue.id, Issue.fanned_out_at).where(Issue.state == IssueState.SENT.value, Issue.audience > 0)
    last = session.execute(sent.order_by(Issue.sent_at.desc()).limit(LAST_ISSUES)).all()
    measured = [_measured(session, issue_id, began_at) for issue_id, began_at in last if began_at is not None]
    seconds = sum(took for _, took in measured)
    return sum(mails for mails, _ in measured) / seconds if seconds else 0.0


def _measured(session: Session, issue_id: int, began_at: datetime) -> tuple[int, float]:
    """How many mails of an issue left in its beginning, and in how many seconds."""
    early = select(func.count(), func.max(Delivery.settled_at)).where(
        Delivery.issue_id == issue_id,
        Delivery.state == DeliveryState.ACCEPTED.value,
        Delivery.settled_at <= began_at + BEGINNING,
    )
    mails, last_at = session.execute(early).one()
    return mails, max((last_at - began_at).total_seconds(), 1.0) if last_at else 0.0

"""The receipt of an issue. It adds up: audience = accepted + deferred + refused + uncertain + skipped + open."""

from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from mailer.delivery.models import Delivery, DeliveryState
from mailer.digests.models import Issue
from mailer.subscriptions.models import Subscriber


@dataclass(frozen=True)
class Receipt:
    """How many readers stand where. `deferred` are tried again, `open` have not been tried yet.

    `own_hour` are those of the open ones that wait for an hour that the reader chose.
    """

    audience: int = 0
    accepted: int = 0
    deferred: int = 0
    refused: int = 0
    uncertain: int = 0
    open: int = 0
    skipped: dict[str, int] = field(default_factory=dict)
    own_hour: int = 0

    @property
    def balanced(self) -> bool:
        """Whether the books add up."""
        counted = self.accepted + self.deferred + self.refused + self.uncertain + self.open
        return self.audience == counted + sum(self.skipped.values())

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def read(session: Session, issue_id: int) -> Receipt:
    """Count the deliveries of an issue as they stand now; before the fan-out everything is zero."""
    audience = session.scalar(select(Issue.audience).where(Issue.id == issue_id)) or 0
    reason = case((Delivery.state == DeliveryState.SKIPPED.value, Delivery.answer), else_="")
    rows = session.execute(
        select(Delivery.state, reason, func.count(), func.count(Delivery.due_at))
        .where(Delivery.issue_id == issue_id)
        .group_by(Delivery.state, reason)
    )
    counts: dict[int, int] = {}
    skipped: dict[str, int] = {}
    own_hour = 0
    for state, why, count, timed in rows:
        if state == DeliveryState.SKIPPED:
            skipped[why] = count
        else:
            counts[state] = count
            own_hour += timed if state == DeliveryState.QUEUED else 0
    return Receipt(
        audience=audience,
        accepted=counts.get(DeliveryState.ACCEPTED, 0),
        deferred=counts.get(DeliveryState.DEFERRED, 0),
        refused=counts.get(DeliveryState.REFUSED, 0),
        uncertain=counts.get(DeliveryState.UNCERTAIN, 0),
        open=counts.get(DeliveryState.QUEUED, 0),
        own_hour=own_hour,
        skipped=skipped,
    )


def uncertain(session: Session, issue_id: int, limit: int) -> list[tuple[int, str | None, str]]:
    """Deliveries in doubt, by subscriber: number, address (None when the reader is gone), why."""
    rows = session.execute(
        select(Delivery.subscriber_id, Subscriber.address, Delivery.answer)
        .outerjoin(Subscriber, Subscriber.id == Delivery.subscriber_id)
        .where(Delivery.issue_id == issue_id, Delivery.state == DeliveryState.UNCERTAIN.value)
        .order_by(Delivery.subscriber_id)
        .limit(limit)
    )
    return [(row[0], row[1], row[2]) for row in rows]

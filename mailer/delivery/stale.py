"""Breaking news that is none any more: who has it not by now is not told of it late."""

from datetime import datetime

from sqlalchemy import ColumnElement, update
from sqlalchemy.orm import Session

from mailer.delivery.models import Delivery, DeliveryState, SkipReason
from mailer.digests.breaking import FRESH
from mailer.digests.models import Issue, IssueKind


def drop(session: Session, issue_id: int, which: ColumnElement[bool], now: datetime) -> None:
    """Skip these deliveries, which are due, if theirs is breaking news that left too long ago."""
    issue = session.get_one(Issue, issue_id)
    if issue.kind != IssueKind.BREAKING or issue.released_at is None or now - issue.released_at <= FRESH:
        return
    session.execute(
        update(Delivery)
        .where(which)
        .values(state=DeliveryState.SKIPPED.value, answer=SkipReason.STALE.value, settled_at=now, due_at=None)
        .execution_options(synchronize_session=False)
    )

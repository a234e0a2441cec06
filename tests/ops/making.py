"""Issues on the way, with deliveries in every state."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from mailer.delivery.models import Batch, BatchState, Delivery, DeliveryState
from mailer.digests.models import Issue, IssueState
from mailer.newsletters.models import Newsletter
from tests.newsletters.making import make_newsletter

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def make_issue(session: Session, newsletter: Newsletter | None = None, **given: Any) -> Issue:
    """An issue that is being sent since five minutes."""
    issue = Issue(
        **{
            "newsletter": newsletter or make_newsletter(session),
            "state": IssueState.SENDING.value,
            "subject": "Port expansion",
            "created_at": NOW - 10 * MINUTE,
            "released_at": NOW - 5 * MINUTE,
            "fanned_out_at": NOW - 5 * MINUTE,
            **given,
        }
    )
    session.add(issue)
    session.commit()
    return issue


def deliver(session: Session, issue: Issue, count: int, state: DeliveryState, answer: str = "", **given: Any) -> None:
    """More readers of an issue, in one batch that has been sent. `{}` in the answer is the reader's number."""
    first = issue.audience + 1
    settled = state not in (DeliveryState.QUEUED, DeliveryState.DEFERRED)
    for number in range(first, first + count):
        session.add(
            Delivery(
                **{
                    "issue_id": issue.id,
                    "subscriber_id": number,
                    "state": state.value,
                    "edition": 1,
                    "answer": answer.format(number),
                    "settled_at": NOW - timedelta(seconds=30) if settled else None,
                    **given,
                }
            )
        )
    last = first + count - 1
    session.add(
        Batch(issue_id=issue.id, number=first, first_id=first, last_id=last, state=BatchState.DONE.value, due_at=NOW)
    )
    issue.audience = last
    session.commit()

"""An issue leaves the desk, is held, goes on, or is called off. Each is one conditional UPDATE: the second one loses.

From the release on its text is frozen. What a called-off issue still owed is settled in the delivery room.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mailer.digests.models import Issue, IssueArticle, IssueState

NOT_OVER = (IssueState.DRAFT, IssueState.SENDING, IssueState.PAUSED)


def release(session: Session, issue_id: int, version: int, by: str, now: datetime) -> bool:
    """Send a draft as `by` saw it: in this version. False when it was changed or released before.

    From here on the places of its articles are their bits in every edition.
    """
    values = {"state": IssueState.SENDING.value, "released_at": now, "released_by": by}
    if not _change(session, issue_id, (IssueState.DRAFT,), values, version):
        return False
    placed = select(IssueArticle).where(IssueArticle.issue_id == issue_id).order_by(IssueArticle.position)
    for place, article in enumerate(session.scalars(placed.execution_options(populate_existing=True))):
        article.position = place
    session.flush()
    return True


def pause(session: Session, issue_id: int) -> bool:
    """Hold an issue that is sending. False when it is not."""
    return _change(session, issue_id, (IssueState.SENDING,), {"state": IssueState.PAUSED.value})


def resume(session: Session, issue_id: int) -> bool:
    """Let a paused issue go on. False when it is not paused."""
    return _change(session, issue_id, (IssueState.PAUSED,), {"state": IssueState.SENDING.value})


def cancel(session: Session, issue_id: int) -> bool:
    """Call an issue off: who has it keeps it, nobody else gets it. False when it is over already."""
    return _change(session, issue_id, NOT_OVER, {"state": IssueState.CANCELLED.value})


def _change(
    session: Session,
    issue_id: int,
    states: tuple[IssueState, ...],
    values: dict[str, Any],
    version: int | None = None,
) -> bool:
    statement = update(Issue).where(Issue.id == issue_id, Issue.state.in_([state.value for state in states]))
    if version is not None:
        statement = statement.where(Issue.version == version)
    return session.scalar(statement.values(values).returning(Issue.id)) is not None

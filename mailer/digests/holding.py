"""A draft that leaves by itself is held, let go, or given another time. Each is one conditional UPDATE.

The release takes the row first: either the hold comes before it, or it comes too late and says so.
"""

from datetime import datetime, time
from typing import Any

from sqlalchemy import ColumnElement, update
from sqlalchemy.orm import Session

from mailer.digests.models import Issue, IssueState
from mailer.newsletters.calendar import Rhythm, next_moments

_EVERY_DAY = 0b1111111


def hold(session: Session, issue_id: int, by: str, now: datetime) -> bool:
    """Keep a draft here until somebody lets it go or sends it. False: it is held already, stays anyway, or has left."""
    leaves = Issue.leaves_at.is_not(None) & Issue.held_at.is_(None) & (Issue.problem == "")
    return _change(session, issue_id, leaves, held_at=now, held_by=by)


def unhold(session: Session, issue_id: int) -> bool:
    """Let it leave at its time, or at once when that is over. False when nobody holds it."""
    return _change(session, issue_id, Issue.held_at.is_not(None), held_at=None, held_by="")


def leave_at(session: Session, issue_id: int, moment: datetime) -> bool:
    """Let any draft leave by itself at that moment. False when it is no draft any more."""
    return _change(session, issue_id, leaves_at=moment, held_at=None, held_by="", problem="")


def next_time(hour: time, timezone: str, now: datetime) -> datetime:
    """When it is that hour next, on the newsletter's clock. Raises UnknownZone."""
    return next_moments(Rhythm(_EVERY_DAY, (hour,)), timezone, now, 1)[0]


def _change(session: Session, issue_id: int, *conditions: ColumnElement[bool], **values: Any) -> bool:
    draft = update(Issue).where(Issue.id == issue_id, Issue.state == IssueState.DRAFT.value, *conditions)
    return session.scalar(draft.values(values).returning(Issue.id)) is not None

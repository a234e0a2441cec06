"""What becomes of a due slot: an issue, or the reason why there is none."""

from datetime import datetime

from sqlalchemy.orm import Session

from mailer.digests.assembly import draft
from mailer.digests.models import Issue
from mailer.digests.release import release
from mailer.digests.selection import NotEnough
from mailer.newsletters import slots
from mailer.newsletters.models import Mode, Slot

BY_THE_SCHEDULE = "schedule"
"""Who released an issue that left by itself."""


def settle(session: Session, slot_id: int, now: datetime) -> int | None:
    """Turn an open slot into an issue, or close it with the reason.

    Answers the id of an issue that was released as well, whose readers are to be fanned out; else None, also when
    somebody else has the slot.
    """
    slot = slots.take(session, slot_id)
    if slot is None:
        return None
    if reason := slots.lateness(slot, now):
        slots.close(slot, reason, now)
        return None
    issue = draft(session, slot.schedule.newsletter, schedule=slot.schedule, slot=slot, now=now)
    if isinstance(issue, NotEnough):
        slots.close(slot, issue.sentence, now)
        return None
    slots.settle_with_issue(slot, now)
    return issue.id if _leaves_by_itself(session, slot, issue, now) else None


def _leaves_by_itself(session: Session, slot: Slot, issue: Issue, now: datetime) -> bool:
    if slot.schedule.mode != Mode.AUTOMATIC:
        return False
    return release(session, issue.id, issue.version, BY_THE_SCHEDULE, now)

"""What became of every due moment: a sentence for an editor, whether an issue came of it or not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, contains_eager

from mailer.digests.models import Issue, IssueState
from mailer.newsletters.calendar import zone
from mailer.newsletters.models import Newsletter, Schedule, Slot, SlotState

PAGE = 30
"""Slots at a time."""


@dataclass(frozen=True)
class Outcome:
    """A slot, its issue if there is one, and what became of it. `well` is False when readers got nothing."""

    slot: Slot
    issue: Issue | None
    sentence: str
    well: bool


def outcomes(
    session: Session, newsletter: Newsletter, *, before: int | None = None, most: int = PAGE
) -> Sequence[Outcome]:
    """The newest slots of a newsletter, those older than the slot `before` when one is named."""
    query = (
        select(Slot, Issue)
        .join(Slot.schedule)
        .outerjoin(Issue, Issue.slot_id == Slot.id)
        .options(contains_eager(Slot.schedule))
        .where(Schedule.newsletter_id == newsletter.id)
        .order_by(Slot.due_at.desc(), Slot.id.desc())
        .limit(most)
    )
    if before is not None and (last := session.get(Slot, before)) is not None:
        query = query.where(or_(Slot.due_at < last.due_at, and_(Slot.due_at == last.due_at, Slot.id < last.id)))
    clock = zone(newsletter.timezone)
    return [_outcome(slot, issue, clock) for slot, issue in session.execute(query)]


def of_issue(issue: Issue, clock: tzinfo) -> tuple[str, bool]:
    """What became of an issue, and whether that is well."""
    match IssueState(issue.state):
        case IssueState.DRAFT:
            return _of_draft(issue, clock)
        case IssueState.SENDING:
            return f"Sending since {_at(issue.released_at, clock)}.", True
        case IssueState.PAUSED:
            return "Paused while it was being sent.", False
        case IssueState.SENT:
            return f"Sent at {_at(issue.released_at, clock)} to {_readers(issue.audience)}.", True
        case IssueState.CANCELLED if issue.released_at is None:
            return "The draft was thrown away.", False
        case IssueState.CANCELLED:
            return f"Cancelled after it began to leave at {_at(issue.released_at, clock)}.", False


def _outcome(slot: Slot, issue: Issue | None, clock: tzinfo) -> Outcome:
    if slot.state == SlotState.OPEN:
        return Outcome(slot, issue, "Due: the draft is being made.", True)
    if issue is None:
        return Outcome(slot, None, slot.reason, False)
    return Outcome(slot, issue, *of_issue(issue, clock))


def _of_draft(issue: Issue, clock: tzinfo) -> tuple[str, bool]:
    if issue.problem:
        return f"The draft did not leave. {issue.problem}", False
    if issue.held_at is not None:
        return f"The draft is held by {issue.held_by} since {_at(issue.held_at, clock)}.", False
    if issue.leaves_at is not None:
        return f"The draft leaves at {_at(issue.leaves_at, clock)} by itself unless somebody holds it.", True
    return "The draft waits for an editor.", True


def _at(moment: datetime | None, clock: tzinfo) -> str:
    return f"{moment.astimezone(clock):%H:%M}" if moment else "once"


def _readers(count: int) -> str:
    return "1 reader" if count == 1 else f"{count:,} readers"

"""The due moments of every schedule as rows. Each ends in an issue or in a written reason.

What is due is derived from the schedules and their newest slot, never from a scheduler's memory: two schedulers make
each row once, and one that was away makes up for it. Whoever changes the rhythm of a schedule, or wakes one that
slept, sets its `starts_at` to that moment; otherwise the time before it would count as missed.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from mailer.db import insert
from mailer.newsletters import reasons
from mailer.newsletters.calendar import UnknownZone, due_moments, zone
from mailer.newsletters.models import Schedule, Slot, SlotState

log = logging.getLogger(__name__)


def open_due_slots(session: Session, now: datetime) -> list[int]:
    """Make the slots that are missing up to `now`, in every active schedule; the ids of those that want an issue.

    Of several missed moments only the newest can still become an issue, and only within the freshness limit:
    a reader who missed three issues wants one. The others are born closed, with the reason.
    """
    opened: list[int] = []
    for schedule, newest in _rhythms(session):
        after = max(schedule.starts_at, newest or schedule.starts_at)
        try:
            moments = due_moments(schedule.rhythm, schedule.newsletter.timezone, after, now)
        except UnknownZone as error:
            log.error("Schedule %d stands still: %s", schedule.id, error)
            continue
        if moments:
            opened += _make(session, schedule, moments, now)
    return opened


def open_slots(session: Session) -> list[Slot]:
    """The slots that want an issue, oldest first."""
    query = select(Slot).where(Slot.state == SlotState.OPEN).order_by(Slot.due_at, Slot.id)
    return list(session.scalars(query))


def take(session: Session, slot_id: int) -> Slot | None:
    """An open slot with its schedule and newsletter, ours until the transaction ends; None: somebody else has it."""
    query = (
        select(Slot)
        .where(Slot.id == slot_id, Slot.state == SlotState.OPEN)
        .options(joinedload(Slot.schedule).joinedload(Schedule.newsletter))
        .with_for_update(skip_locked=True, of=Slot)
        .execution_options(populate_existing=True)
    )
    return session.scalar(query)


def lateness(slot: Slot, now: datetime) -> str | None:
    """Why it is too late for this slot's issue, in words for an editor; None while there is time."""
    return _lateness(slot.schedule, slot.due_at, now)


def settle_with_issue(slot: Slot, now: datetime) -> None:
    """The slot's issue is made; the issue's row points here."""
    slot.state, slot.settled_at = SlotState.ISSUE, now


def close(slot: Slot, reason: str, now: datetime) -> None:
    """There will be no issue; `reason` is a sentence for an editor."""
    slot.state, slot.reason, slot.settled_at = SlotState.CLOSED, reason, now


def _rhythms(session: Session) -> Iterable[tuple[Schedule, datetime | None]]:
    """Every active schedule with its newsletter and the moment of its newest slot."""
    newest = select(func.max(Slot.due_at)).where(Slot.schedule_id == Schedule.id).correlate(Schedule).scalar_subquery()
    query = select(Schedule, newest).join(Schedule.newsletter).where(Schedule.active).order_by(Schedule.id)
    return session.execute(query.options(contains_eager(Schedule.newsletter))).all()


def _make(session: Session, schedule: Schedule, moments: Sequence[datetime], now: datetime) -> list[int]:
    rows = [_row(schedule, moment, moments[-1], now) for moment in moments]
    statement = insert(session, Slot).values(rows).on_conflict_do_nothing(index_elements=["schedule_id", "due_at"])
    made = session.execute(statement.returning(Slot.id, Slot.state))
    return [slot_id for slot_id, state in made if state == SlotState.OPEN]


def _row(schedule: Schedule, due_at: datetime, newest: datetime, now: datetime) -> dict[str, Any]:
    reason = _lateness(schedule, due_at, now)
    if reason is None and due_at != newest:
        reason = reasons.overtaken(due_at, newest, zone(schedule.newsletter.timezone))
    return {
        "schedule_id": schedule.id,
        "due_at": due_at,
        "state": SlotState.CLOSED.value if reason else SlotState.OPEN.value,
        "reason": reason or "",
        "settled_at": now if reason else None,
    }


def _lateness(schedule: Schedule, due_at: datetime, now: datetime) -> str | None:
    if now - due_at <= timedelta(minutes=schedule.freshness_minutes):
        return None
    return reasons.too_late(due_at, now, zone(schedule.newsletter.timezone))

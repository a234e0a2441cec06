"""The due moments of every schedule as rows. Each ends in an issue or in a written reason.

What is due is derived from the schedules and how far their slots are made, never from a scheduler's memory: two
schedulers make each row once, and one that was away makes up for it. A clock that jumps ahead makes the slots of the
time it jumped over; set back again, it finds them made. `schedules.change` and `schedules.wake` begin anew from their
moment; otherwise the time before it would count as missed.
"""

import logging
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session, contains_eager, joinedload

from mailer.db import insert
from mailer.newsletters import holidays, reasons
from mailer.newsletters.calendar import UnknownZone, due_moments, zone
from mailer.newsletters.models import Holiday, Schedule, Slot, SlotState

log = logging.getLogger(__name__)

ROWS = 1_000
"""In one INSERT: a database takes only so many values."""


def open_due_slots(session: Session, now: datetime) -> list[int]:
    """Make the slots that are missing up to `now` and the lead of each schedule; the ids of those that want an issue.

    Of several missed moments only the newest can still become an issue, and only within the freshness limit:
    a reader who missed three issues wants one. The others are born closed, with the reason; so is a holiday's.
    """
    opened: list[int] = []
    query = select(Schedule).join(Schedule.newsletter).where(Schedule.active).order_by(Schedule.id)
    for schedule in session.scalars(query.options(contains_eager(Schedule.newsletter))).all():
        after = max(schedule.starts_at, schedule.made_until or schedule.starts_at)
        try:
            moments = due_moments(schedule.rhythm, schedule.newsletter.timezone, after, now + schedule.lead)
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


def why_not(session: Session, slot: Slot, now: datetime) -> str | None:
    """Why an open slot gets no issue any more, in words for an editor; None while it may."""
    newsletter = slot.schedule.newsletter
    day = slot.due_at.astimezone(zone(newsletter.timezone)).date()
    return _reason(slot.schedule, slot.due_at, holidays.between(session, newsletter.id, day, day), None, now)


def settle_with_issue(slot: Slot, now: datetime) -> None:
    """The slot's issue is made; the issue's row points here."""
    slot.state, slot.settled_at = SlotState.ISSUE, now


def close(slot: Slot, reason: str, now: datetime) -> None:
    """There will be no issue; `reason` is a sentence for an editor."""
    slot.state, slot.reason, slot.settled_at = SlotState.CLOSED, reason, now


def _make(session: Session, schedule: Schedule, moments: Sequence[datetime], now: datetime) -> list[int]:
    clock = zone(schedule.newsletter.timezone)
    days = [moment.astimezone(clock).date() for moment in (moments[0], moments[-1])]
    resting = holidays.between(session, schedule.newsletter_id, *days)
    due = [moment for moment in moments if moment <= now and moment.astimezone(clock).date() not in resting]
    rows = [_row(schedule, moment, resting, due[-1] if due else None, now) for moment in moments]
    opened: list[int] = []
    for first in range(0, len(rows), ROWS):
        statement = insert(session, Slot).values(rows[first : first + ROWS])
        statement = statement.on_conflict_do_nothing(index_elements=["schedule_id", "due_at"])
        made = session.execute(statement.returning(Slot.id, Slot.state))
        opened += [slot_id for slot_id, state in made if state == SlotState.OPEN]
    _made_until(session, schedule, moments[-1])
    return opened


def _made_until(session: Session, schedule: Schedule, moment: datetime) -> None:
    """Go on from here, unless somebody gave the schedule another beginning meanwhile."""
    same = update(Schedule).where(Schedule.id == schedule.id, Schedule.starts_at == schedule.starts_at)
    session.execute(same.values(made_until=moment))


def _row(
    schedule: Schedule, due_at: datetime, resting: dict[date, Holiday], newest: datetime | None, now: datetime
) -> dict[str, Any]:
    reason = _reason(schedule, due_at, resting, newest, now)
    return {
        "schedule_id": schedule.id,
        "due_at": due_at,
        "state": SlotState.CLOSED.value if reason else SlotState.OPEN.value,
        "reason": reason or "",
        "settled_at": now if reason else None,
    }


def _reason(
    schedule: Schedule, due_at: datetime, resting: dict[date, Holiday], newest: datetime | None, now: datetime
) -> str | None:
    """Why this moment brings no issue. `newest` is the last one that is due with it, None when it is alone."""
    clock = zone(schedule.newsletter.timezone)
    if holiday := resting.get(due_at.astimezone(clock).date()):
        return reasons.holiday(holiday.day, holiday.title)
    if now - due_at > timedelta(minutes=schedule.freshness_minutes):
        return reasons.too_late(due_at, now, clock)
    if newest is not None and due_at < newest:
        return reasons.overtaken(due_at, newest, clock)
    return None

"""Why a due moment brought no issue, in words for an editor and in the newsletter's own time."""

from datetime import date, datetime, tzinfo


def holiday(day: date, title: str) -> str:
    """The day is one on which the newsletter rests."""
    return f"{title or _date(day)} is a holiday."


def too_late(due_at: datetime, now: datetime, clock: tzinfo) -> str:
    """The moment came and went while nobody was looking at the clock."""
    due, late = due_at.astimezone(clock), now.astimezone(clock)
    if due.date() == late.date():
        return f"The scheduler was away; at {late:%H:%M} it was too late for the {due:%H:%M} issue."
    return f"The scheduler was away; on {_moment(late)} it was too late for the issue of {_moment(due)}."


def left_too_late(leaves_at: datetime, now: datetime, clock: tzinfo) -> str:
    """A draft was to leave, and it did not until it was no longer fresh."""
    due, late = leaves_at.astimezone(clock), now.astimezone(clock)
    if due.date() == late.date():
        return f"It was to leave at {due:%H:%M}; at {late:%H:%M} it was too late for that."
    return f"It was to leave on {_moment(due)}; on {_moment(late)} it was too late for that."


def overtaken(due_at: datetime, newer: datetime, clock: tzinfo) -> str:
    """When the scheduler was back, the next moment of the same schedule had come as well."""
    due, then = due_at.astimezone(clock), newer.astimezone(clock)
    return f"The scheduler was away; the issue of {_moment(then)} took the place of the one of {_moment(due)}."


def _moment(moment: datetime) -> str:
    return f"{_date(moment.date())}, {moment:%H:%M}"


def _date(day: date) -> str:
    return f"{day.day} {day:%B %Y}"

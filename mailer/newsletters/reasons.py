"""Why a due moment brought no issue, in words for an editor and in the newsletter's own time."""

from datetime import datetime, tzinfo


def too_late(due_at: datetime, now: datetime, clock: tzinfo) -> str:
    """The moment came and went while nobody was looking at the clock."""
    due, late = due_at.astimezone(clock), now.astimezone(clock)
    if due.date() == late.date():
        return f"The scheduler was away; at {late:%H:%M} it was too late for the {due:%H:%M} issue."
    return f"The scheduler was away; on {_moment(late)} it was too late for the issue of {_moment(due)}."


def overtaken(due_at: datetime, newer: datetime, clock: tzinfo) -> str:
    """When the scheduler was back, the next moment of the same schedule had come as well."""
    due, then = due_at.astimezone(clock), newer.astimezone(clock)
    return f"The scheduler was away; the issue of {_moment(then)} took the place of the one of {_moment(due)}."


def _moment(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y}, {moment:%H:%M}"

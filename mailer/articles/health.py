"""How a source is, in words for an editor."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from mailer.articles.kinds import POLLED
from mailer.articles.models import Source

NIGHT = timedelta(hours=9)
"""A silence as short as this is a night, whatever the habit."""

STALE = 3
"""Habits after which a silence is worth a sentence."""

_UNITS = ((604_800, "week"), (86_400, "day"), (3_600, "hour"), (60, "minute"))


class State(StrEnum):
    """What there is to say about a source, most urgent last."""

    BROUGHT = "brought"  # nobody reads it: articles are brought to it
    PAUSED = "paused"
    WAITING = "waiting"  # for its first reading
    FINE = "fine"
    STALE = "stale"
    FAILING = "failing"
    HELD = "held"


STILL = {State.PAUSED: "Paused: it is not read.", State.WAITING: "Not read yet."}


@dataclass(frozen=True)
class Health:
    """A source in words for an editor. `last` and `next` are "" where there is no such reading."""

    state: State
    sentence: str
    last: str
    next: str

    @property
    def needs_a_look(self) -> bool:
        """Whether somebody should do something about it."""
        return self.state in (State.STALE, State.FAILING, State.HELD)


def health(source: Source, now: datetime) -> Health:
    """How it is at `now`."""
    state = _state(source, now)
    last = f"read {ago(now - source.succeeded_at)}" if source.succeeded_at else ""
    polled = state not in (State.PAUSED, State.BROUGHT)
    return Health(state, _sentence(source, state, now), last, _next(source.next_poll_at - now) if polled else "")


def _state(source: Source, now: datetime) -> State:
    if not source.active:
        return State.PAUSED
    if source.kind not in POLLED:
        return State.BROUGHT
    if source.held_at:
        return State.HELD
    if source.error:
        return State.FAILING
    if source.succeeded_at is None:
        return State.WAITING
    return State.STALE if is_stale(source, now) else State.FINE


def is_stale(source: Source, now: datetime) -> bool:
    """Whether it has brought nothing new for longer than a night and longer than its habit explains."""
    if source.newest_at is None or source.habit_minutes is None:
        return False
    silence = now - source.newest_at
    return silence >= NIGHT and silence > STALE * timedelta(minutes=source.habit_minutes)


def _sentence(source: Source, state: State, now: datetime) -> str:
    silence = now - source.newest_at if source.newest_at else None
    match state:
        case State.HELD:
            more = "It was decided; the next reading takes them." if source.take else source.error
            return f"{source.held_count:,} items look new at once: held for a look. {more}".rstrip()
        case State.FAILING:
            return source.error
        case State.PAUSED | State.WAITING:
            return STILL[state]
        case State.STALE if silence:
            usual = every(timedelta(minutes=source.habit_minutes or 1))
            return f"Nothing new for {span(silence)}; usually something {usual}."
    return "Nothing has come from it yet." if silence is None else f"Something new {ago(silence)}."


def _next(wait: timedelta) -> str:
    return "due now" if wait <= timedelta() else f"next in {span(wait)}"


def ago(past: timedelta) -> str:
    """`9 hours ago`."""
    return f"{span(past)} ago" if past >= timedelta(minutes=1) else "just now"


def every(habit: timedelta) -> str:
    """`every 40 minutes`, `every hour`."""
    return f"every {span(habit).removeprefix('1 ')}"


def span(length: timedelta) -> str:
    """A length of time as one says it, in its largest unit: `40 minutes`, `9 hours`, `2 days`."""
    seconds = 60 * max(1, round(length.total_seconds() / 60))
    size, unit = next((size, unit) for size, unit in _UNITS if seconds >= (2 * size if size > 3_600 else size))
    count = round(seconds / size)
    return f"{count} {unit}{'' if count == 1 else 's'}"

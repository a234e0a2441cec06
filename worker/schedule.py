"""The clock: static ticks only. What is due is read from rows, never from the scheduler's memory."""

from datetime import UTC, datetime
from typing import Any

from mailer.queue import Job

_AT_ONCE = {"last_run_at": datetime(2000, 1, 1, tzinfo=UTC)}
"""A clock that starts ticks first and waits afterwards: what fell due while it was away is not kept waiting."""

BEAT: dict[str, dict[str, Any]] = {
    "tick": {"task": Job.TICK.value, "schedule": 20.0, "options": {"expires": 20}, **_AT_ONCE},
    "sweep": {"task": Job.SWEEP.value, "schedule": 15.0, "options": {"expires": 15}, **_AT_ONCE},
}

"""Who is at work: the heartbeats of the workers and of the scheduler."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.ops.models import Heartbeat

BEAT = "beat"
"""The sign of life of the scheduler, and of a worker that hears it."""

WORKER = "worker:"
"""Before the host name, the sign of life of a worker."""

RELAY_DOWN = "relay down"
"""Not a sign of life: when a worker last could not reach the relay."""

BEAT_SILENT = timedelta(minutes=2)
WORKER_SILENT = timedelta(minutes=1)
RELAY_DOWN_LASTS = timedelta(minutes=1)
FORGOTTEN = timedelta(hours=1)
"""After which a worker that went away is no longer listed: machines come and go."""


@dataclass(frozen=True)
class Sign:
    """A part of the house, when it was last seen, and whether that is recent enough."""

    name: str
    seen_at: datetime
    alive: bool


@dataclass(frozen=True)
class Signs:
    """Everybody who was seen in the last hour; `beat` is None when the scheduler never was."""

    beat: Sign | None
    workers: tuple[Sign, ...]
    relay_down: bool = False

    @property
    def alive(self) -> int:
        """How many workers are at work."""
        return sum(worker.alive for worker in self.workers)

    @property
    def ticking(self) -> bool:
        """Whether the scheduler is at work."""
        return self.beat is not None and self.beat.alive


def signs(session: Session, now: datetime) -> Signs:
    """Read the heartbeats, workers by name."""
    beat: Sign | None = None
    workers: list[Sign] = []
    relay_down = False
    for row in session.scalars(select(Heartbeat).order_by(Heartbeat.name)):
        if row.name == BEAT:
            beat = Sign(BEAT, row.seen_at, now - row.seen_at < BEAT_SILENT)
        elif row.name == RELAY_DOWN:
            relay_down = now - row.seen_at < RELAY_DOWN_LASTS
        elif row.name.startswith(WORKER) and now - row.seen_at < FORGOTTEN:
            workers.append(Sign(row.name.removeprefix(WORKER), row.seen_at, now - row.seen_at < WORKER_SILENT))
    return Signs(beat, tuple(workers), relay_down)

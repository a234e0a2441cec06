"""The Celery application: `celery -A worker.app worker`. Needs no Flask; a task gets its session from here."""

import logging
import os
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from typing import Any

from celery.signals import heartbeat_sent, setup_logging, worker_process_init, worker_ready
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from mailer.config import Settings, load_settings
from mailer.db import make_engine
from mailer.links import Links
from mailer.ops import heartbeat, workers
from mailer.queue import Job, configure, enqueue
from worker.schedule import BEAT

log = logging.getLogger(__name__)

SIGN_SECONDS = 15.0
_signed = -SIGN_SECONDS

settings: Settings = load_settings(os.environ)
celery = configure(settings)
celery.conf.beat_schedule = BEAT
celery.conf.imports = (
    "worker.tasks.subscriptions",
    "worker.tasks.staff",
    "worker.tasks.articles",
    "worker.tasks.delivery",
    "worker.tasks.breaking",
    "worker.tasks.upkeep",
)


@cache
def engine() -> Engine:
    """This process's engine; a forked child makes its own."""
    return make_engine(settings.database)


@cache
def links() -> Links:
    """Makes and reads the signed links of this installation."""
    return Links(settings.secret, settings.base_url, settings.unsubscribe_mailbox)


@contextmanager
def session() -> Iterator[Session]:
    """A session for one task. The task commits; an error rolls back."""
    with Session(engine(), expire_on_commit=False) as session:
        yield session


@worker_process_init.connect
def _after_fork(**_: Any) -> None:
    if engine.cache_info().currsize:
        engine().dispose(close=False)  # the parent's connections are not ours to close
        engine.cache_clear()


@worker_ready.connect
def _look_around(**_: Any) -> None:
    """What a worker that died here left behind is taken up at once, not at the next round of the clock."""
    enqueue(Job.SWEEP)


@heartbeat_sent.connect
def _sign_of_life(**_: Any) -> None:
    """Celery's own heartbeat, about every two seconds; the board needs one every SIGN_SECONDS."""
    global _signed  # noqa: PLW0603  # one per process, and there is no object to keep it
    if time.monotonic() - _signed < SIGN_SECONDS:
        return
    _signed = time.monotonic()
    try:
        with session() as s:
            heartbeat.beat(s, workers.WORKER + platform.node(), datetime.now(UTC))
            s.commit()
    except DBAPIError as error:
        log.warning("The database is away: %s", error.orig)
    finally:
        engine().dispose()  # nothing open for the children to inherit


@setup_logging.connect
def _logging(**_: Any) -> None:
    logging.basicConfig(level=settings.log_level, format="%(levelname)s %(name)s: %(message)s")

"""Tasks of the delivery room: fan out an issue, send what is due."""

import logging
import platform
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from mailer.delivery import sweep
from mailer.delivery.fanout import fan_out as fan_out_issue
from mailer.delivery.lanes import lane
from mailer.emails.smtp import RelayDown, send_many
from mailer.ops import heartbeat, workers
from mailer.queue import Job, enqueue
from worker import app
from worker.app import celery, engine, links, session
from worker.compiled import CompiledEditions
from worker.sending import IssueFreight, recover

log = logging.getLogger(__name__)

RUN_SECONDS = 20.0
"""After which a run claims nothing more and asks for the next, so that a worker can stop and others get a turn."""


@celery.task(name=Job.FAN_OUT.value)
def fan_out(issue_id: int) -> None:
    """Fix the audience of a released issue, then ring for every lane."""
    with session() as s:
        size = fan_out_issue(s, issue_id, datetime.now(UTC))
        s.commit()
    if size is not None:
        for _ in range(app.settings.send_lanes):
            enqueue(Job.SEND)


@celery.task(name=Job.SEND.value)
def send() -> None:
    """Send what is due, as long as a lane is free. Ringing more often than needed is harmless."""
    with lane(app.settings.data_dir, app.settings.send_lanes) as folder:
        if folder is None:
            return
        up = run(folder)
    if look_back(up, sweep.has_open):
        enqueue(Job.SEND)


def run(folder: Path, *, urgent: bool = False) -> bool:
    """One run of a lane, `urgent` in that of breaking news; False when the relay is down."""
    recover(engine(), folder)
    freight = IssueFreight(
        engine(),
        links(),
        app.settings.secret,
        folder,
        platform.node(),
        RUN_SECONDS,
        urgent=urgent,
        compiled=_compiled(engine()),
    )
    up = True
    try:
        send_many(app.settings.relay, freight, app.settings.smtp_connections)
    except RelayDown as reason:
        up = False
        log.error("The relay is down, nothing is lost: %s", reason)
    finally:
        freight.close(relay_down=not up)
    return up


@lru_cache(maxsize=1)
def _compiled(_: Engine) -> CompiledEditions:
    """What this process has compiled from its database, in any run."""
    return CompiledEditions(folder=app.settings.data_dir)


def look_back(up: bool, has_more: Callable[[Session, datetime], bool]) -> bool:
    """After a run: say that the relay is down, or close what is over. True when there is more to send now."""
    with session() as s:
        if not up:
            heartbeat.beat(s, workers.RELAY_DOWN, datetime.now(UTC))
        more = up and has_more(s, datetime.now(UTC))
        if not more:
            sweep.finish(s, datetime.now(UTC))
        s.commit()
    return more

"""The hatch to the worker: the names of jobs and queues, and how to ask for a job.

The row is the work; the queue only carries ids and is a doorbell. Losing it loses nothing: the sweep asks again.
"""

import logging
import time
from enum import StrEnum
from typing import Any

from celery import Celery
from celery.signals import before_task_publish
from kombu.exceptions import OperationalError

from mailer.breaker import Breaker
from mailer.config import Settings

log = logging.getLogger(__name__)


class Queue(StrEnum):
    """Where a job waits, most urgent first."""

    CONFIRM = "confirm"
    BREAKING = "breaking"
    SEND = "send"
    FEEDS = "feeds"
    UPKEEP = "upkeep"


class Job(StrEnum):
    """What may be asked of the worker. The value is the name of the task that answers."""

    SEND_LETTER = "subscriptions.send_letter"
    SEND_LOGIN_LINK = "staff.send_login_link"
    POLL_SOURCE = "articles.poll_source"
    CHECK_LINKS = "articles.check_links"
    FAN_OUT_BREAKING = "breaking.fan_out"
    SEND_BREAKING = "breaking.send"
    FAN_OUT = "delivery.fan_out"
    SEND = "delivery.send"
    TICK = "upkeep.tick"
    SWEEP = "upkeep.sweep"


ROUTES: dict[Job, Queue] = {
    Job.SEND_LETTER: Queue.CONFIRM,
    Job.SEND_LOGIN_LINK: Queue.CONFIRM,
    Job.POLL_SOURCE: Queue.FEEDS,
    Job.CHECK_LINKS: Queue.FEEDS,
    Job.FAN_OUT_BREAKING: Queue.BREAKING,
    Job.SEND_BREAKING: Queue.BREAKING,
    Job.FAN_OUT: Queue.SEND,
    Job.SEND: Queue.SEND,
    Job.TICK: Queue.UPKEEP,
    Job.SWEEP: Queue.UPKEEP,
}

celery = Celery("postroom")

REST = 5.0
"""Seconds without asking the broker after it failed: one that is silent keeps each who asks for five."""

_breaker = Breaker(REST)


def configure(settings: Settings) -> Celery:
    """Point the hatch at the broker. Called once by create_app() and once by the worker."""
    global _breaker  # noqa: PLW0603  # another broker, another chance
    _breaker = Breaker(REST)
    celery.conf.update(
        broker_url=settings.broker,
        task_ignore_result=True,
        task_routes={job.value: {"queue": queue.value} for job, queue in ROUTES.items()},
        task_acks_late=True,
        # False, or a task that kills its process is delivered again for ever; leases in rows recover the work.
        task_reject_on_worker_lost=False,
        task_create_missing_queues=True,
        task_default_queue=Queue.UPKEEP.value,
        task_serializer="json",
        accept_content=["json"],
        broker_connection_retry_on_startup=True,
        broker_connection_timeout=2,
        broker_transport_options={
            # Longer than the longest task, or a second worker starts it while the first still runs.
            "visibility_timeout": 600,
            "unacked_restore_interval": 10,
            "unacked_restore_throttle": 1,
            "socket_connect_timeout": 2,
            "socket_timeout": 5,
            "queue_order_strategy": "priority",
        },
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        timezone="UTC",
        enable_utc=True,
    )
    return celery


@before_task_publish.connect  # type: ignore[untyped-decorator]
def _stamp(headers: dict[str, Any], **_: object) -> None:
    """Celery does not say when a job was asked for; the queue board wants to know how long the oldest waits."""
    headers["queued_at"] = time.time()


def enqueue(job: Job, *ids: int | str) -> bool:
    """Ask for `job` after the commit that made it true; False when the broker is away (the sweep asks again)."""
    if not _breaker.may_try():
        return False
    try:
        with celery.producer_pool.acquire(block=True) as producer:
            producer.connection.ensure_connection(max_retries=0)  # by itself it sleeps for two seconds and tries again
            celery.signature(job.value, args=ids, app=celery).apply_async(retry=False, producer=producer)
    except (OperationalError, OSError) as error:
        _breaker.failed()
        log.warning("The broker is away, %s%r waits for the sweep: %s", job.value, ids, error)
        return False
    _breaker.worked()
    return True

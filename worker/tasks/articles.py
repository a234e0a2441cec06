"""Tasks of the articles room: read a source."""

from datetime import UTC, datetime

from celery.exceptions import SoftTimeLimitExceeded

from mailer.articles import polling
from mailer.articles.source import FetchFailed
from mailer.queue import Job
from worker import app
from worker.app import celery, session

SOFT_SECONDS = 90
"""Fetching ends after 20 seconds by itself; what takes longer is a document made to be slow."""

HARD_SECONDS = 120


@celery.task(name=Job.POLL_SOURCE.value, soft_time_limit=SOFT_SECONDS, time_limit=HARD_SECONDS)
def poll_source(source_id: int) -> None:
    """Read a source that is due, and store what is new. Asking more often than needed is harmless."""
    with session() as s:
        plan = polling.claim(s, source_id, datetime.now(UTC))
        s.commit()
        if plan is not None:
            reading = _read(plan)
            polling.record(s, plan, reading, datetime.now(UTC))
            s.commit()


def _read(plan: polling.PollPlan) -> polling.Reading:
    try:
        return polling.read(plan, allow_private=app.settings.private_sources, base_url=app.settings.base_url)
    except SoftTimeLimitExceeded:
        return FetchFailed(f"Reading this feed takes longer than {SOFT_SECONDS} seconds.")

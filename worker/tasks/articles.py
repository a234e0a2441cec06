"""Tasks of the articles room: read a source, see whether the articles of a draft are still there."""

from datetime import UTC, datetime

from mailer.articles import polling
from mailer.articles.source import FetchFailed
from mailer.digests import linkcheck
from mailer.queue import Job
from worker import app
from worker.app import celery, session

SECONDS = 120
"""Reading ends after 25 by itself, and storing takes a few: whatever takes longer hangs."""

NOT_STORED = FetchFailed("What this address offers could not be stored because of an error in Postroom. See the log.")


@celery.task(name=Job.POLL_SOURCE.value, time_limit=SECONDS)
def poll_source(source_id: int) -> None:
    """Read a source that is due, and store what is new. Asking more often than needed is harmless."""
    with session() as s:
        plan = polling.claim(s, source_id, datetime.now(UTC))
        s.commit()
        if plan is None:
            return
        reading = polling.read(plan, allow_private=app.settings.private_sources, base_url=app.settings.base_url)
        try:
            polling.record(s, plan, reading, datetime.now(UTC))
            s.commit()
        except Exception:
            s.rollback()
            polling.record(s, plan, NOT_STORED, datetime.now(UTC))
            s.commit()
            raise


@celery.task(name=Job.CHECK_LINKS.value, time_limit=SECONDS)
def check_links(issue_id: int) -> None:
    """Ask the addresses of a draft's articles and pictures, those that nobody asked just now."""
    with session() as s:
        questions = linkcheck.claim(s, issue_id, datetime.now(UTC))
        s.commit()
        if questions:
            settings = app.settings
            found = linkcheck.ask(questions, allow_private=settings.private_sources, base_url=settings.base_url)
            linkcheck.record(s, found, datetime.now(UTC))
            s.commit()

"""Upkeep: what is due by the clock, and what the queue forgot.

Ringing twice is harmless everywhere: a task claims its row first, and walks away when somebody else has it.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial

from mailer.articles import polling
from mailer.delivery import sweep as deliveries
from mailer.digests import due
from mailer.newsletters import slots
from mailer.ops import heartbeat, workers
from mailer.queue import Job, enqueue
from mailer.staff import login_mail
from mailer.subscriptions import erasure, letters, pause, pending
from worker import app
from worker.app import celery, engine, session
from worker.sending import recover_free_lanes

MOST = 500
"""Jobs of one kind asked for at a time; the rest is asked for the next time."""

SLICE = 200
"""Sign-ups that are forgotten in one transaction."""


@celery.task(name=Job.TICK.value)
def tick() -> None:
    """Say that the clock runs, make drafts of what is due, and have the sources read."""
    now = datetime.now(UTC)
    _each((partial(_beat, now), partial(_settle_slots, now), partial(_poll_sources, now)))


@celery.task(name=Job.SWEEP.value)
def sweep() -> None:
    """Ask again for what the queue forgot, most urgent first, and close what is over."""
    now = datetime.now(UTC)
    _each(partial(step, now) for step in (_ask_for_mails, _end_pauses, _ask_for_sending, _close_issues, _forget))


def _beat(now: datetime) -> None:
    with session() as s:
        heartbeat.beat(s, workers.BEAT, now)
        s.commit()


def _settle_slots(now: datetime) -> None:
    with session() as s:
        slots.open_due_slots(s, now)
        waiting = [slot.id for slot in slots.open_slots(s)]
        s.commit()
    _each(partial(_settle_slot, slot_id, now) for slot_id in waiting)


def _settle_slot(slot_id: int, now: datetime) -> None:
    with session() as s:
        released = due.settle(s, slot_id, now)
        s.commit()
    if released is not None:
        enqueue(Job.FAN_OUT, released)


def _poll_sources(now: datetime) -> None:
    with session() as s:
        waiting = polling.due(s, now, MOST)
        s.commit()
    _ask(Job.POLL_SOURCE, waiting)


def _ask_for_mails(now: datetime) -> None:
    with session() as s:
        pending.remind(s, now, MOST)
        s.commit()
        owed, logins = letters.owed(s, now, MOST), login_mail.owed(s, now, MOST)
        s.commit()
    _ask(Job.SEND_LETTER, owed)
    _ask(Job.SEND_LOGIN_LINK, logins)


def _end_pauses(now: datetime) -> None:
    with session() as s:
        while pause.resume_over(s, now, MOST):
            s.commit()


def _ask_for_sending(now: datetime) -> None:
    recover_free_lanes(engine(), app.settings.data_dir, app.settings.send_lanes)  # journals know more than leases
    with session() as s:
        released = deliveries.unfanned(s)
        deliveries.release_expired(s, now)
        s.commit()
        waiting = deliveries.has_due(s, now)
        s.commit()
    _ask(Job.FAN_OUT, released)
    if waiting:
        for _ in range(app.settings.send_lanes):
            enqueue(Job.SEND)


def _close_issues(now: datetime) -> None:
    with session() as s:
        deliveries.finish(s, now)
        s.commit()


def _forget(now: datetime) -> None:
    """In slices, so that nobody who signs up waits."""
    with session() as s:
        while pending.forget(s, now, SLICE) == SLICE:
            s.commit()
        s.commit()
        pending.forget_letters(s, now, MOST)
        s.commit()
        erasure.forget_again(s, now)
        s.commit()


def _ask(job: Job, ids: Iterable[int]) -> None:
    for each in ids:
        if not enqueue(job, each):
            return


def _each(steps: Iterable[Callable[[], None]]) -> None:
    """Take every step, also after one that fails; then fail with all that went wrong."""
    errors: list[Exception] = []
    for step in steps:
        try:
            step()
        except Exception as error:
            errors.append(error)
    if errors:
        raise ExceptionGroup("part of the upkeep failed", errors)

"""Upkeep: what is due by the clock, and what the queue forgot.

Ringing twice is harmless everywhere: a task claims its row first, and walks away when somebody else has it.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial

from mailer.articles import polling
from mailer.delivery import sweep as deliveries
from mailer.digests import away, due, editions, linkcheck
from mailer.digests.models import EVERY_ARTICLE
from mailer.newsletters import slots
from mailer.ops import heartbeat, workers
from mailer.queue import Job, enqueue
from mailer.staff import login_mail
from mailer.subscriptions import erasure, letters, pause, pending
from worker import app
from worker.app import celery, engine, links, session
from worker.sending import recover_free_lanes

MOST = 500
"""Jobs of one kind asked for at a time; the rest is asked for the next time."""

SLICE = 200
"""Sign-ups that are forgotten in one transaction."""


@celery.task(name=Job.TICK.value)
def tick() -> None:
    """Say that the clock runs, make drafts of what is due, tell who was away, and have the sources read."""
    now = datetime.now(UTC)
    steps = (_beat, _settle_slots, _release_drafts, _tell_who_was_away, _check_links, _poll_sources)
    _each(partial(step, now) for step in steps)


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
        due.settle(s, slot_id, now)
        s.commit()


def _release_drafts(now: datetime) -> None:
    with session() as s:
        waiting = due.leaving(s, now)
        s.commit()
    _each(partial(_release_draft, issue_id, now) for issue_id in waiting)


def _release_draft(issue_id: int, now: datetime) -> None:
    with session() as s:
        content = editions.content(s, issue_id, EVERY_ARTICLE)
        s.commit()  # an editor's template may take a while; nobody waits for it
        html = editions.render(content, links()).html or ""
        left = due.leave(s, issue_id, len(html.encode()), now)
        s.commit()
    if left:
        enqueue(Job.FAN_OUT, issue_id)


def _tell_who_was_away(now: datetime) -> None:
    with session() as s:
        waiting = away.groups(s)
        s.commit()
    _each(partial(_tell_group, group, now) for group in waiting)


def _tell_group(group: away.Group, now: datetime) -> None:
    with session() as s:
        released = away.bring(s, group, now)
        s.commit()
    if released is not None:
        enqueue(Job.FAN_OUT, released)


def _check_links(now: datetime) -> None:
    with session() as s:
        waiting = linkcheck.due(s, now, MOST)
        s.commit()
    _ask(Job.CHECK_LINKS, waiting)


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
        news, issues = deliveries.unfanned(s, urgent=True), deliveries.unfanned(s)
        deliveries.release_expired(s, now)
        s.commit()
        urgent, waiting = deliveries.has_urgent(s, now), deliveries.has_due(s, now)
        s.commit()
    _ask(Job.FAN_OUT_BREAKING, news)
    if urgent:
        enqueue(Job.SEND_BREAKING)
    _ask(Job.FAN_OUT, issues)
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

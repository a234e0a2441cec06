"""One run of one lane: claims batches, hands their messages to the courier, records the answers as they come.

This is the hot path. Per reader it signs one link and joins the pieces of a compiled edition; all else is per batch.
"""

import logging
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from mailer.db import read_only
from mailer.delivery import dispatch, journal, recovery, retry
from mailer.delivery.dispatch import Claim, Reader, Result
from mailer.delivery.journal import Journal, Mark
from mailer.delivery.lanes import BREAKING, ISSUES, lane
from mailer.delivery.models import DeliveryState
from mailer.digests import editions
from mailer.digests.models import Issue, IssueState
from mailer.emails.compiled import Slot
from mailer.emails.headers import address_header, message_id
from mailer.emails.smtp import Answer, Envelope, Outcome
from mailer.links import Links
from worker.compiled import CompiledEditions, Finished

log = logging.getLogger(__name__)

FRESH = 20.0
"""Seconds after which what is left of a claim is given back, so that who left meanwhile is noticed."""
RECORD_EVERY = 100
"""Answers after which they are recorded; a quiet second does it too."""
PAUSE_WHEN_DOWN = timedelta(seconds=15)

_STATES = {
    Outcome.ACCEPTED: (DeliveryState.ACCEPTED, Mark.ACCEPTED),
    Outcome.REFUSED: (DeliveryState.REFUSED, Mark.REFUSED),
    Outcome.UNCERTAIN: (DeliveryState.UNCERTAIN, Mark.HANDED),
}


@dataclass
class Load:
    """A claim on its way: its readers in order, what was taken of them, and what is not recorded yet."""

    held: Claim
    readers: list[Reader]
    journal: Journal
    claimed: float = field(default_factory=time.monotonic)
    taken: int = 0
    answered: int = 0
    unrecorded: list[tuple[int, Result]] = field(default_factory=list)
    lost: bool = False  # the claim was settled by somebody else: nothing of it may be recorded

    @property
    def stale(self) -> bool:
        return time.monotonic() - self.claimed > FRESH


@dataclass(frozen=True, slots=True)
class Key:
    """Which delivery a message is: its load and its place in it."""

    load: Load
    index: int


class IssueFreight:
    """Freight for the courier (mailer.emails.smtp.Freight): the deliveries of all issues that are due."""

    def __init__(
        self,
        engine: Engine,
        links: Links,
        secret: str,
        folder: Path,
        owner: str,
        seconds: float,
        *,
        urgent: bool = False,
        compiled: CompiledEditions | None = None,
    ) -> None:
        """`seconds` is how long new claims are made; with `urgent` only of breaking news.

        `compiled` is what earlier runs of the process have made, of the same database.
        """
        self._engine, self._links, self._key = engine, links, secret.encode()
        self._folder, self._owner, self._urgent = folder, owner, urgent
        self._ends = time.monotonic() + seconds
        self._current: Load | None = None
        self._loads: list[Load] = []
        self._database_away = False
        self._compiled = compiled or CompiledEditions(folder=folder)

    def next(self) -> tuple[Key, Envelope] | None:
        """The next message, from the claim at hand or a new one."""
        load = self._current
        if load is None or load.taken == len(load.readers) or load.stale:
            self._current = load = self._claim()
            if load is None:
                return None
        key = Key(load, load.taken)
        load.taken += 1
        try:
            return key, self._envelope(load.held.issue_id, load.readers[key.index])
        except Exception as error:
            log.exception("A message of issue %s could not be composed", load.held.issue_id)
            self.answered(key, Answer(Outcome.REFUSED, 0, f"this message could not be composed: {error}"))
            return self.next()

    def handed(self, key: Key) -> None:
        """The intent is durable before the final dot."""
        key.load.journal.mark(key.index, Mark.HANDED)

    def answered(self, key: Key, answer: Answer) -> None:
        """Note it in the journal now, and in the database soon."""
        load, reader = key.load, key.load.readers[key.index]
        load.answered += 1
        if answer.outcome is Outcome.UNSENT:
            load.journal.mark(key.index, Mark.UNTOUCHED)
        else:
            result, mark = self._judge(reader, answer)
            load.journal.mark(key.index, mark)
            load.unrecorded.append((key.index, result))
        if len(load.unrecorded) >= RECORD_EVERY or self._complete(load):
            self._record(load)

    def tick(self) -> None:
        """Record what waits, renew leases, and stop taking from issues that are no longer sending."""
        for load in list(self._loads):
            self._record(load)
        if self._current is not None and not self._still_sending(self._current):
            self._drop(self._current)

    def close(self, relay_down: bool) -> None:
        """Give everything back at the end of the run. What has no answer (the run broke off) stays in its journal."""
        again_at = datetime.now(UTC) + PAUSE_WHEN_DOWN if relay_down else None
        self._current = None
        for load in list(self._loads):
            self._record(load, again_at)
            load.journal.abandon()

    def _complete(self, load: Load) -> bool:
        over = load is not self._current or load.taken == len(load.readers)
        return over and load.answered == load.taken

    def _drop(self, load: Load) -> None:
        """Take no more of it; what is under way is still answered."""
        self._current = None
        if self._complete(load):
            self._record(load)

    def _claim(self) -> Load | None:
        previous, self._current = self._current, None
        if previous is not None and self._complete(previous):
            self._record(previous)
        while time.monotonic() < self._ends and not self._database_away:
            try:
                with Session(self._engine) as session:
                    now = datetime.now(UTC)
                    claimed = dispatch.claim(session, self._owner, now, urgent=self._urgent)
                    if claimed is None:
                        return None
                    held, readers = claimed
                    if not readers:
                        dispatch.finish(session, held, now)
                        session.commit()
                        continue
                    session.commit()
            except DBAPIError as error:
                self._lost_database(error)
                return None
            load = Load(held, readers, Journal(self._folder, held, [r.subscriber_id for r in readers]))
            self._loads.append(load)
            return load
        return None

    def _record(self, load: Load, again_at: datetime | None = None) -> None:
        """Write the answers of a load; at its end give the batch back. Keeps them in the journal if that fails."""
        waiting = load.unrecorded
        if not load.lost:
            try:
                load.lost = not self._write(load, again_at)
            except DBAPIError as error:
                self._lost_database(error)
                return
        load.unrecorded = []
        if load.lost and load is self._current:
            self._current = None
        if self._complete(load):
            if load is self._current:
                self._current = None
            self._loads.remove(load)
            load.journal.close()
        else:
            for index, _ in waiting:
                load.journal.mark(index, Mark.RECORDED)

    def _write(self, load: Load, again_at: datetime | None) -> bool:
        now = datetime.now(UTC)
        with Session(self._engine) as session:
            ours = dispatch.record(session, load.held, [result for _, result in load.unrecorded], now)
            if ours and self._complete(load):
                dispatch.finish(session, load.held, now, again_at)
            session.commit()
        return ours

    def _lost_database(self, error: DBAPIError) -> None:
        self._database_away = True
        log.error("The database is away; answers stay in the journal, nothing new is sent: %s", error.orig)

    def _still_sending(self, load: Load) -> bool:
        try:
            with Session(self._engine) as session:
                state = session.scalar(select(Issue.state).where(Issue.id == load.held.issue_id))
        except DBAPIError as error:
            self._lost_database(error)
            return False
        return state == IssueState.SENDING.value

    def _judge(self, reader: Reader, answer: Answer) -> tuple[Result, Mark]:
        said = f"{answer.code} {answer.text}" if answer.code else answer.text
        if answer.outcome is not Outcome.DEFERRED:
            state, mark = _STATES[answer.outcome]
            return Result(reader.subscriber_id, state, said), mark
        again = retry.next_attempt(reader.attempts + 1, reader.subscriber_id, datetime.now(UTC))
        if again is None:
            return Result(reader.subscriber_id, DeliveryState.REFUSED, f"{said} (given up)"), Mark.REFUSED
        return Result(reader.subscriber_id, DeliveryState.DEFERRED, said, again), Mark.DEFERRED

    def _envelope(self, issue_id: int, reader: Reader) -> Envelope:
        key = issue_id, reader.edition, reader.plain_text
        finished = self._compiled.get(key, lambda: self._compile(*key))
        sender = finished.sender
        values = {
            Slot.TO: address_header("", reader.address),
            Slot.MESSAGE_ID: message_id(issue_id, reader.subscriber_id, sender.rpartition("@")[2], self._key),
            Slot.TOKEN: self._links.leaving_token(reader.subscription_id, issue_id),
        }
        return Envelope(sender, reader.address, finished.mail.fill(values))

    def _compile(self, issue_id: int, edition: int, plain_text: bool) -> Finished:
        with Session(self._engine) as session:
            read_only(session)
            content = editions.content(session, issue_id, edition)
        mail = editions.compile_edition(content, self._links, plain_text=plain_text)
        return Finished(content.sender_address, mail)


def recover_free_lanes(engine: Engine, data_dir: Path, lanes: int) -> None:
    """Settle what dead senders of this machine left behind, in every lane that nobody holds."""
    for of, number in ((BREAKING, 1), (ISSUES, lanes)):
        with ExitStack() as held:
            while (folder := held.enter_context(lane(data_dir, number, of))) is not None:
                recover(engine, folder)


def recover(engine: Engine, folder: Path) -> int:
    """Settle what the last holder of this lane left behind. Returns how many deliveries became uncertain."""
    uncertain = 0
    for path in journal.left_behind(folder):
        held, marks = journal.read(path)
        with Session(engine) as session:
            uncertain += recovery.settle_journal(session, held, marks, datetime.now(UTC))
            session.commit()
        path.unlink()
    if uncertain:
        log.warning("A sending process died: %s deliveries are uncertain, everything else goes on", uncertain)
    return uncertain

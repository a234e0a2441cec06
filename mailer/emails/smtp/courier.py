"""Sends many messages over many connections in one thread: latency is hidden by connections, not by threads."""

import selectors
import socket
import time
from collections import deque
from contextlib import suppress
from typing import Any, Protocol, TypeVar

from mailer.config import Relay
from mailer.emails.smtp.answers import Answer, Envelope, Outcome
from mailer.emails.smtp.connection import Address, Connection
from mailer.emails.smtp.conversation import Conversation, ProtocolError, Transaction

K = TypeVar("K")

MAXIMUM_LOSSES = 3
"""Connections a message may lose before its final dot until it is put off, so that one message blocks no other."""
LONGEST_PAUSE = 30.0
"""Seconds between two attempts to connect, at the most."""


class RelayDown(Exception):
    """No connection to the relay could be made; the text says why. No message was harmed."""


class Freight(Protocol[K]):
    """Where messages come from and where the news of them goes. All calls come from the sending thread."""

    def next(self) -> tuple[K, Envelope] | None:
        """The next message with a key of the caller's, or None: there is no more."""

    def handed(self, key: K) -> None:
        """The final dot of this message is about to be written: from now on it may arrive."""

    def answered(self, key: K, answer: Answer) -> None:
        """What became of it. Called exactly once for each message that `next` gave out."""

    def tick(self) -> None:
        """Called about once a second while messages are under way."""


class Courier:
    """One run over one relay."""

    def __init__(self, relay: Relay, freight: Freight[Any], *, attempts: int, limit: float | None) -> None:
        self._relay, self._freight = relay, freight
        self._attempts = attempts  # to connect, before the relay counts as down
        self._ends = None if limit is None else time.monotonic() + limit
        self._selector = selectors.DefaultSelector()
        self._open: set[Connection] = set()
        self._returned: deque[Transaction] = deque()
        self._redials: list[float] = []
        self._failures = 0
        self._reason = ""
        self._exhausted = False
        self._addresses: list[Address] = []
        self._dials = 0

    def run(self, connections: int) -> None:
        """Send until there is no more. Raises RelayDown; everything taken from the freight is answered before."""
        try:
            self._addresses = list(socket.getaddrinfo(self._relay.host, self._relay.port, type=socket.SOCK_STREAM))
        except OSError as error:
            raise RelayDown(f"{self._relay.host}: {error.strerror or error}") from None
        now = time.monotonic()
        self._redials = [now] * connections
        try:
            self._loop(now)
        finally:
            self._hang_up()
            self._selector.close()

    def _loop(self, now: float) -> None:
        next_second = now
        while not self._finished():
            now = time.monotonic()
            if now >= next_second:
                next_second = now + 1.0
                self._each_second(now)
            for key, events in self._selector.select(max(0.0, next_second - now)):
                self._advance(key.data, events, now)

    def _finished(self) -> bool:
        if not self._exhausted or self._returned:
            return False
        return all(c.conversation.idle or not c.conversation.ready for c in self._open)

    def _each_second(self, now: float) -> None:
        self._freight.tick()
        for connection in [c for c in self._open if now > c.deadline]:
            self._lost(connection, "the relay did not answer in time", now)
        if self._ends is not None and now > self._ends:
            for connection in list(self._open):
                self._lost(connection, "there was no more time", now)
            self._give_up("it did not answer in time")
        if self._failures >= self._attempts and not any(c.conversation.ready for c in self._open):
            self._give_up(self._reason)
        for _ in range(sum(at <= now for at in self._redials)):
            self._dial(now)
        if self._returned:
            self._wake(now)

    def _dial(self, now: float) -> None:
        self._redials.remove(min(self._redials))
        address = self._addresses[self._dials % len(self._addresses)]
        self._dials += 1
        conversation = Conversation(self._relay, _own_name(), self._pull, self._handed, self._answered)
        try:
            connection = Connection(self._relay, address, conversation, now)
        except OSError as error:
            self._note_failure(str(error.strerror or error), now)
            return
        self._open.add(connection)
        self._selector.register(connection.socket, connection.events, connection)

    def _advance(self, connection: Connection, events: int, now: float) -> None:
        if connection not in self._open:
            return
        before = connection.events
        descriptor = connection.socket
        try:
            connection.advance(events, now)
        except (OSError, ProtocolError) as error:
            self._lost(connection, str(getattr(error, "strerror", None) or error), now)
            return
        if connection.socket is not descriptor:  # TLS took over
            self._selector.unregister(descriptor)
            self._selector.register(connection.socket, connection.events, connection)
        elif connection.events != before:
            self._selector.modify(connection.socket, connection.events, connection)

    def _wake(self, now: float) -> None:
        """Give what came back to connections that have run out of work."""
        for connection in [c for c in self._open if c.conversation.idle]:
            self._advance(connection, selectors.EVENT_WRITE, now)

    def _lost(self, connection: Connection, reason: str, now: float) -> None:
        conversation = connection.conversation
        self._open.discard(connection)
        self._selector.unregister(connection.socket)
        in_flight, announced = conversation.in_flight, conversation.announced
        dot_left = connection.final_dot_left
        connection.close()
        if in_flight is not None and dot_left:
            self._answered(in_flight, Answer(Outcome.UNCERTAIN, 0, f"no answer to the final dot: {reason}"))
        elif in_flight is not None:
            self._give_back(in_flight, reason)
        if announced is not None:
            self._give_back(announced, reason)
        self._note_failure(reason, now)

    def _note_failure(self, reason: str, now: float) -> None:
        self._failures += 1
        self._reason = reason
        pause = min(LONGEST_PAUSE, 2.0 ** min(self._failures, 10) / 4)
        self._redials.append(now + pause)

    def _give_back(self, transaction: Transaction, reason: str) -> None:
        transaction.losses += 1
        transaction.answer = None
        if transaction.losses >= MAXIMUM_LOSSES:
            self._answered(transaction, Answer(Outcome.DEFERRED, 0, reason))
        else:
            self._returned.append(transaction)

    def _give_up(self, reason: str) -> None:
        while self._returned:
            self._answered(self._returned.popleft(), Answer(Outcome.UNSENT, 0, reason))
        raise RelayDown(reason)

    def _pull(self) -> Transaction | None:
        if self._returned:
            return self._returned.popleft()
        if self._exhausted or (following := self._freight.next()) is None:
            self._exhausted = True
            return None
        return Transaction(*following)

    def _handed(self, transaction: Transaction) -> None:
        self._freight.handed(transaction.key)

    def _answered(self, transaction: Transaction, answer: Answer) -> None:
        if answer.code:
            self._failures = 0  # the relay is at work
        self._freight.answered(transaction.key, answer)

    def _hang_up(self) -> None:
        for connection in self._open:
            connection.conversation.quit()
            with suppress(OSError):  # it is gone, and nothing was left to say
                connection.flush(time.monotonic())
            connection.close()


class _Single:
    """Freight of one message."""

    def __init__(self, envelope: Envelope) -> None:
        self._envelope: Envelope | None = envelope
        self.answer: Answer | None = None

    def next(self) -> tuple[None, Envelope] | None:
        envelope, self._envelope = self._envelope, None
        return None if envelope is None else (None, envelope)

    def handed(self, key: None) -> None:
        pass

    def answered(self, key: None, answer: Answer) -> None:
        self.answer = answer

    def tick(self) -> None:
        pass


class _Nothing(_Single):
    """Freight of no message: a connection is made, and that is all."""

    def __init__(self) -> None:
        super().__init__(Envelope("", "", b""))
        self._envelope = None


def _own_name() -> str:
    """The name we greet with: the host's if it is a full one, else an address literal (RFC 5321 §4.1.3)."""
    name = socket.gethostname()
    return name if "." in name and name.isascii() else "[127.0.0.1]"


def send_many(relay: Relay, freight: Freight[Any], connections: int) -> None:
    """Send all of `freight`. Raises RelayDown when no connection can be made (three attempts in a row failed)."""
    Courier(relay, freight, attempts=3, limit=None).run(connections)


def send_one(relay: Relay, envelope: Envelope, *, timeout: float = 60) -> Answer:
    """Send one message within `timeout` seconds. Network trouble is an answer (UNSENT, UNCERTAIN), never an error."""
    freight = _Single(envelope)
    try:
        Courier(relay, freight, attempts=1, limit=timeout).run(1)
    except RelayDown as reason:
        return freight.answer or Answer(Outcome.UNSENT, 0, str(reason))
    assert freight.answer is not None
    return freight.answer


def probe(relay: Relay, timeout: float = 10) -> None:
    """Connect, greet, secure and log in as a sending would. Raises RelayDown with the reason."""
    courier = Courier(relay, _Nothing(), attempts=1, limit=timeout)
    courier.run(1)

"""The protocol of one connection without a socket: bytes of the relay in, bytes for the relay out.

RFC 5321 with PIPELINING (RFC 2920): each flight carries the body of one message, its final dot and the envelope of the
next, so that a message costs one round trip. A relay that does not offer PIPELINING is spoken to step by step.
"""

import base64
from collections import deque
from collections.abc import Callable
from enum import Enum, auto
from typing import Any

from mailer.config import Relay
from mailer.emails.smtp.answers import Answer, Envelope, Outcome, Unmailable, mailbox, read_answer

MAXIMUM_REPLY = 64 * 1024
"""Bytes of reply without a line end after which we hang up."""

# The relay wants a login, or a better one: no message's fault (RFC 4954 §6).
LOGIN_CODES = frozenset({530, 534, 535, 538})


class ProtocolError(Exception):
    """The conversation cannot go on; the text says why."""


class Phase(Enum):
    """What the next reply answers."""

    GREETING = auto()
    EHLO = auto()
    STARTTLS = auto()
    AUTH = auto()
    MAIL = auto()
    RCPT = auto()
    DATA = auto()
    DOT = auto()
    IGNORED = auto()


TIMEOUTS = {Phase.DATA: 120.0, Phase.DOT: 600.0}
"""Seconds to wait for a reply (RFC 5321 §4.5.3.2); five minutes where nothing else is said."""


class Transaction:
    """One message on its way through one connection."""

    __slots__ = ("answer", "envelope", "key", "losses", "mail", "rcpt")

    def __init__(self, key: Any, envelope: Envelope) -> None:
        self.key = key
        self.envelope = envelope
        self.answer: Answer | None = None  # an early refusal, of MAIL or RCPT
        self.losses = 0  # connections that were lost before the final dot
        self.mail = self.rcpt = b""  # the commands, as this relay can take them


class Conversation:
    """State of one connection. `pull` gives the next transaction or None; `handed` and `answered` tell of its fate."""

    def __init__(
        self,
        relay: Relay,
        name: str,
        pull: Callable[[], Transaction | None],
        handed: Callable[[Transaction], None],
        answered: Callable[[Transaction, Answer], None],
    ) -> None:
        self._relay, self._name = relay, name
        self._pull, self._handed, self._answered = pull, handed, answered
        self._received = b""
        self._lines: list[str] = []
        self._expected: deque[tuple[Phase, Transaction | None]] = deque([(Phase.GREETING, None)])
        self._extensions: dict[str, str] = {}
        self._secret_steps: deque[bytes] = deque()
        self._pipelining = self._smtputf8 = False
        self.output: list[bytes | memoryview] = []
        self.after_dot = 0  # bytes of output that follow the final dot of `in_flight`
        self.encrypted = relay.tls == "implicit"
        self.wants_tls = False
        self.ready = False
        self.in_flight: Transaction | None = None  # its final dot is written
        self.announced: Transaction | None = None  # only its envelope is written

    @property
    def idle(self) -> bool:
        """Ready, and nothing is under way."""
        nothing = self.in_flight is None and self.announced is None
        return self.ready and nothing and (self._pipelining or not self._expected)

    @property
    def timeout(self) -> float:
        """Seconds the relay may take for the next reply."""
        return TIMEOUTS.get(self._expected[0][0], 300.0) if self._expected else 300.0

    def receive(self, data: bytes) -> None:
        """Take what the relay said. Raises ProtocolError when the connection is of no further use."""
        lines = (self._received + data).split(b"\n") if self._received else data.split(b"\n")
        self._received = lines.pop()
        if len(self._received) > MAXIMUM_REPLY:
            raise ProtocolError("the relay's reply has no end")
        for line in lines:
            text = line.rstrip(b"\r").decode("utf-8", "replace")
            if len(text) < 3 or not text[:3].isdigit():
                raise ProtocolError(f"the relay's reply is not SMTP: {text[:80]!r}")
            self._lines.append(text[4:])
            if text[3:4] != "-":
                words, self._lines = self._lines, []
                self._reply(int(text[:3]), words)

    def start(self) -> None:
        """Begin the next transaction on an idle connection, if there is one."""
        if (transaction := self._next()) is not None:
            self._announce(transaction)

    def secured(self) -> None:
        """The TLS handshake is done: what was said before it counts no more (RFC 3207 §4.2)."""
        self.wants_tls, self.encrypted = False, True
        self._hello()

    def quit(self) -> None:
        """Take leave; nobody waits for the answer."""
        self.output.append(b"QUIT\r\n")

    def _reply(self, code: int, words: list[str]) -> None:
        if not self._expected:
            raise ProtocolError(f"{code} {words[0]}")  # said unasked: 421 before it hangs up
        phase, transaction = self._expected.popleft()
        if transaction is None:
            self._session_reply(phase, code, words)
        elif phase is Phase.DOT:
            self._finish(transaction, read_answer(code, " ".join(words)))
        elif phase is Phase.DATA:
            self._data_reply(transaction, code, " ".join(words))
        else:
            self._envelope_reply(phase, transaction, code, " ".join(words))
        if code == 421:
            raise ProtocolError(f"421 {words[0]}")

    def _session_reply(self, phase: Phase, code: int, words: list[str]) -> None:
        accepted = 200 <= code < 300
        if phase is Phase.IGNORED:
            return
        if phase is Phase.AUTH and code == 334 and self._secret_steps:
            self._command(Phase.AUTH, None, self._secret_steps.popleft())
        elif not accepted:
            raise ProtocolError(f"{phase.name} was answered {code} {' '.join(words)}")
        elif phase is Phase.GREETING:
            self._hello()
        elif phase is Phase.EHLO:
            self._hello_reply(words)
        elif phase is Phase.STARTTLS:
            if self._received or self._lines:
                raise ProtocolError("the relay spoke between STARTTLS and TLS")
            self.wants_tls = True
        elif phase is Phase.AUTH:
            self.ready = True

    def _hello(self) -> None:
        self._command(Phase.EHLO, None, b"EHLO " + self._name.encode())

    def _hello_reply(self, words: list[str]) -> None:
        self._extensions = {key.upper(): value.upper() for key, _, value in (line.partition(" ") for line in words[1:])}
        if not self.encrypted and self._relay.tls in ("opportunistic", "required"):
            if "STARTTLS" in self._extensions:
                self._command(Phase.STARTTLS, None, b"STARTTLS")
                return
            if self._relay.tls == "required":
                raise ProtocolError("the relay does not offer STARTTLS, which SMTP_URL requires")
        self._pipelining = "PIPELINING" in self._extensions
        self._smtputf8 = "SMTPUTF8" in self._extensions
        if self._relay.username is None:
            self.ready = True
        else:
            self._log_in(self._relay.username, self._relay.password or "")

    def _log_in(self, username: str, password: str) -> None:
        if not self.encrypted and self._relay.tls != "none":
            raise ProtocolError("the relay offers no TLS, and the password is not sent in clear")
        offered = self._extensions.get("AUTH", "").split()
        encode = base64.b64encode
        if "PLAIN" in offered:
            self._command(Phase.AUTH, None, b"AUTH PLAIN " + encode(f"\0{username}\0{password}".encode()))
        elif "LOGIN" in offered:
            self._secret_steps.extend((encode(username.encode()), encode(password.encode())))
            self._command(Phase.AUTH, None, b"AUTH LOGIN")
        else:
            raise ProtocolError(f"the relay offers no login that we know (it offers {' '.join(offered) or 'none'})")

    def _envelope_reply(self, phase: Phase, transaction: Transaction, code: int, text: str) -> None:
        accepted = 200 <= code < 300
        if not accepted and transaction.answer is None:
            if phase is Phase.MAIL and code in LOGIN_CODES:
                raise ProtocolError(f"MAIL was answered {code} {text}")
            transaction.answer = read_answer(code, text, to_recipient=phase is Phase.RCPT)
        if self._pipelining:
            return
        if not accepted:
            self._after_refusal(transaction)
        elif phase is Phase.MAIL:
            self._command(Phase.RCPT, transaction, transaction.rcpt)
        else:
            self._command(Phase.DATA, transaction, b"DATA")

    def _data_reply(self, transaction: Transaction, code: int, text: str) -> None:
        if code == 354 and transaction.answer is None:
            self._hand_over(transaction)
        elif code == 354:  # a relay may say so though it refused the recipient (RFC 2920 §3.1); it will refuse the dot
            self._command(Phase.IGNORED, None, b".")
            self._after_refusal(transaction)
        else:
            if transaction.answer is None:
                transaction.answer = read_answer(code, text)
                if transaction.answer.outcome is Outcome.ACCEPTED:
                    raise ProtocolError(f"DATA was answered {code} {text}")
            self._after_refusal(transaction)

    def _hand_over(self, transaction: Transaction) -> None:
        self._handed(transaction)
        self.in_flight, self.announced = transaction, None
        self.output += (transaction.envelope.data, b".\r\n")
        self._expected.append((Phase.DOT, transaction))
        written = len(self.output)
        if self._pipelining and (following := self._next()) is not None:
            self._announce(following)
        self.after_dot = sum(map(len, self.output[written:]))

    def _after_refusal(self, transaction: Transaction) -> None:
        """Free the relay of the half-made transaction (a second MAIL inside it would be refused), and go on."""
        self._command(Phase.IGNORED, None, b"RSET")
        answer = transaction.answer
        assert answer is not None
        self._finish(transaction, answer)

    def _finish(self, transaction: Transaction, answer: Answer) -> None:
        if transaction is self.in_flight:
            self.in_flight = None
        else:
            self.announced = None
        self._answered(transaction, answer)

    def _next(self) -> Transaction | None:
        """The next transaction that this relay can carry; what it cannot is answered on the way."""
        while (transaction := self._pull()) is not None:
            try:
                self._address(transaction)
                return transaction
            except Unmailable as reason:
                self._answered(transaction, Answer(Outcome.REFUSED, 0, str(reason)))
        return None

    def _address(self, transaction: Transaction) -> None:
        """Write the MAIL and RCPT commands. Raises Unmailable."""
        envelope = transaction.envelope
        sender = mailbox(envelope.sender, smtputf8=self._smtputf8)
        recipient = mailbox(envelope.recipient, smtputf8=self._smtputf8)
        utf8 = not (sender.isascii() and recipient.isascii())
        transaction.mail = b"MAIL FROM:<%b>%b" % (sender, b" SMTPUTF8" if utf8 else b"")
        transaction.rcpt = b"RCPT TO:<%b>" % recipient

    def _announce(self, transaction: Transaction) -> None:
        self.announced = transaction
        if not self._pipelining:
            self._command(Phase.MAIL, transaction, transaction.mail)
            return
        self.output.append(b"%b\r\n%b\r\nDATA\r\n" % (transaction.mail, transaction.rcpt))
        self._expected += ((Phase.MAIL, transaction), (Phase.RCPT, transaction), (Phase.DATA, transaction))

    def _command(self, phase: Phase, transaction: Transaction | None, line: bytes) -> None:
        self.output.append(line + b"\r\n")
        self._expected.append((phase, transaction))

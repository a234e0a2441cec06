"""One SMTP conversation as the inbox has it: whole mails at a time, pipelining, nothing refused but nonsense.

Made for the loopback, where thousands of mails may come in a second; a library that reads line by line took 350.
"""

import asyncio
import re
import time
from collections.abc import Callable

from mailer.embedded.inbox.store import Arrival

LARGEST = 32 * 1024 * 1024
"""Bytes of the largest mail that is taken; a longer one ends the conversation."""

LONGEST_COMMAND = 2048

_END = b"\r\n.\r\n"
_PATH = re.compile(r"\w+ *: *<([^<>]*)>.*")
_GREETING = ("inbox.localhost", f"SIZE {LARGEST}", "8BITMIME", "SMTPUTF8", "PIPELINING")

Keep = Callable[[list[Arrival]], "asyncio.Future[str]"]


class Conversation(asyncio.Protocol):
    """Answers command by command; a mail is answered when `keep` says what became of it."""

    def __init__(self, keep: Keep) -> None:
        self._keep = keep
        self._buffer = bytearray()
        self._searched = 0
        self._in_mail = False
        self._waits = False
        self._sender: str | None = None
        self._recipients: list[str] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._say(f"220 {_GREETING[0]} Postroom's inbox, nothing goes on from here")

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if len(self._buffer) > LARGEST + LONGEST_COMMAND:
            self._transport.abort()
        self._go_on()

    def _go_on(self) -> None:
        while not self._waits and (self._take_mail() if self._in_mail else self._take_command()):
            pass

    def _take_mail(self) -> bool:
        """Whether the mail was there to its end."""
        end = self._buffer.find(_END, max(self._searched - len(_END), 0))
        if end < 0:
            self._searched = len(self._buffer)
            return False
        data = bytes(self._buffer[2 : end + 2]).replace(b"\r\n..", b"\r\n.")
        del self._buffer[: end + len(_END)]
        now, sender = time.time(), self._sender or ""
        answer = self._keep([Arrival(now, sender, recipient, data) for recipient in self._recipients])
        self._waits = True
        answer.add_done_callback(self._kept)
        return False

    def _kept(self, answer: "asyncio.Future[str]") -> None:
        self._say(answer.result())
        self._forget()
        self._waits = self._in_mail = False
        self._go_on()

    def _take_command(self) -> bool:
        """Whether there was a command."""
        line, end, rest = self._buffer.partition(b"\r\n")
        if not end:
            if len(line) > LONGEST_COMMAND:
                self._transport.abort()
            return False
        self._buffer = rest
        verb, _, argument = line.decode("utf-8", "replace").partition(" ")
        answer = getattr(self, f"_on_{verb.lower()}", self._unknown)
        answer(argument.strip())
        return True

    def _on_ehlo(self, _argument: str) -> None:
        self._forget()
        for line in _GREETING[:-1]:
            self._say(f"250-{line}")
        self._say(f"250 {_GREETING[-1]}")

    def _on_helo(self, _argument: str) -> None:
        self._forget()
        self._say(f"250 {_GREETING[0]}")

    def _on_mail(self, argument: str) -> None:
        path = _PATH.fullmatch(argument)
        if self._sender is not None or path is None:
            self._say("501 5.5.2 Write MAIL FROM:<address>, once")
            return
        self._sender = path[1]
        self._say("250 2.1.0 Ok")

    def _on_rcpt(self, argument: str) -> None:
        path = _PATH.fullmatch(argument)
        if self._sender is None or path is None or not path[1]:
            self._say("503 5.5.1 Write MAIL FROM:<address> first, then RCPT TO:<address>")
            return
        self._recipients.append(path[1])
        self._say("250 2.1.5 Ok")

    def _on_data(self, _argument: str) -> None:
        if not self._recipients:
            self._say("503 5.5.1 Write RCPT TO:<address> first")
            return
        self._in_mail, self._searched = True, 0
        self._buffer[:0] = b"\r\n"  # so that also a mail of nothing ends with CRLF dot CRLF
        self._say("354 Go on")

    def _on_rset(self, _argument: str) -> None:
        self._forget()
        self._say("250 2.0.0 Ok")

    def _on_noop(self, _argument: str) -> None:
        self._say("250 2.0.0 Ok")

    def _on_quit(self, _argument: str) -> None:
        self._say("221 2.0.0 Bye")
        self._transport.close()

    def _unknown(self, _argument: str) -> None:
        self._say("502 5.5.1 Not a command of this inbox")

    def _forget(self) -> None:
        self._sender, self._recipients = None, []

    def _say(self, line: str) -> None:
        self._transport.write(line.encode("ascii", "replace") + b"\r\n")

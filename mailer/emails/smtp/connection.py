"""One connection to a relay: a non-blocking socket, TLS where asked for, and the conversation that runs over it."""

import errno
import os
import selectors
import socket
import ssl
from typing import Any

from mailer.config import Relay
from mailer.emails.smtp.conversation import Conversation, ProtocolError

CONNECT_TIMEOUT = 60.0
HANDSHAKE_TIMEOUT = 60.0
READ_SIZE = 64 * 1024

Address = tuple[Any, ...]


def tls_context(relay: Relay) -> ssl.SSLContext:
    """Certificates are checked where TLS is required; opportunistic TLS takes any (RFC 7435: better than none)."""
    context = ssl.create_default_context()
    if relay.tls == "opportunistic":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


class Connection:
    """Advances whenever its socket can. Raises OSError (which ssl.SSLError is) or ProtocolError once it is lost."""

    def __init__(self, relay: Relay, address: Address, conversation: Conversation, now: float) -> None:
        family, kind, protocol, _, target = address
        self._relay = relay
        self.conversation = conversation
        self._rest: memoryview | None = None
        self._connecting, self._handshaking, self._handshake_wants_write = True, False, False
        self.deadline = now + CONNECT_TIMEOUT
        self.socket: socket.socket = socket.socket(family, kind, protocol)
        self.socket.setblocking(False)
        # Without it the kernel holds back the short flights and TLS falls to a tenth.
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if (code := self.socket.connect_ex(target)) not in (0, errno.EINPROGRESS):
            self.socket.close()
            raise OSError(code, os.strerror(code))

    @property
    def events(self) -> int:
        """What to wait for."""
        if self._connecting or self._handshake_wants_write:
            return selectors.EVENT_WRITE
        return selectors.EVENT_READ | (selectors.EVENT_WRITE if self._rest else 0)

    @property
    def final_dot_left(self) -> bool:
        """Whether the relay can have the whole of the message in flight."""
        return self._rest is None or len(self._rest) <= self.conversation.after_dot

    def advance(self, events: int, now: float) -> None:
        """Do what the socket is ready for, and answer what the relay said."""
        if self._connecting:
            self._connected(now)
        elif self._handshaking:
            self._handshake(now)
        else:
            if events & selectors.EVENT_READ:
                self._read(now)
            if self.conversation.idle:
                self.conversation.start()
            self.flush(now)

    def flush(self, now: float) -> None:
        """Write what the conversation has to say, as far as the socket takes it."""
        output = self.conversation.output
        if self._rest is not None:
            output.insert(0, self._rest)
        if not output:
            return
        self.conversation.output = []
        self._rest = None
        written = 0
        try:
            written = self._send(output)
        except (BlockingIOError, ssl.SSLWantWriteError, ssl.SSLWantReadError):
            pass  # not now
        finally:  # also when the connection broke: what did not leave decides whether the message is in doubt
            if written < sum(map(len, output)):
                self._rest = memoryview(b"".join(output) if len(output) > 1 else output[0])[written:]
        self.deadline = now + self.conversation.timeout

    def close(self) -> None:
        """Hang up; whatever was not read is dropped."""
        self.socket.close()

    def _send(self, output: list[bytes | memoryview]) -> int:
        if isinstance(self.socket, ssl.SSLSocket):
            return self.socket.send(b"".join(output))
        return self.socket.sendmsg(output)

    def _connected(self, now: float) -> None:
        if code := self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            raise OSError(code, os.strerror(code))
        self._connecting = False
        self.deadline = now + self.conversation.timeout
        if self.conversation.encrypted:
            self._begin_tls(now)

    def _begin_tls(self, now: float) -> None:
        self.socket = tls_context(self._relay).wrap_socket(
            self.socket, server_hostname=self._relay.host, do_handshake_on_connect=False
        )
        self._handshaking = True
        self.deadline = now + HANDSHAKE_TIMEOUT
        self._handshake(now)

    def _handshake(self, now: float) -> None:
        assert isinstance(self.socket, ssl.SSLSocket)
        self._handshake_wants_write = False
        try:
            self.socket.do_handshake()
        except ssl.SSLWantReadError:
            return
        except ssl.SSLWantWriteError:
            self._handshake_wants_write = True
            return
        self._handshaking = False
        self.deadline = now + self.conversation.timeout
        if self.conversation.wants_tls:
            self.conversation.secured()
            self.flush(now)

    def _read(self, now: float) -> None:
        while True:
            try:
                data = self.socket.recv(READ_SIZE)
            except (BlockingIOError, ssl.SSLWantReadError):
                return
            if not data:
                raise ProtocolError("the relay closed the connection")
            self.deadline = now + self.conversation.timeout
            self.conversation.receive(data)
            if self.conversation.wants_tls:
                self._begin_tls(now)
            if not isinstance(self.socket, ssl.SSLSocket):
                return

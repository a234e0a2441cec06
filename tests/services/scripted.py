"""An SMTP server that misbehaves on cue. Its ledger is written before each 250 of a final dot."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

Phase = Literal["banner", "ehlo", "auth", "mail", "rcpt", "data", "body", "dot", "taken"]
CLOSE, SILENCE = "(close)", "(silence)"


@dataclass(frozen=True)
class Moment:
    """Where the conversation stands when the script is asked."""

    phase: Phase
    connection: int
    message: int  # on this connection, from 1
    recipient: str = ""


Script = Callable[[Moment], str | None]
"""A reply, CLOSE or SILENCE, or None for the usual reply. At `taken` the message is in the ledger already."""


@dataclass
class ScriptedRelay:
    script: Script = field(default=lambda _moment: None)
    extensions: tuple[str, ...] = ("PIPELINING", "8BITMIME")
    tls: ssl.SSLContext | None = None
    eager: bool = False  # says 354 even when it refused every recipient
    ledger: list[tuple[str, bytes]] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}?starttls=none"

    def recipients(self) -> list[str]:
        return [recipient for recipient, _ in self.ledger]


class _Session:
    def __init__(self, relay: ScriptedRelay, peer: socket.socket, number: int) -> None:
        self.relay, self.socket, self.number = relay, peer, number
        self.file = peer.makefile("rb")
        self.messages, self.recipient = 0, ""
        self.sender_taken = self.recipient_taken = self.accepted = False

    def say(self, phase: Phase, usual: str) -> bool:
        """Answer; False when the connection is over."""
        reply = self.relay.script(Moment(phase, self.number, self.messages, self.recipient)) or usual
        if reply == SILENCE:
            self.socket.settimeout(None)
            self.file.read()
            return False
        if reply == CLOSE:
            return False
        self.socket.sendall(reply.encode() + b"\r\n")
        self.accepted = reply.startswith("2")
        return not reply.startswith("421")

    def run(self) -> None:
        if not self.say("banner", "220 scripted.example ESMTP"):
            return
        while line := self.file.readline():
            command = line.decode().rstrip("\r\n")
            self.relay.commands.append(command)
            if not self.answer(command):
                return

    def answer(self, command: str) -> bool:
        verb = command.upper()
        if verb.startswith("EHLO"):
            lines = ["scripted.example", *self.relay.extensions]
            return self.say(
                "ehlo", "\r\n".join(f"250{' ' if k == len(lines) - 1 else '-'}{t}" for k, t in enumerate(lines))
            )
        if verb == "STARTTLS":
            return self.start_tls()
        if verb.startswith("AUTH"):
            return self.say("auth", "235 2.7.0 Accepted")
        if verb.startswith("MAIL"):
            self.messages += 1
            self.recipient_taken = False
            alive = self.say("mail", "250 2.1.0 Ok")
            self.sender_taken = self.accepted
            return alive
        if verb.startswith("RCPT"):
            self.recipient = command.partition("<")[2].partition(">")[0]
            alive = self.say("rcpt", "250 2.1.5 Ok" if self.sender_taken else "503 5.5.1 MAIL first")
            self.recipient_taken = self.accepted
            return alive
        if verb == "DATA":
            usual = "354 Go on" if self.recipient_taken or self.relay.eager else "503 5.5.1 RCPT first"
            reply = self.relay.script(Moment("data", self.number, self.messages, self.recipient)) or usual
            if reply in (CLOSE, SILENCE):
                return False
            self.socket.sendall(reply.encode() + b"\r\n")
            return self.take() if reply.startswith("354") else True
        if verb == "QUIT":
            self.socket.sendall(b"221 Bye\r\n")
            return False
        self.socket.sendall(b"250 Ok\r\n")
        return True

    def start_tls(self) -> bool:
        assert self.relay.tls is not None
        self.socket.sendall(b"220 Ready\r\n")
        self.socket = self.relay.tls.wrap_socket(self.socket, server_side=True)
        self.file = self.socket.makefile("rb")
        return True

    def take(self) -> bool:
        if self.relay.script(Moment("body", self.number, self.messages, self.recipient)) == CLOSE:
            return False
        lines: list[bytes] = []
        while (line := self.file.readline()) != b".\r\n":
            if not line:
                return False
            lines.append(line)
        moment = Moment("dot", self.number, self.messages, self.recipient)
        reply = self.relay.script(moment)
        if self.recipient_taken and (reply is None or reply.startswith("2")):
            self.relay.ledger.append((self.recipient, b"".join(lines)))
            return self.say("taken", reply or "250 2.0.0 Ok")
        return self.say("dot", "250 2.0.0 Ok")


@contextmanager
def scripted_relay(relay: ScriptedRelay) -> Iterator[ScriptedRelay]:
    """Serve `relay` on a free port until the end of the block."""
    listener = socket.create_server(("127.0.0.1", 0))
    relay.port = listener.getsockname()[1]
    peers: list[socket.socket] = []

    def serve(peer: socket.socket, number: int) -> None:
        try:
            _Session(relay, peer, number).run()
        except OSError:
            pass  # the client hung up: that is its right
        finally:
            peer.close()

    def accept() -> None:
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            peers.append(peer)
            relay.connections += 1
            threading.Thread(target=serve, args=(peer, relay.connections), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield relay
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for peer in peers:
            peer.close()
        thread.join(5)

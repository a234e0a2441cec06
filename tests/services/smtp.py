"""A real SMTP server that keeps what it takes: in this process, or `python -m tests.services.smtp PORT FILE DELAY`."""

import asyncio
import email
import email.policy
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from mailer.embedded.ports import free as free_port


class Mail:
    """One message as it arrived."""

    def __init__(self, sender: str, recipient: str, data: bytes) -> None:
        self.sender, self.recipient, self.data = sender, recipient, data

    @property
    def parsed(self) -> EmailMessage:
        message = email.message_from_bytes(self.data, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        return message

    @property
    def text(self) -> str:
        part = self.parsed.get_body(("plain",))
        assert part is not None
        return str(part.get_content())

    @property
    def html(self) -> str:
        part = self.parsed.get_body(("html",))
        assert part is not None
        return str(part.get_content())


class Mailbox:
    """Takes everything, but for the recipients that `refuse` maps to an answer."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self.refuse: dict[str, str] = {}
        self.port = 0

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}?starttls=none"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if answer := self.refuse.get(address):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        self.mails.extend(Mail(str(envelope.mail_from), to, envelope.content) for to in envelope.rcpt_tos)
        return f"250 2.0.0 Ok: queued as {len(self.mails):08X}"

    def to(self, address: str) -> list[Mail]:
        return [mail for mail in self.mails if mail.recipient == address]


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    box = Mailbox()
    box.port = free_port()
    controller = Controller(box, hostname="127.0.0.1", port=box.port, enable_SMTPUTF8=True)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


class Ledger:
    """For a sink in its own process: one line of JSON per message, flushed before the 250, `delay` seconds after it."""

    def __init__(self, path: Path, delay: float) -> None:
        self.file, self.delay = path.open("a", buffering=1), delay

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content.decode("utf-8", "replace") if isinstance(envelope.content, bytes) else ""
        await asyncio.sleep(self.delay)
        for to in envelope.rcpt_tos:
            line = {"from": envelope.mail_from, "to": to, "at": time.time(), "data": content}
            self.file.write(json.dumps(line) + "\n")
        return "250 2.0.0 Ok"


async def serve(port: int, path: Path, delay: float) -> None:
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(Ledger(path, delay), enable_SMTPUTF8=True), "127.0.0.1", port
    )
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3])))

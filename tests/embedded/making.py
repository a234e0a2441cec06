"""The embedded inbox as a process, and mails to put into it."""

import os
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path

from mailer.embedded.ports import free as free_port


def eventually(condition: Callable[[], object], seconds: float = 10) -> None:
    """Wait for it, not longer than `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.02)


def free_block() -> int:
    """The first of four ports that nobody listens on just now."""
    while True:
        port = free_port()
        if port < 65000 and all(map(is_free, range(port, port + 4))):
            return port


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


class Inbox:
    """The running inbox: SMTP on `port`, the page on `url`."""

    def __init__(self, port: int) -> None:
        self.port, self.url = port + 2, f"http://localhost:{port + 3}/"

    def put(self, *mails: EmailMessage) -> None:
        with smtplib.SMTP("127.0.0.1", self.port) as client:
            for mail in mails:
                client.send_message(mail)


@contextmanager
def inbox(folder: Path) -> Iterator[Inbox]:
    port = free_block()
    environ = {**os.environ, "PORT": str(port), "DATA_DIR": str(folder)}
    process = subprocess.Popen([sys.executable, "-m", "mailer.embedded.inbox"], env=environ)
    try:
        eventually(lambda: not is_free(port + 2) and not is_free(port + 3))
        yield Inbox(port)
    finally:
        process.terminate()
        assert process.wait(10) == 0


def a_mail(
    to: str = "mara@example.org", subject: str = "Morning Brief", text: str = "Good morning.", html: str | None = None
) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "The Ledger <brief@ledger.example>", to, subject
    mail.set_content(text)
    if html is not None:
        mail.add_alternative(html, subtype="html")
    return mail

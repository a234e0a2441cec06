"""A throw-away Valkey from the wheel."""

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

import redis

from mailer.embedded.broker import find_server
from mailer.embedded.ports import free as free_port
from mailer.web.limits import PREFIX


class Valkey:
    """One server on a fixed port, which tests may kill and start again."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.process: subprocess.Popen[bytes] | None = None
        self._folder = ""

    def start(self) -> None:
        self._folder = tempfile.mkdtemp(prefix="postroom-valkey-")  # a new one: what was in memory is lost
        command = [
            str(find_server()),
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--dir",
            self._folder,
        ]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while True:
            try:
                with socket.create_connection(("127.0.0.1", self.port), 1) as probe:
                    probe.sendall(b"PING\r\n")
                    if probe.recv(16).startswith(b"+PONG"):
                        return
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    def forget(self) -> None:
        """Forget all counts: limits that one test reached are no other test's.

        Nothing else: Celery keeps its queues' names here, and says them once for each connection.
        """
        with redis.Redis.from_url(self.url) as client:
            for key in client.scan_iter(f"{PREFIX}*"):
                client.delete(key)

    def kill(self) -> None:
        """Stop it at once; nothing is saved."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
            shutil.rmtree(self._folder, ignore_errors=True)


@contextmanager
def valkey() -> Iterator[Valkey]:
    server = Valkey()
    server.start()
    try:
        yield server
    finally:
        server.kill()

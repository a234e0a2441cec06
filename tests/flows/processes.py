"""The house as real processes: worker and beat on the test's database and broker, an SMTP sink of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from mailer.embedded.ports import free as free_port

POSTROOM = Path(sys.executable).parent / "postroom"


def eventually(happened: Callable[[], object], seconds: float, what: str) -> None:
    """Wait for it, or fail with `what`."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, f"after {seconds:.0f} s still not: {what}"
        time.sleep(0.05)


class Process:
    """One command of the Procfile, which a test may kill and start again."""

    def __init__(self, command: str, environ: dict[str, str], log: Path) -> None:
        self._command, self._environ, self._log = command, environ, log
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [POSTROOM, self._command], env=self._environ, stdout=log, stderr=log, start_new_session=True
            )

    def kill(self) -> None:
        """kill -9 of it and all its children."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(40)
            except subprocess.TimeoutExpired:
                self.kill()
                raise AssertionError(f"{self._command} did not stop: {self._log.read_text()[-2000:]}") from None
        self.kill()


class Sink:
    """An SMTP server in a process of its own; its ledger is a file that is written before each 250.

    It thinks about each message for `delay` seconds.
    """

    def __init__(self, folder: Path, delay: float) -> None:
        self.port = free_port()
        self.ledger = folder / "ledger.jsonl"
        self.ledger.touch()
        module = [sys.executable, "-m", "tests.services.smtp", str(self.port), str(self.ledger), str(delay)]
        self.process = subprocess.Popen(module, cwd=Path(__file__).parents[2])

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}?starttls=none"

    def taken(self) -> int:
        """How many messages it has."""
        with self.ledger.open("rb") as file:
            return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b""))

    def copies(self) -> Counter[str]:
        """How many each recipient has."""
        return Counter(recipient for recipient, _ in self.arrivals())

    def arrivals(self) -> list[tuple[str, float]]:
        """Each recipient, with the seconds since 1970 at which the message was taken."""
        with self.ledger.open() as file:
            lines = [json.loads(line) for line in file if line.endswith("\n")]  # the last one may be on its way
        return [(line["to"], line["at"]) for line in lines]


@contextmanager
def sink(folder: Path, delay: float = 0) -> Iterator[Sink]:
    server = Sink(folder, delay)
    try:
        yield server
    finally:
        server.process.kill()
        server.process.wait()


@contextmanager
def running(environ: dict[str, str], folder: Path, *commands: str) -> Iterator[dict[str, Process]]:
    """These commands of the Procfile, with `environ` as their settings."""
    processes = {name: Process(name, {**os.environ, **environ}, folder / f"{name}.log") for name in commands}
    try:
        for process in processes.values():
            process.start()
        yield processes
    finally:
        for process in processes.values():
            process.kill()

"""One child process: started in a session of its own, its output in a file, stopped within its grace."""

import contextlib
import ctypes
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from mailer.embedded.programs import Program

LOG_LIMIT = 5_000_000
"""Bytes after which a log is put aside at the next start."""

_LEVEL = re.compile(r"^(?:\[[^\]]*\] \[\d+\] \[)?(DEBUG|INFO|WARNING|ERROR|CRITICAL)\b")
_PR_SET_PDEATHSIG = 1


class Child:
    """A program that runs, or ran."""

    def __init__(self, program: Program, environ: Mapping[str, str], logs: Path) -> None:
        self.program = program
        self.log = logs / f"{program.name}.log"
        self.started = 0.0
        self._environ = environ
        self._read = 0
        self._loud = False
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def name(self) -> str:
        return self.program.name

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else 0

    def start(self) -> None:
        """Start it, also again."""
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as log:
            self._read = log.tell()
            self._process = subprocess.Popen(  # noqa: S603  # our own command lines
                self.program.command,
                env=self._environ,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for us; we end the children in order
                preexec_fn=_dies_with(os.getpid()),  # noqa: PLW1509  # we have no threads
            )
        self.started = time.monotonic()
        assert self._process.stdin is not None
        with self._process.stdin as stdin:
            stdin.write(self.program.stdin.encode())

    def ended(self) -> str | None:
        """How it ended, in words; None while it runs."""
        status = self._process.poll() if self._process else None
        if status is None:
            return None
        return f"ended by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"

    def stop(self, hurry: Callable[[], bool]) -> None:
        """Ask it to end; kill it with all it started when its grace is over or `hurry` says so."""
        if self._process is None:
            return
        self._process.terminate()
        deadline = time.monotonic() + self.program.grace
        while self._process.poll() is None and time.monotonic() < deadline and not hurry():
            time.sleep(0.02)
        self.sweep()
        self._process.wait()

    def sweep(self) -> None:
        """Kill what is left of its session."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)

    def news(self) -> Iterator[str]:
        """What it wrote since the last call that somebody should see: warnings and worse, with what belongs to them."""
        with self.log.open("rb") as log:
            log.seek(self._read)
            for line in log:
                if not line.endswith(b"\n"):
                    break
                self._read += len(line)
                text = line.decode("utf-8", "replace").rstrip()
                if level := _LEVEL.match(text):
                    self._loud = level[1] not in ("DEBUG", "INFO")
                if self._loud:
                    yield text

    def last_words(self) -> str:
        """The last line of its log."""
        lines = self.log.read_text(errors="replace").splitlines()
        return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")


def _dies_with(parent: int) -> Callable[[], None] | None:
    """Linux ends a child whose parent was killed; elsewhere a kill -9 of `postroom up` leaves its children."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    return ask

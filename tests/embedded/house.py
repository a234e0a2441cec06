"""`postroom up` as a process."""

import io
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import redirect_stderr
from pathlib import Path
from typing import IO
from unittest import mock

import pytest

from mailer.cli import main
from tests.embedded.making import eventually, free_block
from tests.services.processes import children

POSTROOM = Path(sys.executable).parent / "postroom"
OURS = ("PORT", "HOST", "DATA_DIR", "DATABASE_URL", "REDIS_URL", "SMTP_URL", "PUBLIC_URL", "SECRET_KEY")


def environ(**settings: str) -> dict[str, str]:
    return {**{name: value for name, value in os.environ.items() if name not in OURS}, **settings}


def refused(command: str = "up", **settings: str) -> str:
    """What a command that starts something says when it cannot; asked in this process, which is quicker."""
    said, mask = io.StringIO(), os.umask(0o022)
    try:
        with (
            mock.patch.object(sys, "argv", ["postroom", command]),
            mock.patch.dict(os.environ, environ(**settings), clear=True),
            redirect_stderr(said),
            pytest.raises(SystemExit) as end,
        ):
            main()
    finally:
        os.umask(mask)
    assert end.value.code == 1
    return said.getvalue()


class House:
    """One running `postroom up`."""

    def __init__(self, folder: Path, port: int = 0, **settings: str) -> None:
        self.folder, self.port = folder, port or free_block()
        self._output = (folder.parent / f"{folder.name}.output").open("w+b")
        self.process = self._start(self._output, settings)
        eventually(lambda: "Ctrl-C ends it" in self.said or self.process.poll() is not None, 60)
        assert self.process.poll() is None, self.said

    def _start(self, output: IO[bytes], settings: dict[str, str]) -> "subprocess.Popen[bytes]":
        given = environ(PORT=str(self.port), DATA_DIR=str(self.folder), **settings)
        return subprocess.Popen([POSTROOM, "up"], env=given, stdout=output, stderr=output, start_new_session=True)

    @property
    def said(self) -> str:
        return Path(self._output.name).read_text()

    def address(self, beginning: str) -> str:
        return next(line.strip() for line in self.said.splitlines() if line.strip().startswith(beginning))

    def child(self, word: str) -> int | None:
        """The process id of the first child (not grandchild) whose command line holds the word."""
        return next((each.pid for each in children(self.process.pid) if word in each.command), None)

    def kill(self, word: str) -> int:
        """Kill that child at once; the process id it had."""
        pid = self.child(word)
        assert pid is not None, f"there is no {word}"
        os.kill(pid, signal.SIGKILL)
        return pid

    def end(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(60)


def status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code

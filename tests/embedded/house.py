"""`postroom up` as a process."""

import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import IO

from tests.embedded.making import eventually, free_block

POSTROOM = Path(sys.executable).parent / "postroom"
OURS = ("PORT", "HOST", "DATA_DIR", "DATABASE_URL", "REDIS_URL", "SMTP_URL", "PUBLIC_URL", "SECRET_KEY")


def environ(**settings: str) -> dict[str, str]:
    return {**{name: value for name, value in os.environ.items() if name not in OURS}, **settings}


def refused(**settings: str) -> str:
    """What `postroom up` says when it cannot start."""
    run = subprocess.run([POSTROOM, "up"], env=environ(**settings), capture_output=True, text=True, timeout=60)
    assert run.returncode == 1, run
    assert "Traceback" not in run.stderr
    assert run.stdout == ""
    return run.stderr


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

    def children(self) -> dict[int, str]:
        """All processes that came from it: process id -> command line."""
        rows = [line.split(maxsplit=2) for line in _ps("-eo", "pid,ppid,args")]
        found: dict[int, str] = {}
        parents = {self.process.pid}
        while parents:
            new = {int(pid): args for pid, parent, args in rows if int(parent) in parents}
            found |= new
            parents = set(new)
        return found

    def child(self, word: str) -> int | None:
        """The process id of the first child (not grandchild) whose command line holds the word."""
        listing = _ps("-o", "pid,args", "--ppid", str(self.process.pid))
        return next((int(line.split()[0]) for line in listing if word in line), None)

    def kill(self, word: str) -> int:
        """Kill that child at once; the process id it had."""
        pid = self.child(word)
        assert pid is not None, f"there is no {word}"
        os.kill(pid, signal.SIGKILL)
        return pid

    def end(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(60)


def _ps(*options: str) -> list[str]:
    return subprocess.run(["ps", "-ww", *options], capture_output=True, text=True).stdout.splitlines()[1:]


def status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def alive(pids: "dict[int, str]") -> "dict[int, str]":
    return {pid: args for pid, args in pids.items() if _runs(pid)}


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"

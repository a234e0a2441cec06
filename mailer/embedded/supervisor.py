"""Starts children in order, keeps them running, ends them in reverse order. One thread, no magic.

The broker has to outlive the worker, or the worker cannot give back what it holds.
"""

import contextlib
import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

from mailer.embedded.child import Child
from mailer.embedded.programs import Program

STEADY = 60.0
"""Seconds after which a child counts as running well; the next end is then its first."""
LONGEST_PAUSE = 30.0
BEAT = 0.1

_SIGNALS = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}


class Stopped(Exception):
    """Somebody asked us to end."""


class StartFailed(Exception):
    """A child did not come up; the text says which, why, and where to read on."""


class Supervisor:
    """Use it as a context: leaving it ends every child, and a request to stop ends the context without an error."""

    def __init__(self, environ: Mapping[str, str], logs: Path, say: Callable[[str], None]) -> None:
        self._environ, self._logs, self._say = environ, logs, say
        self._children: list[Child] = []
        self._requests = 0

    def __enter__(self) -> Self:
        self._logs.mkdir(exist_ok=True)
        ignored = {signal.SIGHUP} if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else set()  # nohup
        self._handlers = {each: signal.signal(each, self._on_signal) for each in _SIGNALS - ignored}
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> bool:
        if isinstance(error, Stopped):
            self._tell("Ending. Ctrl-C again ends it at once.")
        for child in reversed(self._children):
            child.stop(hurry=lambda: self._requests > 1)
        for each, handler in self._handlers.items():
            signal.signal(each, handler)
        return isinstance(error, Stopped)

    def start(self, program: Program) -> None:
        """Start a child. It is one of ours from now on."""
        child = Child(program, self._environ, self._logs)
        self._children.append(child)
        child.start()

    def wait_until(self, ready: Callable[[], bool], seconds: float, what: str) -> None:
        """Poll `ready`. Raises StartFailed when a child ends meanwhile or time runs out, Stopped when asked to end."""
        deadline = time.monotonic() + seconds
        while not ready():
            for child in self._children:
                if end := child.ended():
                    raise StartFailed(f"{child.name} {end}: {child.last_words()}\nThe whole story is in {child.log}.")
            if time.monotonic() > deadline:
                raise StartFailed(f"{what} did not answer within {seconds:.0f} s. Look into {self._logs}.")
            self._pause(0.05)

    def watch(self) -> None:
        """Keep every child running and pass on its warnings, until asked to end: raises Stopped."""
        keepers = [Keeper(child, self._tell) for child in self._children]
        while True:
            for keeper in keepers:
                keeper.look()
            self._pause(BEAT)

    def _tell(self, line: str) -> None:
        with contextlib.suppress(OSError):  # the terminal may be gone
            self._say(line)

    def _pause(self, seconds: float) -> None:
        time.sleep(seconds)
        if self._requests:
            raise Stopped

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._requests += 1


class Keeper:
    """Keeps one child running: at once after its first end, then after longer and longer pauses."""

    def __init__(self, child: Child, say: Callable[[str], None]) -> None:
        self._child, self._say = child, say
        self._ends = 0
        self._again_at: float | None = None

    def look(self) -> None:
        """Pass on what the child says; when it ended, say so and start it again when its time has come."""
        for line in self._child.news():
            self._say(f"{self._child.name:<7} {line}")
        end = self._child.ended()
        if end is None:
            return
        now = time.monotonic()
        if self._again_at is None:
            self._child.sweep()
            pause = self._next_pause(now)
            self._again_at = now + pause
            self._say(f"{self._child.name} {end}. Starting it again{f' in {pause:.0f} s' if pause else ''}.")
        if now >= self._again_at:
            self._again_at = None
            self._child.start()

    def _next_pause(self, now: float) -> float:
        self._ends = 1 if now - self._child.started > STEADY else self._ends + 1
        return 0 if self._ends == 1 else min(2.0 ** (self._ends - 2), LONGEST_PAUSE)

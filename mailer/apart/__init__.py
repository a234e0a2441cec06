"""Work on what strangers wrote, done by a second interpreter with a clock, a memory limit and no secrets.

A document can keep its reader busy for hours or fill the memory, and only a process can be stopped whatever it does.
It is given the name of a function and its arguments as JSON and answers in JSON; both are checked against the
function's annotations, so what comes back is one of the types that the function promises. The process waits for more
afterwards, since starting it takes longer than most jobs: 0.3 s against 0.02 s for a feed.
"""

import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pkgutil import resolve_name
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter
from pydantic_core import to_json

LARGEST_ANSWER = 64_000_000
"""Bytes of JSON that are taken from the process."""

REST = 30.0
"""Seconds after which a process that waits is not used again; it ends by itself at twice that."""

ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH")
"""All that it is told of ours: the rest names the database, the relay and the secret."""


class Why(StrEnum):
    """What ended a job early."""

    TIME = "time"
    MEMORY = "memory"
    CRASH = "crash"  # the process died, or talked nonsense
    ERROR = "error"  # the function raised; a mistake of ours


@dataclass(frozen=True)
class Stopped:
    """There is no result. `detail` is the traceback of an error."""

    why: Why
    detail: str = ""


def run(function: str, *arguments: object, seconds: float, memory: int, **named: object) -> Any:
    """What `function` ("package.module:name") returns, or Stopped. `memory` is in bytes and counts all of Python."""
    request = {"function": function, "arguments": arguments, "named": named, "seconds": seconds, "memory": memory}
    line = to_json(request) + b"\n"
    process = _take()
    try:
        answer = process.ask(line, seconds)
    except BaseException:
        process.end()
        raise
    if isinstance(answer, Stopped) or answer["spent"]:
        process.end()
    else:
        _waiting.append(process)
    return answer if isinstance(answer, Stopped) else _result(function, answer)


class _Process:
    """The other interpreter."""

    def __init__(self) -> None:
        self.owner = os.getpid()
        self.used = time.monotonic()
        self._late = False
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-s", "-W", "ignore", "-m", "mailer.apart"],
            env=_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for us
        )

    @property
    def ready(self) -> bool:
        """Whether it is ours (a fork inherits those of its parent), alive, and not about to go."""
        ours = self.owner == os.getpid() and self._process.poll() is None
        return ours and time.monotonic() - self.used < REST

    def ask(self, request: bytes, seconds: float) -> dict[str, Any] | Stopped:
        """Its answer. It is killed when there is none after `seconds`."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        clock = threading.Timer(seconds, self._time_is_up)
        clock.start()
        try:
            self._process.stdin.write(request)
            self._process.stdin.flush()
            line = self._process.stdout.readline(LARGEST_ANSWER)
        except BrokenPipeError:
            line = b""
        finally:
            clock.cancel()
            clock.join()
        self.used = time.monotonic()
        if self._late:
            return Stopped(Why.TIME)
        return _answer(line)

    def end(self) -> None:
        """Kill it, whatever it does."""
        if self.owner == os.getpid():
            self._process.kill()
            self._process.communicate()

    def _time_is_up(self) -> None:
        self._late = True
        self._process.kill()


_waiting: list[_Process] = []


def _take() -> _Process:
    while True:
        try:
            process = _waiting.pop()
        except IndexError:
            return _Process()
        if process.ready:
            return process
        process.end()


def _environment() -> dict[str, str]:
    ours = {name: os.environ[name] for name in ENVIRONMENT if name in os.environ}
    return ours | {"PYTHONPATH": os.pathsep.join(sys.path)}


def _answer(line: bytes) -> dict[str, Any] | Stopped:
    if not line.endswith(b"\n"):
        return Stopped(Why.CRASH)
    answer: dict[str, Any] = json.loads(line)
    return Stopped(Why(answer["why"]), answer["detail"]) if "why" in answer else answer


def _result(function: str, answer: dict[str, Any]) -> Any:
    return _adapters(function)[answer["is"]].validate_python(answer["value"])


@cache
def _adapters(function: str) -> dict[str, TypeAdapter[Any]]:
    """How each type that the function may return is read, by its name."""
    promised = get_type_hints(resolve_name(function))["return"]
    kinds = get_args(promised) if get_origin(promised) in (Union, UnionType) else (promised,)
    return {(get_origin(kind) or kind).__name__: TypeAdapter(kind) for kind in kinds}

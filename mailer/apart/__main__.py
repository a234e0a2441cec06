"""The other interpreter: one job after another from standard input, each within its limits."""

import itertools
import json
import logging
import os
import resource
import signal
import sys
import traceback
from collections.abc import Callable
from functools import cache
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

from pydantic import validate_call
from pydantic_core import to_json

from mailer.apart import REST, Why

MOST_JOBS = 100
"""After which the process is spent: what leaks a little must not leak for ever."""

FAT = 128_000_000
"""Bytes of memory that it holds after a job, with which it is spent: the limit of the next job counts them too."""


def main() -> None:
    """Answer until nobody asks any more."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a print in some library is no answer
    logging.disable()
    signal.signal(signal.SIGALRM, signal.SIG_DFL)  # ends us even inside C, and when whoever asked is dead
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for number in itertools.count(1):
        signal.alarm(int(2 * REST))
        line = sys.stdin.buffer.readline()
        if not line:
            return
        answers.write(_within_limits(json.loads(line), number) + b"\n")
        answers.flush()


def _within_limits(request: dict[str, Any], number: int) -> bytes:
    signal.alarm(int(request["seconds"]) + 2)
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    memory = request["memory"] if hard == resource.RLIM_INFINITY else min(request["memory"], hard)
    resource.setrlimit(resource.RLIMIT_AS, (memory, hard))
    try:
        result = _checked(request["function"])(*request["arguments"], **request["named"])
        answer = {"is": type(result).__name__, "value": result, "spent": number >= MOST_JOBS or _held() > FAT}
        return to_json(answer)
    except MemoryError:
        return to_json({"why": Why.MEMORY, "detail": ""})
    except Exception:
        return to_json({"why": Why.ERROR, "detail": traceback.format_exc()})


def _held() -> int:
    """Bytes of address space. Not the peak of `getrusage`: Linux lets a process inherit that of its parent."""
    pages, _ = Path("/proc/self/statm").read_text().split(maxsplit=1)
    return int(pages) * resource.getpagesize()


@cache
def _checked(function: str) -> Callable[..., Any]:
    """The function, which is given what its annotations ask for, made of the JSON."""
    found: Callable[..., Any] = validate_call(resolve_name(function))
    return found


if __name__ == "__main__":
    main()

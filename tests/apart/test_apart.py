"""Jobs in a process apart: what they answer, and what stops them."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from typing import Any

from mailer import apart
from mailer.apart import Stopped, Why
from tests.apart.jobs import Nothing, Told

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)


def run(job: str, *arguments: object, seconds: float = 20, **named: object) -> Any:
    return apart.run(f"tests.apart.jobs:{job}", *arguments, seconds=seconds, memory=256_000_000, **named)


def test_what_a_function_returns_comes_back_as_what_it_promises() -> None:
    assert run("tell", ("a", "é"), NOW) == Told(("a", "é"), NOW + timedelta(hours=1))
    assert run("tell", [], silent=True) == Nothing()
    assert run("several", 2) == [Told(("0",), None), Told(("1",), None)]


def test_the_process_is_kept_for_the_next_job() -> None:
    first = run("process")
    assert first != os.getpid()
    assert run("process") == first


def test_what_never_ends_is_stopped_and_the_next_job_runs() -> None:
    started = time.monotonic()
    assert run("for_ever", seconds=1) == Stopped(Why.TIME)
    assert time.monotonic() - started < 10
    assert run("tell", ["again"]) == Told(("again",), None)


def test_what_takes_all_memory_is_stopped_and_what_keeps_much_is_not_used_again() -> None:
    before = run("process")
    assert run("everything") == Stopped(Why.MEMORY)
    after = run("process")
    assert run("broad") == 1
    assert len({before, after, run("process")}) == 3


def test_a_crash_takes_nobody_along() -> None:
    assert run("crash") == Stopped(Why.CRASH)
    assert run("tell", ["again"]) == Told(("again",), None)


def test_an_error_comes_back_with_its_traceback() -> None:
    stopped = run("fail")
    assert (stopped.why, stopped.detail.splitlines()[-1]) == (Why.ERROR, "KeyError: 'the reason'")


def test_the_process_is_told_no_secret() -> None:
    os.environ["SECRET_KEY"] = "a secret"
    try:
        assert set(run("environment")) <= {"PATH", "LD_LIBRARY_PATH", "PYTHONPATH", "LC_CTYPE"}
    finally:
        del os.environ["SECRET_KEY"]


def test_threads_at_once_each_have_a_process_of_their_own() -> None:
    with ThreadPoolExecutor(3) as threads:
        assert list(threads.map(lambda n: run("several", n), range(6))) == [run("several", n) for n in range(6)]


def test_a_fork_does_not_use_the_process_of_its_parent() -> None:
    """As Celery's processes are: forked, and daemons."""
    mine = run("process")
    context = get_context("fork")
    queue = context.SimpleQueue()
    child = context.Process(target=lambda: queue.put(run("process")), daemon=True)
    child.start()
    child.join(20)
    assert queue.get() != mine
    assert run("process") == mine


def test_the_process_ends_with_the_one_that_asked() -> None:
    """Killed in the middle of a job, it leaves a process that is busy for ever, but for its own clock."""
    code = "from tests.apart.test_apart import run; print(run('process'), flush=True); run('for_ever', seconds=1)"
    asking = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert asking.stdout is not None
    left_alone = int(asking.stdout.readline())
    asking.kill()
    asking.communicate()
    deadline = time.monotonic() + 20
    while _lives(left_alone):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True

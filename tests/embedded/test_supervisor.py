import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mailer.embedded.programs import Program
from mailer.embedded.supervisor import StartFailed, Supervisor
from tests.embedded.making import eventually
from tests.services.processes import running

SAYS_WHEN_IT_ENDS = """
import signal, sys, time
def end(*_):
    open(sys.argv[1], "a").write(sys.argv[2] + "\\n")
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
print("up", flush=True)
time.sleep(60)
"""


def program(name: str, code: str, *arguments: object, grace: float = 10) -> Program:
    return Program(name, (sys.executable, "-c", code, *map(str, arguments)), grace=grace)


def is_up(folder: Path, name: str) -> bool:
    return "up" in (folder / "logs" / f"{name}.log").read_text()


def test_children_end_in_reverse_order(tmp_path: Path) -> None:
    ends = tmp_path / "ends"
    with Supervisor(os.environ, tmp_path / "logs", print) as house:
        for name in ("first", "second", "third"):
            house.start(program(name, SAYS_WHEN_IT_ENDS, ends, name))
            house.wait_until(lambda name=name: is_up(tmp_path, name), 10, name)  # type: ignore[misc]
    assert ends.read_text().split() == ["third", "second", "first"]


def test_a_child_that_ends_while_we_wait_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(StartFailed, match=r"web ended with status 3: no such module\nThe whole story is in .*web\.log"):
        start_and_wait(tmp_path, "import sys; print('no such module'); sys.exit(3)", seconds=10)


def test_a_child_that_does_not_answer_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(StartFailed, match="The web server did not answer within 0 s"):
        start_and_wait(tmp_path, "import time; time.sleep(60)", seconds=0.2)


def start_and_wait(folder: Path, code: str, seconds: float) -> None:
    with Supervisor(os.environ, folder / "logs", print) as house:
        house.start(program("web", code))
        house.wait_until(lambda: False, seconds, "The web server")


def test_a_child_that_does_not_stop_is_killed_with_all_it_started(tmp_path: Path) -> None:
    stubborn = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = os.fork()
print("up", child, flush=True)
time.sleep(60)
"""
    with Supervisor(os.environ, tmp_path / "logs", print) as house:
        house.start(program("stubborn", stubborn, grace=0.2))
        house.wait_until(lambda: (tmp_path / "logs/stubborn.log").read_text().count("up") == 2, 10, "stubborn")
    pids = {int(word) for word in (tmp_path / "logs/stubborn.log").read_text().split() if word.isdigit()}
    eventually(lambda: not pids & {process.pid for process in running()})


def test_a_child_that_keeps_ending_is_started_again_more_and_more_slowly(tmp_path: Path) -> None:
    said: list[str] = []
    began = time.monotonic()
    with Supervisor(os.environ, tmp_path / "logs", said.append) as house:
        house.start(program("worker", "print('up'); raise SystemExit(4)"))
        threading.Thread(target=_stop_when, args=(lambda: len(said) == 3,)).start()
        house.watch()
    assert said[:3] == [
        "worker ended with status 4. Starting it again.",
        "worker ended with status 4. Starting it again in 1 s.",
        "worker ended with status 4. Starting it again in 2 s.",
    ]
    assert time.monotonic() - began > 1


def test_only_warnings_and_what_belongs_to_them_are_passed_on(tmp_path: Path) -> None:
    talk = """
import time
print("a banner\\nINFO celery: ready\\nWARNING mailer: slow\\nERROR mailer: broken\\nTraceback\\n  File x\\nINFO x: ok")
print("[2026-11-24 09:33:38 +0000] [18385] [ERROR] Worker died\\n[2026-11-24 09:33:38 +0000] [1] [INFO] ok", flush=True)
time.sleep(60)
"""
    said: list[str] = []
    with Supervisor(os.environ, tmp_path / "logs", said.append) as house:
        house.start(program("web", talk))
        threading.Thread(target=_stop_when, args=(lambda: len(said) >= 5,)).start()
        house.watch()
    assert [line.removeprefix("web     ") for line in said[:5]] == [
        "WARNING mailer: slow",
        "ERROR mailer: broken",
        "Traceback",
        "  File x",
        "[2026-11-24 09:33:38 +0000] [18385] [ERROR] Worker died",
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children that their parent was killed")
def test_children_do_not_outlive_a_killed_supervisor(tmp_path: Path) -> None:
    code = f"""
import os, pathlib
from mailer.embedded.programs import Program
from mailer.embedded.supervisor import Supervisor
with Supervisor(os.environ, pathlib.Path({str(tmp_path)!r}), print) as house:
    talk = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
    house.start(Program("one", ({sys.executable!r}, "-c", talk)))
    house.watch()
"""
    supervisor = subprocess.Popen([sys.executable, "-c", code])
    log = tmp_path / "one.log"
    eventually(lambda: log.exists() and log.read_text().strip())
    supervisor.kill()
    supervisor.wait()
    eventually(lambda: int(log.read_text()) not in {process.pid for process in running()})


def _stop_when(condition: Callable[[], bool]) -> None:
    eventually(condition, 20)
    os.kill(os.getpid(), signal.SIGTERM)

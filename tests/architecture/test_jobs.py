"""Every job has a task and a queue, every queue a listener."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from mailer.config import load_settings
from mailer.embedded import programs
from mailer.queue import ROUTES, Job, Queue
from tests.architecture.tree import HOME
from tests.conftest import SECRET


@pytest.fixture(scope="module")
def tasks() -> set[str]:
    """The names of our tasks, asked of a process of its own, which reads its own settings."""
    code = """
import importlib
from worker.app import celery
for module in celery.conf.imports: importlib.import_module(module)
print(*(name for name in celery.tasks if not name.startswith("celery.")))
"""
    run = subprocess.run(
        [sys.executable, "-c", code], env={"SECRET_KEY": SECRET, "PATH": ""}, capture_output=True, text=True, cwd=HOME
    )
    assert run.returncode == 0, run.stderr
    return set(run.stdout.split())


def test_every_job_is_a_task_and_every_task_a_job(tasks: set[str]) -> None:
    assert tasks == {job.value for job in Job}


def test_every_job_has_a_queue() -> None:
    assert set(ROUTES) == set(Job)


def test_the_worker_listens_to_every_queue_the_most_urgent_first() -> None:
    command = programs.worker(load_settings({"SECRET_KEY": SECRET})).command
    assert f"--queues={','.join(queue.value for queue in Queue)}" in command


def test_every_tick_is_a_job() -> None:
    from worker.schedule import BEAT

    assert {entry["task"] for entry in BEAT.values()} <= {job.value for job in Job}


def test_the_procfile_runs_our_commands() -> None:
    lines = dict(line.split(": ") for line in (HOME / "Procfile").read_text().splitlines())
    assert lines == {
        "release": "postroom migrate",
        "web": "postroom web",
        "worker": "postroom worker",
        "beat": "postroom beat",
    }
    commands = {command.name for command in importlib.import_module("mailer.cli.run").commands}
    assert {line.split()[1] for line in lines.values()} <= commands


def test_every_file_of_tasks_is_loaded() -> None:
    named = {path.stem for path in Path(HOME / "worker/tasks").glob("*.py")} - {"__init__"}
    text = (HOME / "worker/app.py").read_text()
    assert [name for name in named if f'"worker.tasks.{name}"' not in text] == []

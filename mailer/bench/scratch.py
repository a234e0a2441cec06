"""A place to measure in: a database of its own on the server in use, a broker of its own, a worker of its own."""

import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url, text

from mailer import migrations
from mailer.config import Settings, load_settings
from mailer.db import make_engine
from mailer.embedded import ports, programs
from mailer.embedded.broker import find_server
from mailer.queue import Queue


class NotMeasured(Exception):
    """The run could not be measured; the text says why."""


@dataclass(frozen=True)
class Scratch:
    """What a run has to itself."""

    settings: Settings
    environ: dict[str, str]


@contextmanager
def scratch(settings: Settings, relay: str, **more: str) -> Iterator[Scratch]:
    """Make the place, and remove it at the end. On PostgreSQL a database beside the one in use, else SQLite.

    `more` are settings of this run alone, by their names in the environment.
    """
    with (
        tempfile.TemporaryDirectory(prefix="postroom-bench-") as folder,
        _database(settings, folder) as database,
        _broker(folder) as broker,
    ):
        environ = {
            "DATABASE_URL": database,
            "REDIS_URL": broker,
            "SMTP_URL": relay,
            "DATA_DIR": folder,
            "SECRET_KEY": secrets.token_hex(32),
            "SEND_LANES": "1",
            "SMTP_CONNECTIONS": str(settings.smtp_connections),
            "LOG_LEVEL": "WARNING",
            **more,
        }
        yield Scratch(load_settings(environ), {**os.environ, **environ})


@contextmanager
def _database(settings: Settings, folder: str) -> Iterator[str]:
    url = make_url(settings.database)
    if url.get_backend_name() != "postgresql":
        address = f"sqlite:///{Path(folder) / 'bench.sqlite'}"
        _migrate(address)
        yield address
        return
    name = f"postroom_bench_{secrets.token_hex(4)}"
    server = make_engine(settings.database).execution_options(isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    address = url.set(database=name).render_as_string(hide_password=False)
    try:
        _migrate(address)
        yield address
    finally:
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        server.dispose()


def _migrate(address: str) -> None:
    engine = make_engine(address)
    migrations.upgrade(engine)
    engine.dispose()


@contextmanager
def _broker(folder: str) -> Iterator[str]:
    port = ports.free()
    command = [str(find_server()), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603  # ours
    try:
        _await_port(port)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.kill()
        process.wait()


def _await_port(port: int) -> None:
    deadline = time.monotonic() + 10
    while not ports.answers(port):
        if time.monotonic() > deadline:
            raise NotMeasured("the broker did not start")
        time.sleep(0.02)


@contextmanager
def web(place: Scratch) -> Iterator[int]:
    """The web server as the Procfile runs it; yields its process id."""
    command = programs.web(place.settings).command
    process = subprocess.Popen(command, env=place.environ, stdout=subprocess.DEVNULL)  # noqa: S603  # our own command line
    try:
        deadline = time.monotonic() + 30
        while not ports.health(place.settings):
            if process.poll() is not None or time.monotonic() > deadline:
                raise NotMeasured("the web server did not start")
            time.sleep(0.05)
        yield process.pid
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def worker(place: Scratch) -> Iterator[int]:
    """A Celery worker with one sending process; yields its process id."""
    options = ("--pool=prefork", "--concurrency=1", f"--queues={','.join(Queue)}", "--without-gossip")
    command = [sys.executable, "-m", "celery", "--quiet", "--app=worker.app", "worker", "--loglevel=WARNING", *options]
    # What it prints must not stand in the middle of our answer.
    process = subprocess.Popen(  # noqa: S603  # our own command line
        command, env=place.environ, stdout=subprocess.DEVNULL, start_new_session=True
    )
    try:
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

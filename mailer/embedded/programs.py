"""The programs of the house as command lines: what the Procfile's commands become and what `postroom up` starts."""

import secrets
import sys
from dataclasses import dataclass

from mailer.config import Settings
from mailer.embedded import broker
from mailer.queue import Queue

MEMORY_PER_WORKER_PROCESS = 400 * 1024
"""KiB; a process that grew beyond is replaced after its task."""


@dataclass(frozen=True)
class Program:
    """Something to start: its command line, what it reads, and how many seconds it may take to stop."""

    name: str
    command: tuple[str, ...]
    grace: float = 10
    stdin: str = ""


def web(settings: Settings) -> Program:
    """The web server."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    options = (
        f"--bind={host}:{settings.port}",
        "--worker-class=gthread",
        f"--workers={settings.web_workers}",
        f"--threads={settings.web_threads}",
        "--preload",
        "--no-control-socket",
        "--graceful-timeout=10",
        f"--log-level={settings.log_level.lower()}",
    )
    return Program("web", _python("gunicorn", *options, "mailer.app:create_app()"), grace=15)


def worker(settings: Settings) -> Program:
    """The worker, listening to every queue, the most urgent first. Stops when its running tasks are done."""
    options = (
        "--pool=prefork",
        f"--concurrency={settings.worker_processes}",
        f"--queues={','.join(Queue)}",
        f"--hostname=worker-{secrets.token_hex(3)}@%h",  # two on one machine need two names
        f"--max-memory-per-child={MEMORY_PER_WORKER_PROCESS}",
        "--without-gossip",
        "--without-mingle",
    )
    return Program("worker", _celery(settings, "worker", *options), grace=40)


def beat(settings: Settings) -> Program:
    """The clock. Keeps nothing: what is due is read from rows. Run exactly one."""
    return Program("beat", _celery(settings, "beat", "--scheduler=celery.beat:Scheduler", "--pidfile="))


def inbox() -> Program:
    """The embedded inbox: SMTP on one port, its page on the next."""
    return Program("inbox", _python("mailer.embedded.inbox"))


def embedded_broker(settings: Settings) -> Program:
    """The embedded Valkey; its configuration comes in by standard input."""
    return Program("broker", (str(broker.find_server()), "-"), stdin=broker.configuration(settings))


def _celery(settings: Settings, command: str, *options: str) -> tuple[str, ...]:
    return _python("celery", "--quiet", "--app=worker.app", command, f"--loglevel={settings.log_level}", *options)


def _python(module: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", module, *arguments)

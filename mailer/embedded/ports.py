"""The ports of the house: free before the start, answering after it."""

import errno
import os
import socket
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException

from mailer.config import SettingError, Settings

EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # what such a host means for us who ask
"""Where to reach a server that listens on every address."""


def check(settings: Settings, patience: float = 0) -> None:
    """Raises SettingError, with a line for each port that cannot be had within `patience` seconds."""
    deadline = time.monotonic() + patience
    while lines := _complaints(settings):
        if time.monotonic() >= deadline:
            raise SettingError("\n".join(lines))
        time.sleep(0.1)


def free() -> int:
    """A port that nobody listens on just now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    """Whether somebody listens on this port of this machine."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def health(settings: Settings) -> int:
    """The status the web server answers to /healthz; 0 when it does not answer yet."""
    connection = HTTPConnection(EVERYWHERE.get(settings.host, settings.host), settings.port, timeout=5)
    try:
        connection.request("GET", "/healthz", headers={"Host": f"localhost:{settings.port}"})
        return connection.getresponse().status
    except (OSError, HTTPException):
        return 0
    finally:
        connection.close()


def _complaints(settings: Settings) -> list[str]:
    return [
        f"PORT: {port}, for the {what}, {trouble}. Free it, or write another{remedy}"
        for host, port, what, remedy in _needed(settings)
        if (trouble := _trouble(host, port))
    ]


def _needed(settings: Settings) -> Iterator[tuple[str, int, str, str]]:
    near = f" than {settings.port} (the parts that come with Postroom take the three ports after it)"
    yield settings.host, settings.port, "web server", ""
    if not settings.redis_url:
        yield "127.0.0.1", settings.broker_port, "broker", f"{near}, or set REDIS_URL"
    if not settings.smtp_url:
        yield "127.0.0.1", settings.inbox_port, "inbox", f"{near}, or set SMTP_URL"
        yield "127.0.0.1", settings.inbox_page_port, "page of the inbox", f"{near}, or set SMTP_URL"


def _trouble(host: str, port: int) -> str | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(
            socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
        )  # as servers do, or one that just ended is in the way
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return "is taken"
            return f"cannot be used on HOST {host} ({os.strerror(error.errno or 0)})"
    return None

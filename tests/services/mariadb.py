"""A throw-away MariaDB, reached by its socket only."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Nothing here must survive a crash of the machine.
UNSAFE_BUT_QUICK = ("--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=32M", "--skip-log-bin")

FIRST = """CREATE DATABASE wordpress;
CREATE USER wordpress@localhost;
GRANT ALL ON *.* TO wordpress@localhost;
"""


def find_server() -> str | None:
    """Path of the server's program, or None."""
    return shutil.which("mariadbd", path=os.environ.get("PATH", "") + ":/usr/sbin")


@contextmanager
def mariadb() -> Iterator[Path]:
    """Yields the socket of a running server with an empty database; everything is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="postroom-db-"))
    socket = folder / "socket"
    (folder / "first.sql").write_text(FIRST)
    common = ["--no-defaults", f"--datadir={folder}/data", *(["--user=root"] if os.geteuid() == 0 else [])]
    install = ["mariadb-install-db", *common, "--auth-root-authentication-method=normal", "--skip-test-db"]
    subprocess.run(install, check=True, capture_output=True)
    place = [f"--socket={socket}", f"--pid-file={folder}/pid", f"--init-file={folder}/first.sql", "--skip-networking"]
    with (folder / "log").open("wb") as log:
        command = [str(find_server()), *common, *place, *UNSAFE_BUT_QUICK]
        server = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        _await(socket, server, folder / "log")
        yield socket
    finally:
        server.terminate()
        server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def _await(socket: Path, server: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 30
    while not socket.exists():
        if server.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"MariaDB did not start:\n{log.read_text()}")
        time.sleep(0.02)

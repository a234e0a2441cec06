"""The processes of this machine, read from /proc where there is one, else asked of `ps`."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True)
class Process:
    """A process that has not ended."""

    pid: int
    parent: int
    command: str


def running() -> list[Process]:
    """All of them, but for zombies."""
    if not (PROC / "self" / "stat").exists():
        return _from_ps()
    found = []
    for folder in PROC.glob("[0-9]*"):
        try:
            state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if state != "Z":
            found.append(Process(int(folder.name), int(parent), command))
    return found


def children(pid: int) -> list[Process]:
    """Those that a process started itself."""
    return [process for process in running() if process.parent == pid]


def descendants(pid: int) -> list[Process]:
    """Those that came from a process, also by way of others."""
    everybody, found, parents = running(), list[Process](), {pid}
    while new := [process for process in everybody if process.parent in parents]:
        found += new
        parents = {process.pid for process in new}
    return found


def still_running(processes: list[Process]) -> list[Process]:
    """Which of them have not ended."""
    pids = {process.pid for process in running()}
    return [process for process in processes if process.pid in pids]


def _from_ps() -> list[Process]:
    listing = subprocess.run(["ps", "-axwwo", "pid=,ppid=,state=,command="], capture_output=True, text=True, check=True)
    rows = [line.split(maxsplit=3) for line in listing.stdout.splitlines()]
    return [Process(int(row[0]), int(row[1]), row[-1]) for row in rows if not row[2].startswith("Z")]

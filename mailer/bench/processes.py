"""CPU time and memory of a process and its children, as Linux counts them (proc(5))."""

import os
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Usage:
    """CPU seconds so far, and the largest resident memory of any one process in MB."""

    cpu_seconds: float
    peak_rss_mb: float


def usage(pid: int) -> Usage | None:
    """Of a process and all its descendants; None where the system does not tell (no /proc)."""
    if not PROC.is_dir():
        return None
    ticks, peak = 0, 0.0
    for each in (pid, *_descendants(pid)):
        try:
            fields = (PROC / str(each) / "stat").read_text().rpartition(")")[2].split()
            status = (PROC / str(each) / "status").read_text()
        except FileNotFoundError:
            continue  # it ended meanwhile; its parent has its time
        ticks += sum(map(int, fields[11:15]))  # utime, stime, and those of children that were waited for
        peak = max([peak, *(float(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))])
    return Usage(ticks / TICKS_PER_SECOND, round(peak, 1))


def _descendants(pid: int) -> list[int]:
    try:
        children = [int(child) for child in (PROC / str(pid) / "task" / str(pid) / "children").read_text().split()]
    except FileNotFoundError:
        return []
    return children + [grandchild for child in children for grandchild in _descendants(child)]

"""Lanes: how many processes of this machine may send at once. A lane is a folder with a lock that dies with its holder.

Breaking news has one of its own, beside those for all issues: however busy these are, it is free.

So whoever gets a lane knows that its last holder is gone, and may settle the journals in it.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ISSUES, BREAKING = "lane", "breaking"
"""What a lane is for; the beginning of its folder's name."""


@contextmanager
def lane(data_dir: Path, lanes: int, of: str = ISSUES) -> Iterator[Path | None]:
    """Hold the first free lane; yields its folder (where the journals go), or None when all are taken."""
    for number in range(lanes):
        folder = data_dir / "journal" / f"{of}-{number}"
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            yield folder
            return
        finally:
            os.close(descriptor)
    yield None

"""What was handed to the relay, one byte per delivery, in a memory-mapped file: it survives a kill -9 of the process.

A file per claim, in the folder of the lane that holds it: a header, the subscribers' numbers, then their marks.
"""

import mmap
import os
from array import array
from collections.abc import Sequence
from enum import IntEnum
from pathlib import Path

from mailer.delivery.dispatch import Claim

_HEADER = array("q", (0, 0, 0, 0))


class Mark(IntEnum):
    """How far one delivery got."""

    UNTOUCHED = 0
    HANDED = 1
    ACCEPTED = 2
    DEFERRED = 3
    REFUSED = 4
    RECORDED = 5
    """In the database: nothing is left to settle."""


class Journal:
    """The marks of one claim, in the order of its deliveries."""

    def __init__(self, folder: Path, held: Claim, subscriber_ids: Sequence[int]) -> None:
        self.path = folder / f"{held.issue_id}-{held.number}-{held.fence}.journal"
        numbers = array("q", (held.issue_id, held.number, held.fence, len(subscriber_ids), *subscriber_ids))
        self._start = len(numbers) * numbers.itemsize
        new = self.path.with_suffix(".new")
        new.write_bytes(numbers.tobytes() + bytes(len(subscriber_ids)))
        new.rename(self.path)  # never half a journal under its name
        with self.path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), 0)

    def mark(self, index: int, mark: Mark) -> None:
        """Set the mark of the delivery at `index`; durable against the death of this process at once."""
        self._map[self._start + index] = mark

    def close(self) -> None:
        """Everything in it is in the database: remove it."""
        self._map.close()
        self.path.unlink()

    def abandon(self) -> None:
        """Leave the file for the next holder of the lane to settle."""
        self._map.close()


def read(path: Path) -> tuple[Claim, list[tuple[int, Mark]]]:
    """The claim of a journal and the mark of each subscriber. Raises ValueError for a file that is none."""
    data = path.read_bytes()
    size = _HEADER.itemsize
    header = array("q")
    header.frombytes(data[: 4 * size])
    issue_id, number, fence, count = header
    ids = array("q")
    ids.frombytes(data[4 * size : (4 + count) * size])
    marks = data[(4 + count) * size :]
    if len(marks) != count:
        raise ValueError(f"{path} is not a journal")
    return Claim(issue_id, number, fence), [(ids[k], Mark(marks[k])) for k in range(count)]


def left_behind(folder: Path) -> list[Path]:
    """The journals in a lane's folder; whoever holds the lane knows that their writer is dead."""
    for half_made in folder.glob("*.new"):
        half_made.unlink(missing_ok=True)
    return sorted(folder.glob("*.journal"), key=os.path.getmtime)

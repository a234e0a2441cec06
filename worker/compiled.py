"""The compiled editions of a process, each made once: what was used last in memory, all of them in a file.

An issue may have thousands of editions, and the readers of one are scattered over all batches. Memory is bounded by
bytes; what does not fit is read from the file, which costs a hundredth of making it anew. The file has no name, so it
is gone with the process, and nothing in it survives a change of settings or templates.
"""

import logging
import os
import tempfile
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mailer.emails.compiled import Compiled, Slot

log = logging.getLogger(__name__)

IN_MEMORY = 48 * 1024 * 1024
"""Bytes of finished mails that are kept in memory."""
IN_FILE = 1024 * 1024 * 1024
"""Bytes after which the file is begun anew."""

Key = tuple[int, int, bool]
"""Issue, edition, plain text only."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A compiled edition and the address that it comes from."""

    sender: str
    mail: Compiled

    @property
    def size(self) -> int:
        """In bytes."""
        return sum(map(len, self.mail.pieces))


@dataclass(frozen=True, slots=True)
class _Kept:
    """Where a mail lies in the file, and how its bytes are cut into pieces."""

    offset: int
    lengths: tuple[int, ...]
    holes: tuple[tuple[Slot, tuple[int, ...]], ...]
    sender: str


class CompiledEditions:
    """Made on demand, kept for as long as the process lives."""

    def __init__(self, in_memory: int = IN_MEMORY, in_file: int = IN_FILE, folder: Path | None = None) -> None:
        self._in_memory, self._in_file = in_memory, in_file
        self._recent: OrderedDict[Key, Finished] = OrderedDict()
        self._bytes = 0
        self._kept: dict[Key, _Kept] = {}
        self._end = 0
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  # open as long as we are

    def get(self, key: Key, make: Callable[[], Finished]) -> Finished:
        """The edition of this key; `make` is asked for one that was never made."""
        found = self._recent.get(key)
        if found is not None:
            self._recent.move_to_end(key)
            return found
        kept = self._kept.get(key)
        found = self._read(kept) if kept else make()
        if kept is None:
            self._write(key, found)
        self._remember(key, found)
        return found

    def _remember(self, key: Key, finished: Finished) -> None:
        self._recent[key] = finished
        self._bytes += finished.size
        while self._bytes > self._in_memory and len(self._recent) > 1:
            _, oldest = self._recent.popitem(last=False)
            self._bytes -= oldest.size

    def _write(self, key: Key, finished: Finished) -> None:
        if self._end + finished.size > self._in_file:
            self._kept.clear()
            self._end = 0
        mail = finished.mail
        try:
            os.pwrite(self._file.fileno(), b"".join(mail.pieces), self._end)
        except OSError as error:
            log.warning("A compiled edition could not be kept, it is made anew when it is needed: %s", error)
            return
        self._kept[key] = _Kept(self._end, tuple(map(len, mail.pieces)), mail.holes, finished.sender)
        self._end += finished.size

    def _read(self, kept: _Kept) -> Finished:
        whole = os.pread(self._file.fileno(), sum(kept.lengths), kept.offset)
        pieces, begin = [], 0
        for length in kept.lengths:
            pieces.append(whole[begin : begin + length])
            begin += length
        return Finished(kept.sender, Compiled(tuple(pieces), kept.holes))

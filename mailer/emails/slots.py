"""Slots: what differs per reader in a message, and how a value is written where it goes."""

import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from html import escape

from mailer.emails.headers import FOLD_AT, FOLDING_HEADERS, MAXIMUM_LINE, BadHeader, encode_header, fold
from mailer.emails.quoted_printable import MAXIMUM_LINE as COLUMNS
from mailer.emails.quoted_printable import SOFT_BREAK, encode_line, split_lines


class Slot(StrEnum):
    """What differs per reader. TO and MESSAGE_ID are finished header values, UNSUBSCRIBE is an address of ours."""

    TO = "to"
    MESSAGE_ID = "message-id"
    UNSUBSCRIBE = "unsubscribe"


Write = Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class Hole:
    """Where the value of a slot goes, and how it is written there."""

    slot: Slot
    write: Write


Piece = bytes | Hole

MAXIMUM_VALUE = 900
"""Characters of a reader's value in a header."""

# Made anew by each process: who writes an article cannot know it, and so cannot have a reader's link put into it.
_MARK = secrets.token_hex(16)
_PLACEHOLDER = re.compile(f"slot-({'|'.join(Slot)})-{_MARK}")
_LONGEST_NAME = "Reply-To: "
_PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9:/_-][A-Za-z0-9:/._-]*")


def placeholder(slot: Slot) -> str:
    """Stands for the reader's value in templates and headers. Good in this process only."""
    return f"slot-{slot}-{_MARK}"


def header_pieces(name: str, value: str) -> Iterator[Piece]:
    """A finished header, which may hold one placeholder. Raises BadHeader."""
    line = encode_header(name, value).decode("ascii")
    parts = _PLACEHOLDER.split(line)
    if len(parts) > 1 and (len(parts) > 3 or len(line) > MAXIMUM_LINE - MAXIMUM_VALUE):
        raise BadHeader(f"{name} holds too much beside the reader's value")
    write = write_folding if name.lower() in FOLDING_HEADERS else write_in_header
    for constant, slot in _pairs(parts):
        yield constant.encode()
        if slot:
            yield Hole(slot, write)


def body_pieces(text: str, write: Write) -> Iterator[Piece]:
    """Text in quoted-printable, each line with its CRLF; a placeholder stands between soft breaks."""
    for line in split_lines(text):
        parts = _PLACEHOLDER.split(line)
        for position, (constant, slot) in enumerate(_pairs(parts)):
            if constant:
                yield (SOFT_BREAK if position else b"") + encode_line(constant, continued=slot is not None)
            if slot:
                yield SOFT_BREAK if constant or position else b""
                yield Hole(slot, write)
        yield b"\r\n"


def write_in_header(value: str) -> bytes:
    """On one line, neither folded nor encoded. Raises BadHeader."""
    if len(value) > MAXIMUM_VALUE or not (value.isascii() and value.isprintable()):
        raise BadHeader(f"this cannot stand in a header: {value[:80]!r}")
    return value.encode()


def write_folding(value: str) -> bytes:
    """Folded where it is long; beyond ASCII only what needs SMTPUTF8 anyway. Raises BadHeader."""
    if len(value) > MAXIMUM_VALUE or not value.isprintable():
        raise BadHeader(f"this cannot stand in a header: {value[:80]!r}")
    if len(value) > FOLD_AT - len(_LONGEST_NAME):
        value = fold(_LONGEST_NAME + value).removeprefix(_LONGEST_NAME)
    return value.encode()


def write_in_text(value: str) -> bytes:
    """Quoted-printable, with soft breaks where it is long."""
    return _write_plain(value) or encode_line(value, continued=True)


def write_in_html(value: str) -> bytes:
    """The same, escaped for HTML text and attributes."""
    return _write_plain(value) or encode_line(escape(value), continued=True)


def _write_plain(value: str) -> bytes | None:
    """The short way for what our links are made of, at a sixth of the time; None where it would be wrong."""
    if not _PLAIN_ADDRESS.fullmatch(value):
        return None
    if len(value) < COLUMNS:
        return value.encode()
    cut = "=\r\n".join(value[start : start + COLUMNS - 1] for start in range(0, len(value), COLUMNS - 1))
    return None if "\n." in cut else cut.encode()


def _pairs(parts: list[str]) -> Iterator[tuple[str, Slot | None]]:
    """What `re.split` made of a line: each constant with the slot after it."""
    for position in range(0, len(parts), 2):
        yield parts[position], Slot(parts[position + 1]) if position + 1 < len(parts) else None

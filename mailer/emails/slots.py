"""Slots: what differs per reader in a message, and how a value is written where it goes."""

import re
import secrets
from collections.abc import Callable, Iterator
from enum import StrEnum

from mailer.emails.headers import FOLD_AT, MAXIMUM_LINE, BadHeader, encode_header, fold
from mailer.emails.quoted_printable import MAXIMUM_LINE as COLUMNS
from mailer.emails.quoted_printable import SOFT_BREAK, encode_line, split_lines


class Slot(StrEnum):
    """What differs per reader. TO and MESSAGE_ID are finished header values.

    TOKEN is the reader's signed token, which may stand in a header and in both bodies, as often as there are links.
    """

    TO = "to"
    MESSAGE_ID = "message-id"
    TOKEN = "token"  # noqa: S105  # its name, not one


Piece = bytes | Slot
"""Finished bytes, or where the value of a slot goes."""

MAXIMUM_VALUE = 900
"""Characters of a reader's value in a header."""

LONGEST_TOKEN = COLUMNS - 1
"""Characters of a token: one line of a body, with its soft break."""

# Made anew by each process: who writes an article cannot know it, and so cannot have a reader's link put into it.
_MARK = secrets.token_hex(16)
_PLACEHOLDER = re.compile(f"slot-({'|'.join(Slot)})-{_MARK}")
_LONGEST_NAME = "Reply-To: "
_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def placeholder(slot: Slot) -> str:
    """Stands for the reader's value in templates and headers. Good in this process only."""
    return f"slot-{slot}-{_MARK}"


def header_pieces(name: str, value: str) -> Iterator[Piece]:
    """A finished header, which may hold placeholders as far as a line has room for their values. Raises BadHeader."""
    lines = encode_header(name, value).decode("ascii")
    if any(_longest(line) > MAXIMUM_LINE for line in lines.split("\r\n")):
        raise BadHeader(f"{name} holds too much beside the reader's value")
    for constant, slot in _pairs(_PLACEHOLDER.split(lines)):
        yield constant.encode()
        if slot:
            yield slot


def body_pieces(text: str) -> Iterator[Piece]:
    """Text in quoted-printable, each line with its CRLF; a token stands on a line of its own, between soft breaks.

    Raises BadHeader for a value that belongs into the head.
    """
    for line in split_lines(text):
        for position, (constant, slot) in enumerate(_pairs(_PLACEHOLDER.split(line))):
            if constant:
                yield (SOFT_BREAK if position else b"") + encode_line(constant, continued=slot is not None)
            if slot:
                yield SOFT_BREAK if constant or position else b""
                yield _for_body(slot)
        yield b"\r\n"


def _write_in_header(value: str) -> bytes:
    """On one line, neither folded nor encoded. Raises BadHeader."""
    if len(value) > MAXIMUM_VALUE or not (value.isascii() and value.isprintable()):
        raise BadHeader(f"this cannot stand in a header: {value[:80]!r}")
    return value.encode()


def _write_folding(value: str) -> bytes:
    """Folded where it is long; beyond ASCII only what needs SMTPUTF8 anyway. Raises BadHeader."""
    if len(value) > MAXIMUM_VALUE or not value.isprintable():
        raise BadHeader(f"this cannot stand in a header: {value[:80]!r}")
    if len(value) > FOLD_AT - len(_LONGEST_NAME):
        value = fold(_LONGEST_NAME + value).removeprefix(_LONGEST_NAME)
    return value.encode()


def _write_token(value: str) -> bytes:
    """As it is: nothing in a token needs encoding, wherever it stands. Raises BadHeader."""
    if len(value) > LONGEST_TOKEN or not _TOKEN.fullmatch(value):
        raise BadHeader(f"this is no token: {value[:80]!r}")
    return value.encode()


WRITE: dict[Slot, Callable[[str], bytes]] = {
    Slot.TO: _write_folding,
    Slot.MESSAGE_ID: _write_in_header,
    Slot.TOKEN: _write_token,
}
"""How the value of each slot is written; each raises BadHeader for one that would break the message."""

_ROOM = {Slot.TO: MAXIMUM_VALUE, Slot.MESSAGE_ID: MAXIMUM_VALUE, Slot.TOKEN: LONGEST_TOKEN}


def _longest(line: str) -> int:
    """Octets of a header line with the longest values."""
    return sum(len(constant) + (_ROOM[slot] if slot else 0) for constant, slot in _pairs(_PLACEHOLDER.split(line)))


def _for_body(slot: Slot) -> Slot:
    if slot is not Slot.TOKEN:
        raise BadHeader(f"{slot} is a value for the head of a mail")
    return slot


def _pairs(parts: list[str]) -> Iterator[tuple[str, Slot | None]]:
    """What `re.split` made of a line: each constant with the slot after it."""
    for position in range(0, len(parts), 2):
        yield parts[position], Slot(parts[position + 1]) if position + 1 < len(parts) else None

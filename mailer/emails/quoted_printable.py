"""Quoted-printable as the wire wants it (RFC 2045 §6.7), so that no relay has a reason to touch a byte.

Lines have at most 76 columns and end in CRLF only. No line begins with a dot (nothing is left for dot-stuffing) or with
"From " (some relays write ">From "), none ends in a blank, and there is no run of blanks (DKIM's relaxed form changes
nothing).
"""

import re
from collections.abc import Iterator

MAXIMUM_LINE = 76
SOFT_BREAK = b"=\r\n"

_ENCODED = [chr(byte) if 32 <= byte <= 126 and byte != 61 else f"={byte:02X}" for byte in range(256)]
_BLANK_AFTER_BLANK = re.compile("(?<= ) ")
_LINE_END = re.compile("\r\n|\r|\n")
_RISKY_STARTS = (".", "From ")


def split_lines(text: str) -> list[str]:
    """The lines of `text`. Only CR and LF end one: U+2028 and its like are characters."""
    return _LINE_END.split(text)


def encode_line(line: str, *, continued: bool = False) -> bytes:
    """One line of text, without a line end; soft breaks where it is long. Lone surrogates become question marks.

    A `continued` one leaves room for a soft break at its end.
    """
    encoded = "".join(map(_ENCODED.__getitem__, line.encode("utf-8", "replace")))
    encoded = _BLANK_AFTER_BLANK.sub("=20", encoded)
    if encoded.endswith(" "):
        encoded = encoded[:-1] + "=20"
    return "=\r\n".join(_cut(encoded, MAXIMUM_LINE - continued)).encode("ascii")


def _cut(encoded: str, last_room: int) -> Iterator[str]:
    """Cut between characters; a line has room for its soft break and for a first character that must be encoded."""
    start = 0
    while len(encoded) - start > last_room - (growth := _growth(encoded, start)):
        stop = start + MAXIMUM_LINE - 1 - growth
        if (escape := encoded.rfind("=", stop - 2, stop)) >= 0:
            stop = escape
        yield _guard(encoded[start:stop])
        start = stop
    yield _guard(encoded[start:])


def _growth(encoded: str, start: int) -> int:
    return 2 if encoded.startswith(_RISKY_STARTS, start) else 0


def _guard(line: str) -> str:
    return f"={ord(line[0]):02X}{line[1:]}" if line.startswith(_RISKY_STARTS) else line

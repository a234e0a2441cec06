"""Text of strangers made fit for one line, and paragraphs wrapped for the plain part of a mail."""

import re
import unicodedata
from collections.abc import Iterator

COLUMNS = 60

_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
# The marks that turn the direction of everything after them (a title may not mirror the rest of its line), the byte
# order mark, and code points that are no characters.
_DROPPED = re.compile("[\u202a-\u202e\u2066-\u2069\ufeff\ufdd0-\ufdef\ufffe\uffff]")
_BLANKS = re.compile(r"\s+")
_NEVER_FIRST = frozenset("、。，．：；！？）］｝〉》」』】〕’”…,.:;!?)]}%")
_NEVER_LAST = frozenset("（［｛〈《「『【〔‘“([{")


def clean(text: str) -> str:
    """Text as one line: a control character is a blank, runs of blanks are one, none stands at either end."""
    return _BLANKS.sub(" ", _CONTROLS.sub(" ", _DROPPED.sub("", text))).strip()


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters; what is longer is cut, at a blank if one is near, and ends in an ellipsis."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    blank = cut.rfind(" ")
    return cut[: blank if blank > limit * 2 // 3 else limit - 1].rstrip(" ,;:.-–—") + "…"


def wrap(text: str, columns: int = COLUMNS, indent: str = "") -> str:
    """A paragraph in lines of at most `columns`; later lines begin with `indent`. Words that are longer stay whole.

    East Asian characters take two columns and may be parted anywhere, but for the punctuation that must not begin or
    end a line.
    """
    lines: list[str] = []
    line, used = "", 0
    for piece in _pieces(text):
        size = width(piece.rstrip())
        if line and used + size > columns:
            lines.append(line.rstrip())
            line, used = indent, width(indent)
        line += piece
        used += width(piece)
    return "\n".join([*lines, line.rstrip()])


def width(text: str) -> int:
    """Columns that `text` takes in a fixed pitch."""
    return sum(
        2 if unicodedata.east_asian_width(c) in "WF" else 0 if unicodedata.category(c) in ("Mn", "Me", "Cf") else 1
        for c in text
    )


def _pieces(text: str) -> Iterator[str]:
    """What a line break may not part: a word with the blank after it, or one wide character with its punctuation."""
    piece = ""
    for character in text:
        if piece and _may_part(piece[-1], character):
            yield piece
            piece = ""
        piece += character
    yield piece


def _may_part(before: str, after: str) -> bool:
    if before == " ":
        return after != " "
    if after == " " or after in _NEVER_FIRST or before in _NEVER_LAST:
        return False
    return unicodedata.east_asian_width(before) in "WF" or unicodedata.east_asian_width(after) in "WF"

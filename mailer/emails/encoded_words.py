"""Encoded words (RFC 2047): how a header carries what is not plain ASCII."""

import base64
from collections.abc import Iterator
from string import ascii_letters, digits

MAXIMUM_WORD = 64
"""Octets of one encoded word; with "Reply-To: " before it, it fits into a line of 76."""

_ROOM = MAXIMUM_WORD - len("=?utf-8?q??=")
# What stands for itself also in a display name (RFC 2047 §5).
_PLAIN = frozenset(ascii_letters + digits + "!*+-/")


def encode_words(text: str) -> str:
    """Encoded words parted by one blank, each of whole characters; in the shorter of the two encodings."""
    quoted = ["_" if c == " " else c if c in _PLAIN else _escape(c) for c in text]
    octets = [c.encode() for c in text]
    if sum(map(len, quoted)) <= sum(map(len, octets)) * 4 // 3:
        words = ["".join(quoted[part]) for part in _parts(list(map(len, quoted)), _ROOM)]
        return " ".join(f"=?utf-8?q?{word}?=" for word in words)
    words = [
        base64.b64encode(b"".join(octets[part])).decode() for part in _parts(list(map(len, octets)), _ROOM // 4 * 3)
    ]
    return " ".join(f"=?utf-8?b?{word}?=" for word in words)


def _escape(character: str) -> str:
    return "".join(f"={byte:02X}" for byte in character.encode())


def _parts(sizes: list[int], room: int) -> Iterator[slice]:
    """Slices of characters whose sizes fit into `room`."""
    start, used = 0, 0
    for index, size in enumerate(sizes):
        if used + size > room:
            yield slice(start, index)
            start, used = index, 0
        used += size
    yield slice(start, len(sizes))

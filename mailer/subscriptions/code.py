"""The six digits that a reader may type instead of opening the link.

A code is not stored: it is made of the letter's number and the key, so that only who received the letter knows it.
"""

import hashlib
import hmac
import unicodedata

DIGITS = 6

_SALT = b"postroom.code.1:"


def code(key: bytes, letter_id: int) -> str:
    """The code of a letter, six ASCII digits."""
    digest = hmac.digest(key, _SALT + str(letter_id).encode(), hashlib.sha256)
    return str(int.from_bytes(digest[:8]) % 10**DIGITS).zfill(DIGITS)


def spaced(digits: str) -> str:
    """A code as people read it: "427 913"."""
    return f"{digits[:3]} {digits[3:]}"


def read(text: str) -> str | None:
    """The code that somebody typed, with digits of any script, blanks and dashes; None when it cannot be one."""
    kept = [character for character in unicodedata.normalize("NFKC", text) if not _between(character)]
    digits = [unicodedata.decimal(character, None) for character in kept]
    if len(digits) != DIGITS or None in digits:
        return None
    return "".join(map(str, digits))


def same(one: str, other: str) -> bool:
    """Whether two codes are one, in a time that does not say how far they agree."""
    return hmac.compare_digest(one, other)


def ref_hash(ref: str) -> str:
    """What is kept of a page's secret: its SHA-256, hexadecimal; empty for a page without one."""
    return hashlib.sha256(ref.encode()).hexdigest() if ref else ""


def _between(character: str) -> bool:
    """Blanks, dashes, and the invisible marks that copying brings along."""
    return character.isspace() or unicodedata.category(character) in ("Pd", "Cf")

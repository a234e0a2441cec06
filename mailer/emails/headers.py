"""E-mail headers, encoded by ourselves (RFC 5322, RFC 2047), and the check of the finished bytes.

Python's `email` package must not have the last word: it turns encoded words in a title into real headers
(CVE-2024-6923) and long List-Unsubscribe addresses into encoded words, which no mail client reads.

A value with a control character is refused here. Text of strangers is made clean before it comes
(`mailer.emails.plain_text.clean`): what would be refused is a blank there.
"""

import hmac
import re
from collections import Counter
from collections.abc import Sequence
from urllib.parse import quote

import idna

from mailer.emails.encoded_words import MAXIMUM_WORD, encode_words
from mailer.emails.plain_text import clean

MAXIMUM_LINE = 998
"""Octets a line may have, without its CRLF (RFC 5322 §2.1.1)."""

FOLD_AT = 76
"""Octets of a line with an encoded word (RFC 2047 §2); where we may, we fold all."""

TEXT_HEADERS = frozenset({"subject"})
"""Headers whose value is text that may need encoding; of all others the value comes finished."""

FOLDING_HEADERS = frozenset({"subject", "from", "to", "reply-to", "sender", "list-id", "list-unsubscribe"})
"""Headers that may be folded."""

_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_NAME = re.compile(r"[!-9;-~]+")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
_ADDRESS = re.compile(r'[^\s<>()\[\]:;,@"\\]+@[^\s<>()\[\]:;,@"\\]+')


class BadHeader(ValueError):
    """This cannot be a header; the text says which and why."""


def encode_header(name: str, value: str) -> bytes:
    """One finished header with its CRLF. Raises BadHeader.

    The value of a text header (Subject) is encoded where it must be; that of any other stands as it is.
    """
    if not _NAME.fullmatch(name):
        raise BadHeader(f"{name!r} is not the name of a header")
    value = printable(name, value)
    key = name.lower()
    if key in TEXT_HEADERS:
        value = _text(value)
    elif not value.isascii():
        raise BadHeader(f"{name} holds characters beyond ASCII: {value!r}")
    line = f"{name}: {value}"
    return (fold(line) if key in FOLDING_HEADERS else line).encode() + b"\r\n"


def printable(name: str, value: str) -> str:
    """The value, if it has no control character. Raises BadHeader."""
    if _FORBIDDEN.search(value):
        raise BadHeader(f"{name} holds a control character: {value!r}")
    return value


def fold(line: str) -> str:
    """A header line, broken before blanks where it is longer than FOLD_AT; one long word stays whole."""
    if len(line) <= FOLD_AT:
        return line
    name, *words = line.split(" ")
    lines = [name]
    for word in words:
        if len(lines[-1]) + 1 + len(word) > FOLD_AT and lines[-1] != name:
            lines.append("")
        lines[-1] += " " + word
    return "\r\n".join(lines)


def address_header(name: str, address: str) -> str:
    """A finished value for From, To and their like: the name quoted or encoded, the domain as A-label.

    A part before the @ beyond ASCII stays as it is: only a relay with SMTPUTF8 takes it. Raises BadHeader.
    """
    if not _ADDRESS.fullmatch(address) or _FORBIDDEN.search(address):
        raise BadHeader(f"{address!r} is not an address")
    local, _, domain = address.rpartition("@")
    specification = address if domain.isascii() else f"{local}@{a_label(domain)}"
    return f"{_phrase(printable('the name', name))} <{specification}>" if name else specification


def a_label(domain: str) -> str:
    """An internationalised domain as DNS knows it (IDNA 2008). Raises BadHeader."""
    try:
        return domain if domain.isascii() else idna.encode(domain, uts46=True).decode()
    except idna.IDNAError as error:
        raise BadHeader(f"{domain!r} is not a domain: {error}") from None


def mailto(address: str, subject: str) -> str:
    """The address that writes a mail of this subject to `address` (RFC 6068). Raises BadHeader."""
    local, _, domain = address.rpartition("@")
    return f"mailto:{quote(local, safe='+')}@{a_label(domain)}?subject={quote(subject, safe='')}"


def message_id(issue_id: int, subscriber_id: int, domain: str, key: bytes) -> str:
    """The Message-ID of one delivery: the same on every try, unlike any other, and no stranger can make one up."""
    identity = f"{issue_id}.{subscriber_id}"
    return f"<{identity}.{_seal(identity, key)}@{a_label(domain)}>"


def letter_id(identity: str, domain: str, key: bytes) -> str:
    """The Message-ID of a letter; the same `identity` (say "confirm-17-2") gives the same one."""
    return f"<{_seal(identity, key)}@{a_label(domain)}>"


def list_id(title: str, slug: str, host: str) -> str:
    """The finished List-Id of a newsletter (RFC 2919)."""
    label = re.sub(r"[^a-z0-9.-]+", "-", f"{slug}.{a_label(host)}".lower()).strip(".-")
    return f"{_phrase(clean(title))} <{label}>" if clean(title) else f"<{label}>"


def check(head: bytes, expected: Sequence[str]) -> None:
    """Judge finished header lines, each with its CRLF: exactly the expected names, once each. Raises BadHeader."""
    *lines, rest = head.split(b"\r\n")
    if rest or any(b"\r" in line or b"\n" in line or b"\0" in line for line in lines):
        raise BadHeader("a header line does not end in CRLF")
    for line in lines:
        if len(line) > (FOLD_AT if b"=?utf-8?" in line else MAXIMUM_LINE):
            raise BadHeader(f"a header line is too long: {line[:80]!r}")
        if not line.strip() or line.endswith(b" "):
            raise BadHeader("a header line ends in a blank")
    found = Counter(line.partition(b":")[0].decode("latin-1").lower() for line in lines if line[:1] != b" ")
    if found != Counter({name.lower(): 1 for name in expected}) or len(found) != len(expected):
        raise BadHeader(f"expected {', '.join(expected)} once each, found {dict(found)}")


def _text(value: str) -> str:
    return value if _is_plain(value) else encode_words(value)


def _phrase(name: str) -> str:
    """A display name: atoms, a quoted string, or encoded words."""
    if not _is_plain(name):
        return encode_words(name)
    return name if _ATOMS.fullmatch(name) else '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'


def _is_plain(text: str) -> bool:
    """Whether text survives folding and decoding as it is."""
    words = text.split(" ")
    return text.isascii() and text.isprintable() and "=?" not in text and all(0 < len(w) <= MAXIMUM_WORD for w in words)


def _seal(identity: str, key: bytes) -> str:
    return hmac.digest(key, identity.encode(), "sha256")[:8].hex()

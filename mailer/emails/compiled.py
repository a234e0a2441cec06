"""A mail compiled once into pieces of finished bytes; what differs per reader goes into the holes between them.

A reader's message is one join. The pieces obey the rules of `quoted_printable`, so nothing that comes after (the
final dot, DKIM) has to look at the body again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from mailer.emails.headers import check, encode_header
from mailer.emails.slots import WRITE, Piece, Slot, body_pieces, header_pieces, placeholder

__all__ = ["Compiled", "Slot", "compile_message", "placeholder"]


@dataclass(frozen=True, slots=True)
class Compiled:
    """A message but for its readers' values: `holes` names for each slot the pieces that its value takes."""

    pieces: tuple[bytes, ...]
    holes: tuple[tuple[Slot, tuple[int, ...]], ...]

    def fill(self, values: Mapping[Slot, str]) -> bytes:
        """The whole message: CRLF line ends, dot-stuffed, without the final dot.

        Raises BadHeader for a value that would break the message, KeyError for one that is missing.
        """
        pieces = list(self.pieces)
        for slot, places in self.holes:
            written = WRITE[slot](values[slot])
            for place in places:
                pieces[place] = written
        return b"".join(pieces)


def compile_message(headers: Sequence[tuple[str, str]], text: str, html: str | None) -> Compiled:
    """A message of these headers and of text alone, or text and HTML to choose from; each body ends in one line end.

    Adds MIME-Version and Content-…. Header values may hold placeholders, of other headers than Subject they are
    finished ones. Raises BadHeader when the finished head is not exactly these headers, once each.
    """
    if html is None:
        added, body = _part("plain", text)
    else:
        added, body = _alternatives(_part("plain", text), _part("html", html))
    headers = [*headers, ("MIME-Version", "1.0"), *added]
    head = [piece for name, value in headers for piece in header_pieces(name, value)]
    check(_assemble(head).fill(dict.fromkeys(Slot, "x")), [name for name, _ in headers])
    return _assemble([*head, b"\r\n", *body])


_Part = tuple[list[tuple[str, str]], list[Piece]]
"""Content headers and body."""


def _part(kind: str, content: str) -> _Part:
    headers = [
        ("Content-Type", f"text/{kind}; charset=utf-8"),
        ("Content-Transfer-Encoding", "quoted-printable"),
    ]
    return headers, list(body_pieces(content.rstrip("\r\n")))


def _alternatives(*parts: _Part) -> _Part:
    boundary = _boundary(piece for _, body in parts for piece in body)
    joined: list[Piece] = []
    for headers, body in parts:
        head = b"".join(encode_header(name, value) for name, value in headers)
        joined += [b"--%b\r\n%b\r\n" % (boundary.encode(), head), *body, b"\r\n"]
    joined.append(b"--%b--\r\n" % boundary.encode())
    return [("Content-Type", f'multipart/alternative; boundary="{boundary}"')], joined


def _boundary(body: Iterable[Piece]) -> str:
    """Made of the content, so the same on every try. Quoted-printable never has "=_", so no content holds it."""
    digest = blake2b(digest_size=12)
    for piece in body:
        digest.update(piece if isinstance(piece, bytes) else piece.encode())
    return f"=_{digest.hexdigest()}"


def _assemble(parts: Iterable[Piece]) -> Compiled:
    """Join constants that touch, and note where each value goes."""
    pieces: list[bytes] = [b""]
    holes: dict[Slot, list[int]] = {}
    for part in parts:
        if isinstance(part, bytes):
            pieces[-1] += part
        else:
            holes.setdefault(part, []).append(len(pieces))
            pieces += [b"", b""]
    return Compiled(tuple(pieces), tuple((slot, tuple(places)) for slot, places in holes.items()))

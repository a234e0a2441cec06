"""The script that turns a plain form into one that answers where it stands; served as it is written."""

import base64
import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SOURCE = Path(__file__).with_name("signup.js")


@dataclass(frozen=True)
class Script:
    """A script as it is sent: its bytes, the same compressed, and what names them."""

    plain: bytes
    compressed: bytes
    digest: str  # hexadecimal, in the address that always means these bytes
    integrity: str  # for the attribute of that name (W3C Subresource Integrity)


@cache
def read(path: Path = SOURCE) -> Script:
    """A script of ours, read once."""
    plain = path.read_bytes()
    return Script(
        plain=plain,
        compressed=gzip.compress(plain, 9, mtime=0),
        digest=hashlib.sha256(plain).hexdigest()[:16],
        integrity="sha384-" + base64.b64encode(hashlib.sha384(plain).digest()).decode(),
    )

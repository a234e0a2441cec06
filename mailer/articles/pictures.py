"""Which picture stands for an entry: one a mail program can load and a reader can make out."""

import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from mailer.articles.canonical import uri

SMALLEST = 50
"""Pixels; below it stand counters, icons and spacers."""

WIDEST = 1600
"""Pixels; wider ones are originals of several megabytes, taken only when there is nothing else."""

MARKUP_LENGTH = 100_000
"""Characters of HTML in which a picture is looked for."""

# Faces of commenters, counters of readers, smileys.
NOT_PICTURES = ("gravatar.com", "feedburner.com", "pixel.wp.com", "feeds.wordpress.com", "doubleclick.net", "s.w.org")
# Addresses of pictures that load late, in the order of how common they are.
SOURCES = ("src", "data-src", "data-lazy-src", "data-original")

_NAME = re.compile(r"\.(?:jpe?g|png|webp|gif|avif)(?:[?#]|$)", re.IGNORECASE)
_IMAGE = re.compile(r"<img\b([^<>]*)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([a-zA-Z][a-zA-Z-]*)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")


@dataclass(frozen=True)
class Picture:
    """Address and description of a picture; an empty address means there is none."""

    url: str
    alt: str = ""


NO_PICTURE = Picture("")


def widest(offers: Iterable[Mapping[str, object]], base: str) -> Picture:
    """The best of several sizes, each offered as Media RSS and enclosures do: `url` or `href`, `width`, `type`."""
    usable = [offer for offer in offers if _is_image(offer) and not _is_tiny(offer)]
    usable.sort(key=_preference)
    found = (address for offer in usable if (address := _address(_offered(offer), base)))
    return Picture(next(found, ""))


def first_in(markup: str, base: str) -> Picture:
    """The first picture in a piece of HTML that is one of the story."""
    for tag in _IMAGE.finditer(markup[:MARKUP_LENGTH]):
        attributes = {name.lower(): html.unescape(a or b or c) for name, a, b, c in _ATTRIBUTE.findall(tag[1])}
        addresses = (_address(attributes.get(source, ""), base) for source in SOURCES)
        address = next((address for address in addresses if address), "")
        if address and not _is_tiny(attributes) and not urlsplit(address).path.lower().endswith(".gif"):
            return Picture(address, attributes.get("alt", ""))
    return NO_PICTURE


def _offered(offer: Mapping[str, object]) -> str:
    return str(offer.get("url") or offer.get("href") or "")


def _is_image(offer: Mapping[str, object]) -> bool:
    kind = str(offer.get("medium") or offer.get("type") or "").lower()
    return kind.startswith("image") if kind else _NAME.search(_offered(offer)) is not None


def _is_tiny(attributes: Mapping[str, object]) -> bool:
    return any(0 <= _pixels(attributes.get(side)) < SMALLEST for side in ("width", "height"))


def _pixels(size: object) -> int:
    """A size as it is written in a feed; -1 when it is not, or is a share of something."""
    digits = re.fullmatch(r"\s*(\d{1,5})(?:\.\d+)?\s*(?:px)?\s*", str(size or ""))
    return int(digits[1]) if digits else -1


def _preference(offer: Mapping[str, object]) -> tuple[bool, int]:
    width = _pixels(offer.get("width"))
    return (width > WIDEST, width if width > WIDEST else -width)


def _address(written: str, base: str) -> str:
    """The picture's address, or "" for one that no mail shows: data, SVG, a counter."""
    address = uri(written, base) if written else ""
    parts = urlsplit(address)
    unwanted = parts.path.lower().endswith(".svg") or (parts.hostname or "").endswith(NOT_PICTURES)
    return "" if unwanted else address

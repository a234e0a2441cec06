"""Which picture stands for an entry: one a mail program can load and a reader can make out.

Judged by what is declared: the kind, the size, the address. A picture without https is taken only where there is no
other; the checks of an issue tell the editor.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from mailer.articles.canonical import uri
from mailer.articles.tags import tags

SMALLEST = 50
"""Pixels; below it stand counters, icons and spacers."""

WIDEST = 1600
"""Pixels; wider ones are originals of several megabytes, taken only when there is nothing else."""

HEAVIEST = 1_000_000
"""Bytes; readers on the road wait for each picture."""

MARKUP_LENGTH = 100_000
"""Characters of HTML in which a picture is looked for."""

# Faces of commenters, counters of readers, smileys.
NOT_PICTURES = ("gravatar.com", "feedburner.com", "pixel.wp.com", "feeds.wordpress.com", "doubleclick.net", "s.w.org")
# Addresses of pictures that load late, in the order of how common they are.
SOURCES = ("src", "data-src", "data-lazy-src", "data-original")

# Outlook shows no WebP and no AVIF, Gmail no SVG; the others are no pictures for any mail.
_UNSHOWN = re.compile(
    r"\.(?:webp|avif|svgz?|heic|tiff?|bmp|ico|jxl)(?:[?#]|$)|[?&](?:format|fm)=(?:webp|avif|svg)\b", re.IGNORECASE
)
_SHOWN = ("jpeg", "jpg", "pjpeg", "png", "gif")
_NAME = re.compile(r"\.(?:jpe?g|png|gif)(?:[?#]|$)", re.IGNORECASE)


@dataclass(frozen=True)
class Picture:
    """Address and description of a picture; an empty address means there is none."""

    url: str
    alt: str = ""


NO_PICTURE = Picture("")


def widest(offers: Iterable[Mapping[str, object]], base: str) -> Picture:
    """The best of several sizes, each offered as Media RSS and enclosures do: `url` or `href`, `width`, `type`."""
    usable = [offer for offer in offers if _is_image(offer) and not _is_tiny(offer) and not _is_heavy(offer)]
    usable.sort(key=_preference)
    found = [address for offer in usable if (address := _address(_offered(offer), base))]
    return Picture(next(filter(_is_safe, found), next(iter(found), "")))


def first_in(markup: str, base: str) -> Picture:
    """The first picture in a piece of HTML that is one of the story."""
    found = list(_in(markup, base))
    return next((picture for picture in found if _is_safe(picture.url)), next(iter(found), NO_PICTURE))


def is_shown(address: str) -> bool:
    """Whether every mail program shows the picture at this address, as far as the address tells."""
    return _is_safe(_address(address, ""))


def _in(markup: str, base: str) -> Iterator[Picture]:
    for attributes in tags(markup[:MARKUP_LENGTH], "img"):
        addresses = (_address(attributes.get(source, ""), base) for source in SOURCES)
        address = next((address for address in addresses if address), "")
        if address and not _is_tiny(attributes) and not urlsplit(address).path.lower().endswith(".gif"):
            yield Picture(address, attributes.get("alt", ""))


def _offered(offer: Mapping[str, object]) -> str:
    return str(offer.get("url") or offer.get("href") or "")


def _is_image(offer: Mapping[str, object]) -> bool:
    medium, kind = (str(offer.get(name) or "").strip().lower() for name in ("medium", "type"))
    if kind.startswith("image/"):
        return kind.removeprefix("image/").partition(";")[0] in _SHOWN
    return "image" in (medium, kind) or (not (medium or kind) and _NAME.search(_offered(offer)) is not None)


def _is_tiny(attributes: Mapping[str, object]) -> bool:
    return any(0 <= _pixels(attributes.get(side)) < SMALLEST for side in ("width", "height"))


def _is_heavy(offer: Mapping[str, object]) -> bool:
    """Whether Media RSS (fileSize) or an enclosure (length) declares more bytes than a mail should load."""
    sizes = (str(offer.get(name) or "") for name in ("filesize", "length"))
    return any(size.isascii() and size.isdigit() and int(size[:12]) > HEAVIEST for size in sizes)


def _is_safe(address: str) -> bool:
    return address.startswith("https:")


def _pixels(size: object) -> int:
    """A size as it is written in a feed; -1 when it is not, or is a share of something."""
    digits = re.fullmatch(r"\s*(\d{1,5})(?:\.\d+)?\s*(?:px)?\s*", str(size or ""))
    return int(digits[1]) if digits else -1


def _preference(offer: Mapping[str, object]) -> tuple[bool, int]:
    width = _pixels(offer.get("width"))
    return (width > WIDEST, width if width > WIDEST else -width)


def _address(written: str, base: str) -> str:
    """The picture's address, or "" for one that not every mail shows: data, SVG, WebP, a counter."""
    address = uri(written, base) if written else ""
    parts = urlsplit(address)
    unwanted = _UNSHOWN.search(address) or (parts.hostname or "").endswith(NOT_PICTURES)
    return "" if unwanted else address

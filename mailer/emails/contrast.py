"""How well a colour can be read on another (WCAG 2.2, 1.4.3), and the nearest colour that can. Colours: "#rrggbb"."""

import re

ENOUGH = 4.5
"""The contrast that text of ordinary size needs."""

_COLOUR = re.compile(r"#?([0-9a-f]{6}|[0-9a-f]{3})", re.IGNORECASE)
_STEPS = 256


class BadColour(ValueError):
    """This is no colour; the text says what to write."""


def colour(text: str) -> str:
    """A colour as people write it ("0F6172", "#07c"), in six small digits. Raises BadColour."""
    found = _COLOUR.fullmatch(text.strip())
    if not found:
        raise BadColour("Write a colour as six digits, like #0f6172.")
    digits = found[1].lower()
    return "#" + (digits if len(digits) == 6 else "".join(digit * 2 for digit in digits))


def contrast(one: str, other: str) -> float:
    """Between 1, the same, and 21, black on white."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def readable(ink: str, grounds: tuple[str, ...]) -> bool:
    """Whether text in `ink` can be read on each of the grounds."""
    return all(contrast(ink, ground) >= ENOUGH for ground in grounds)


def nearest_readable(ink: str, grounds: tuple[str, ...], towards: str) -> str:
    """The first colour on the way from `ink` to `towards` that can be read; `towards` itself must be readable."""
    way = (_mixed(ink, towards, step / _STEPS) for step in range(_STEPS))
    return next((mixed for mixed in way if readable(mixed, grounds)), towards)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(part / 255) for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _mixed(one: str, other: str, share: float) -> str:
    pairs = zip(_parts(one), _parts(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)

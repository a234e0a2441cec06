"""The look that a newsletter gives its mails: a logo, and a colour of its own on light and on dark."""

from dataclasses import dataclass

from mailer.emails.contrast import BadColour, colour, contrast, nearest_readable, readable
from mailer.emails.web_address import web_address

LIGHT = ("#ffffff", "#f1f0ec")
DARK = ("#1b1e21", "#23282c")
"""The grounds that text in the newsletter's colour stands on: the mail's and the advertisement's.

Who can be read on them can also be written on: buttons have white letters on light, nearly black ones on dark.
"""


@dataclass(frozen=True, slots=True)
class Brand:
    """`accent` is the colour of buttons and sections on light, `accent_dark` on dark."""

    accent: str
    accent_dark: str
    logo_url: str = ""


HOUSE = Brand("#0f6172", "#7fcbdb")


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why a colour will not do, and the nearest one that does."""

    sentence: str
    nearest: str


def judge(given: str, *, dark: bool = False) -> Unreadable | None:
    """What keeps a colour from being read on light, or on dark. Raises BadColour."""
    ink, grounds = colour(given), DARK if dark else LIGHT
    if readable(ink, grounds):
        return None
    worst = int(min(contrast(ink, ground) for ground in grounds) * 10) / 10
    nearest = mended(ink, dark=dark)
    where = "dark" if dark else "light"
    sentence = (
        f"{ink} has a contrast of {worst} on {where}, and text needs 4.5. The nearest that can be read is {nearest}."
    )
    return Unreadable(sentence, nearest)


def mended(ink: str, *, dark: bool = False) -> str:
    """The nearest colour that can be read, which may be the same."""
    return nearest_readable(ink, DARK, "#ffffff") if dark else nearest_readable(ink, LIGHT, "#000000")


def brand(accent: str, accent_dark: str, logo_url: str = "") -> Brand:
    """What a newsletter chose, made fit to read. Without a colour for dark, it is the other one made lighter."""
    light, dark = _colour(accent), _colour(accent_dark)
    return Brand(
        mended(light) if light else HOUSE.accent,
        mended(dark or light, dark=True) if dark or light else HOUSE.accent_dark,
        web_address(logo_url),
    )


def _colour(given: str) -> str:
    try:
        return colour(given)
    except BadColour:
        return ""

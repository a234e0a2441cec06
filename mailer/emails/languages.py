"""What a language asks of a mail: direction, fonts, dates, capitals. Unknown language tags are taken as English."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, get_datetime_format

FALLBACK = "en"


@dataclass(frozen=True, slots=True)
class Typography:
    """How text of a script is set."""

    direction: Literal["ltr", "rtl"]
    serif: str
    sans: str

    @property
    def start(self) -> str:
        """The side where a line begins."""
        return "left" if self.direction == "ltr" else "right"

    @property
    def end(self) -> str:
        """The side where a line ends."""
        return "right" if self.direction == "ltr" else "left"


_SANS = "-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
_HAN_SANS = "-apple-system,'PingFang SC','Hiragino Sans','Microsoft YaHei','Noto Sans CJK SC',Arial,sans-serif"
WESTERN = Typography("ltr", "Georgia,'Times New Roman',serif", _SANS)
ARABIC = Typography(
    "rtl",
    "'Noto Naskh Arabic','Geeza Pro','Times New Roman',serif",
    "-apple-system,'Segoe UI','Noto Sans Arabic',Tahoma,Arial,sans-serif",
)
HEBREW = Typography("rtl", "'Noto Serif Hebrew','Times New Roman',serif", _SANS)
HAN = Typography("ltr", _HAN_SANS, _HAN_SANS)


@lru_cache(maxsize=256)
def locale(tag: str) -> Locale | None:
    """What Babel knows of a language tag ("pt-BR", "az_Latn"), or None."""
    try:
        return Locale.parse(tag.strip().replace("_", "-"), sep="-")
    except (ValueError, UnknownLocaleError):
        return None


def canonical_tag(tag: str) -> str:
    """The tag as RFC 5646 writes it, or nothing for one that is unknown."""
    known = locale(tag)
    return str(known).replace("_", "-") if known else ""


def same_language(one: str, other: str) -> bool:
    """Whether two tags mean the same language, whatever the country."""
    first, second = locale(one), locale(other)
    return first is not None and second is not None and first.language == second.language


@lru_cache(maxsize=256)
def typography(tag: str) -> Typography:
    """How a language is set."""
    known = locale(tag)
    if known is None:
        return WESTERN
    if known.language in ("zh", "ja"):
        return HAN
    if known.character_order != "right-to-left":
        return WESTERN
    return HEBREW if known.language in ("he", "yi") else ARABIC


def typography_of(text: str, otherwise: Typography) -> Typography:
    """How this text is set, by its letters: feeds often name a wrong language. Without letters: `otherwise`."""
    counts = {"L": 0, "R": 0, "AL": 0}
    for character in text:
        if (kind := unicodedata.bidirectional(character)) in counts:
            counts[kind] += 1
    if not any(counts.values()):
        return otherwise
    if counts["L"] >= counts["R"] + counts["AL"]:
        return otherwise if otherwise.direction == "ltr" else WESTERN
    return HEBREW if counts["R"] > counts["AL"] else ARABIC


def long_date(moment: datetime, tag: str, timezone: str) -> str:
    """The day of an aware moment on the clock of `timezone`, in words: "Tuesday, November 24, 2026"."""
    return format_date(moment.astimezone(ZoneInfo(timezone)), "full", locale(tag) or FALLBACK)


def day_and_hour(moment: datetime, tag: str, timezone: str) -> str:
    """An aware moment on the clock of `timezone`: "November 24, 2026, 05:58"."""
    local, known = moment.astimezone(ZoneInfo(timezone)), locale(tag) or FALLBACK
    both = str(get_datetime_format("medium", known))  # "{1}, {0}", or what the language puts between
    return both.format(f"{local:%H:%M}", format_date(local, "long", known))


def capitals(text: str, tag: str) -> str:
    """Upper case, with the dotted İ of Azerbaijani and Turkish."""
    known = locale(tag)
    return text.replace("i", "İ").upper() if known and known.language in ("az", "tr") else text.upper()

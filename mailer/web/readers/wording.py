"""Hours, days and lists as the language of the answer says them."""

from collections.abc import Iterable
from datetime import date, time

from babel import Locale
from babel.dates import format_date, format_time
from babel.lists import format_list

from mailer.web.speech import language


def hour_in_words(hour: time) -> str:
    """7:00 AM, or 07:00."""
    return format_time(hour, "short", locale=language())


def day_in_words(day: date) -> str:
    """December 8, 2026."""
    return format_date(day, "long", locale=language())


def list_in_words(names: Iterable[str]) -> str:
    """City, Harbour and Sport."""
    return format_list(list(names), locale=language())


def language_in_words(tag: str) -> str:
    """A language by its own name."""
    name = Locale.parse(tag).display_name or tag
    return name[:1].upper() + name[1:]

"""What a person writes about a newsletter or a schedule, read once at the door: text in, a value or a sentence out."""

import re
from datetime import date, time

from babel import Locale, UnknownLocaleError

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WHICH = {"every": 0, "first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1}
"""Which of a month's weekdays, and as a schedule keeps it."""

LAST_DAY = 31
MOST_HOURS = 24
LONGEST_SLUG = 60
LONGEST_NAME = 120
SITE = re.compile(r"(?P<scheme>https?)://(?P<host>[a-z0-9-]+(\.[a-z0-9-]+)*)(:(?P<port>[0-9]{1,5}))?/?")
USUAL_PORT = {"http": "80", "https": "443"}
LAST_PORT = 65535
LOCAL = ("localhost", "127.0.0.1")


class BadInput(ValueError):
    """It cannot be read; the text says what to write."""


def slug(text: str) -> str:
    """The name of a newsletter in addresses, such as morning-brief. Raises BadInput."""
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", text) or len(text) > LONGEST_SLUG:
        raise BadInput(f"Write small letters, digits and single hyphens, at most {LONGEST_SLUG}, like morning-brief.")
    return text


def line(text: str) -> str:
    """A title or a name: one line that is not empty. Raises BadInput."""
    text = " ".join(text.split())
    if not text or len(text) > LONGEST_NAME or not text.isprintable():
        raise BadInput(f"Write between 1 and {LONGEST_NAME} characters.")
    return text


def sender(text: str) -> tuple[str, str]:
    """The name and the unread address of `NAME <ADDRESS>`. Raises BadInput."""
    match = re.fullmatch(r'\s*"?(?P<name>[^<>"]+?)"?\s*<(?P<address>[^<>]+)>\s*', text)
    if match is None:
        raise BadInput('Write a name and an address, like "The Harbour Ledger <news@ledger.example>".')
    return line(match["name"]), match["address"]


def language(text: str) -> str:
    """A language tag, such as en, az or pt-BR. Raises BadInput."""
    try:
        return str(Locale.parse(text, sep="-")).replace("_", "-")
    except (ValueError, UnknownLocaleError):
        raise BadInput(f"{text!r} is not a language. Write a tag like en, az or pt-BR.") from None


def origins(text: str) -> str:
    """Sites, one to a line, such as https://ledger.example: scheme and host, no path. Raises BadInput."""
    return "\n".join(dict.fromkeys(_origin(part) for part in re.split(r"[\s,]+", text) if part))


def weekdays(text: str) -> int:
    """The days of a rhythm, `mon-fri`, `sat` or `mon,wed,fri`, as a mask whose bit 0 is Monday. Raises BadInput."""
    mask = 0
    for part in text.lower().split(","):
        ends = [_day(end) for end in part.strip().split("-")]
        for n in range((ends[-1] - ends[0]) % 7 + 1):
            mask |= 1 << (ends[0] + n) % 7
    return mask


def days(mask: int) -> str:
    """A mask of days as `weekdays` reads it."""
    return ",".join(day for bit, day in enumerate(DAYS) if mask >> bit & 1)


def hour(text: str) -> time:
    """A time of day, such as 07:00. Raises BadInput."""
    match = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", text, re.ASCII)
    if match is None:
        raise BadInput(f"{text!r} is not a time of day. Write one like 07:00.")
    return time(int(match[1]), int(match[2]))


def hours(text: str) -> list[time]:
    """The hours of a day, in order, such as 07:00, 12:30. Raises BadInput."""
    found = sorted({hour(part) for part in re.split(r"[\s,]+", text) if part})
    if not 0 < len(found) <= MOST_HOURS:
        raise BadInput(f"Write between 1 and {MOST_HOURS} hours of the day, like 07:00, 12:30.")
    return found


def month_day(text: str) -> int:
    """A day of the month, 1 to 31 or `last`; 31 is the last day of shorter months as well. Raises BadInput."""
    if text.strip().lower() == "last":
        return LAST_DAY
    if not re.fullmatch(r"[0-9]{1,2}", text.strip(), re.ASCII) or not 1 <= int(text) <= LAST_DAY:
        raise BadInput("Write a day of the month, 1 to 31, or last.")
    return int(text)


def day(text: str) -> date:
    """A day of the calendar, such as 2027-01-01. Raises BadInput."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise BadInput(f"{text!r} is not a day. Write one like 2027-01-01.") from None


def _origin(text: str) -> str:
    match = SITE.fullmatch(text.lower())
    if match is None or int(match["port"] or 0) > LAST_PORT:
        raise BadInput(f"{text!r} is not a site. Write sites like https://ledger.example, one to a line.")
    scheme, host, port = match["scheme"], match["host"], match["port"]
    if scheme == "http" and host not in LOCAL:
        raise BadInput(f"{text!r} is not safe. Write https:// before the name; http:// is for localhost.")
    return f"{scheme}://{host}" + (f":{port}" if port and port != USUAL_PORT[scheme] else "")


def _day(text: str) -> int:
    if text not in DAYS:
        raise BadInput(f"{text!r} is not a day. Write days like mon-fri, sat or mon,wed,fri.")
    return DAYS.index(text)

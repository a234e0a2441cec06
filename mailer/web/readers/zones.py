"""Time zones by the names of their places, in the reader's language."""

from datetime import datetime

from babel.dates import get_timezone_gmt, get_timezone_location

from mailer.emails.languages import FALLBACK, locale
from mailer.newsletters.calendar import zone

COMMON = (
    "Pacific/Honolulu", "America/Anchorage", "America/Los_Angeles", "America/Denver", "America/Mexico_City",
    "America/Chicago", "America/Bogota", "America/New_York", "America/Halifax", "America/Santiago",
    "America/Sao_Paulo", "America/Argentina/Buenos_Aires", "Atlantic/Azores", "UTC", "Europe/Lisbon", "Europe/London",
    "Africa/Casablanca", "Africa/Lagos", "Europe/Madrid", "Europe/Paris", "Europe/Berlin", "Europe/Rome",
    "Europe/Copenhagen", "Europe/Warsaw", "Europe/Athens", "Europe/Kyiv", "Africa/Cairo", "Asia/Jerusalem",
    "Africa/Johannesburg", "Europe/Istanbul", "Europe/Moscow", "Asia/Riyadh", "Africa/Nairobi", "Asia/Tehran",
    "Asia/Dubai", "Asia/Baku", "Asia/Tbilisi", "Asia/Yerevan", "Asia/Kabul", "Asia/Tashkent", "Asia/Almaty",
    "Asia/Karachi", "Asia/Kolkata", "Asia/Dhaka", "Asia/Bangkok", "Asia/Jakarta", "Asia/Shanghai", "Asia/Singapore",
    "Australia/Perth", "Asia/Tokyo", "Asia/Seoul", "Australia/Adelaide", "Australia/Sydney", "Pacific/Auckland",
    "Pacific/Kiritimati",
)  # fmt: skip
"""One or more for every clock that many people live by."""


def offers(chosen: str, language: str, now: datetime) -> list[tuple[str, str]]:
    """The zones to choose from, west to east, with their names; `chosen` is among them, unless it is empty."""
    names = {*COMMON, *filter(None, (chosen,))}
    ordered = sorted(names, key=lambda name: (now.astimezone(zone(name)).utcoffset(), name))
    return [(name, place(name, language, now)) for name in ordered]


def place(name: str, language: str, now: datetime) -> str:
    """The city of a zone, with its distance from Greenwich now: "Baku (UTC+04:00)"."""
    clock, known = zone(name), locale(language) or FALLBACK
    if name == "UTC":
        return name
    local = now.astimezone(clock)
    distance = get_timezone_gmt(local, "iso8601", locale="en")
    return f"{get_timezone_location(clock, locale=known, return_city=True)} (UTC{distance})"

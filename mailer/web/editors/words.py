"""How numbers, times and states read on the pages of staff."""

from datetime import datetime

from mailer.delivery.models import SkipReason
from mailer.digests.models import IssueState
from mailer.newsletters.calendar import zone

STATES = {
    IssueState.DRAFT: ("Draft", ""),
    IssueState.SENDING: ("Sending", "acc"),
    IssueState.PAUSED: ("Paused", "warn"),
    IssueState.SENT: ("Sent", "good"),
    IssueState.CANCELLED: ("Cancelled", ""),
}
"""Word and colour of a state."""

SKIPPED = {
    SkipReason.TOPICS: "chose topics that are not in this issue",
    SkipReason.RECEIVED: "have every article of it already",
    SkipReason.WITHHELD: "the rest of it was held back or taken back",
    SkipReason.STALE: "it was no news any more when their turn came",
    SkipReason.UNSUBSCRIBED: "left the list before it was their turn",
    SkipReason.SUPPRESSED: "may not be mailed any more",
    SkipReason.PAUSED: "paused it before it was their turn",
    SkipReason.CANCELLED: "the rest was cancelled",
}
"""Why a reader was skipped, as an editor says it."""


def number(value: int) -> str:
    """48,212."""
    return f"{value:,}"


def amount(value: int, noun: str) -> str:
    """`1 reader`, `48,212 readers`; `noun` is one that takes an s."""
    return f"{value:,} {noun}{'' if value == 1 else 's'}"


def clock(moment: datetime, timezone: str) -> str:
    """07:00, on the newsletter's clock."""
    return f"{moment.astimezone(zone(timezone)):%H:%M}"


def to_the_second(moment: datetime, timezone: str) -> str:
    """07:00:00."""
    return f"{moment.astimezone(zone(timezone)):%H:%M:%S}"


def day(moment: datetime, timezone: str) -> str:
    """Tue 24 Nov."""
    local = moment.astimezone(zone(timezone))
    return f"{local:%a} {local.day} {local:%b}"


def when(moment: datetime, timezone: str, now: datetime) -> str:
    """`06:00`, or with the day when it is another one than `now`: `Wed 25 Nov, 06:00`."""
    same = moment.astimezone(zone(timezone)).date() == now.astimezone(zone(timezone)).date()
    return clock(moment, timezone) if same else f"{day(moment, timezone)}, {clock(moment, timezone)}"


def state(value: str) -> tuple[str, str]:
    """Word and colour class of an issue's state."""
    return STATES[IssueState(value)]


def skipped(reason: str) -> str:
    """The reason in words; one nobody wrote a sentence for stands as it is."""
    return SKIPPED[SkipReason(reason)] if reason in set(SkipReason) else reason


def duration(seconds: float) -> str:
    """`8 s`, `13 min 4 s`, `2 h 5 min`."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"

"""How far an issue is, in numbers and sentences an editor can use."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mailer.delivery.receipt import Receipt
from mailer.digests.models import IssueState
from mailer.web.editors import words

FAIR_ESTIMATE = 10.0
"""Seconds of sending before the time that is left is guessed at."""

REFUSALS_WORTH_A_WORD = 0.05
"""Part of the audience."""


NOT_STARTED = {IssueState.PAUSED: "Nothing has left yet.", IssueState.CANCELLED: "Nothing was sent."}


@dataclass(frozen=True)
class Part:
    """A piece of the bar, in per cent of its width."""

    colour: str
    start: float
    width: float


@dataclass(frozen=True)
class Trouble:
    """What is not as it should be, and whether anything has to be done."""

    colour: str
    sentence: str


@dataclass(frozen=True)
class Progress:
    """What the page says beside the receipt itself."""

    done: int
    percent: int
    skipped: int
    sentence: str
    took: str
    rate: int  # a minute, on average; 0: too early to say
    left: str
    parts: Sequence[Part]
    trouble: Trouble | None
    moving: bool


def describe(state: str, receipt: Receipt, started: datetime | None, until: datetime) -> Progress:
    """The progress of an issue in `state`.

    `started` is when its first message could leave, None before the fan-out; `until` is now, or when it was done.
    """
    skipped = sum(receipt.skipped.values())
    done = receipt.accepted + receipt.refused + receipt.uncertain + skipped
    seconds = (until - started).total_seconds() if started else 0.0
    fair = seconds >= FAIR_ESTIMATE or state == IssueState.SENT
    return Progress(
        done=done,
        percent=_percent(done, receipt.audience, state),
        skipped=skipped,
        sentence=_sentence(done, receipt, state, started),
        took=words.duration(seconds) if started else "",
        rate=round(done * 60 / max(seconds, 1.0)) if fair else 0,
        left=_time_left(done, receipt, seconds) if fair and state == IssueState.SENDING else "",
        parts=_parts(receipt, skipped),
        trouble=_trouble(receipt, state),
        moving=state in (IssueState.SENDING, IssueState.PAUSED)
        or (state == IssueState.CANCELLED and receipt.open + receipt.deferred > 0),
    )


def _percent(done: int, audience: int, state: str) -> int:
    """Rounded down: 100 is said only when nothing is open."""
    if not audience:
        return 100 if state == IssueState.SENT else 0
    return done * 100 // audience


def _sentence(done: int, receipt: Receipt, state: str, started: datetime | None) -> str:
    if started is None:
        return NOT_STARTED.get(IssueState(state), "The readers are being named.")
    if not receipt.audience:
        return "Nobody was on the list."
    if state == IssueState.SENT:
        return f"{words.number(receipt.accepted)} accepted of {words.number(receipt.audience)}"
    return f"{words.number(done)} of {words.number(receipt.audience)} handed over"


def _time_left(done: int, receipt: Receipt, seconds: float) -> str:
    soon = receipt.open - receipt.own_hour
    return f"about {words.duration(soon * seconds / done)} left" if soon > 0 and done else ""


def _parts(receipt: Receipt, skipped: int) -> list[Part]:
    counts = {"a": receipt.accepted, "d": receipt.deferred, "b": receipt.refused, "k": receipt.uncertain + skipped}
    parts, start = [], 0.0
    for colour, count in counts.items():
        width = round(100 * count / receipt.audience, 2) if receipt.audience else 0.0
        if width:
            parts.append(Part(colour, round(start, 2), width))
        start += width
    return parts


def _trouble(receipt: Receipt, state: str) -> Trouble | None:
    if receipt.audience and receipt.refused >= REFUSALS_WORTH_A_WORD * receipt.audience and receipt.refused > 1:
        share = receipt.refused * 100 // receipt.audience
        return Trouble("bad", f"{share}% are refused for good. Find out why before you send the next issue.")
    if receipt.deferred and state == IssueState.SENDING:
        return Trouble("warn", f"The relay asks us to wait with {words.number(receipt.deferred)}. Nothing to do.")
    return None

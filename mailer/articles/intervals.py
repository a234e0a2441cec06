"""How often a source is read: as its own habit asks, politely, and later after failures. Judgement only.

The habit is the usual time between two readings that find something new. A source is read twice within it, so that an
article waits for half of it at most; one that has long been silent is read more rarely, and no reading comes sooner
than SHORTEST or later than LONGEST after the one before. Pauses are spread, always upwards, so that sources that were
added together, or failed together, do not stay together.
"""

import math
import zlib
from collections.abc import Iterable
from datetime import datetime, timedelta

MINUTE = timedelta(minutes=1)
SHORTEST = timedelta(minutes=5)
LONGEST = timedelta(hours=2)

WEIGHT = 0.2
"""Of the newest silence in the habit. Logarithms are averaged: one night among many minutes stays one night."""

SAMPLE = 5
"""Fewer dates than this are no habit."""

SILENT = 16
"""A silence of so many intervals makes the interval longer."""

LONGEST_BACK_OFF = timedelta(hours=1)
"""After failures in a row the pause doubles up to this."""

LONGEST_WISH = timedelta(days=1)
"""As much of a Retry-After is honoured."""

SPREAD = 0.2
"""A pause is up to a fifth longer than it has to be."""


def first_habit(dates: Iterable[datetime]) -> int | None:
    """Minutes between two of the `dates` of what a feed offers, on average; None when they are too few."""
    known = sorted(set(dates))
    return _minutes((known[-1] - known[0]) / (len(known) - 1)) if len(known) >= SAMPLE else None


def next_habit(minutes: int | None, silence: timedelta) -> int:
    """The habit after something new came at the end of this silence."""
    if minutes is None:
        return _minutes(silence)
    return round(math.exp((1 - WEIGHT) * math.log(minutes) + WEIGHT * math.log(_minutes(silence))))


def interval(habit: int | None, silence: timedelta) -> timedelta:
    """Between two readings of a source with this habit, in minutes, that has been silent for so long."""
    wanted = max(habit * MINUTE / 2 if habit else SHORTEST, silence / SILENT)
    return min(max(wanted, SHORTEST), LONGEST)


def back_off(interval: timedelta, failures: int, wish: timedelta) -> timedelta:
    """The pause after so many failures in a row, where the server wished for one of its own or for none (0)."""
    doubled = min(SHORTEST * (1 << min(failures, 10)), LONGEST_BACK_OFF)
    return max(interval, doubled, min(wish, LONGEST_WISH))


def spread(pause: timedelta, seed: str) -> timedelta:
    """The pause made longer by a share that looks random, and is the same for the same seed."""
    return pause * (1 + SPREAD * zlib.crc32(seed.encode()) / 2**32)


def _minutes(span: timedelta) -> int:
    return max(1, round(span / MINUTE))

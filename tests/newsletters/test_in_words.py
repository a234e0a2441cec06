"""Rhythms as an editor says them."""

from datetime import time

import pytest

from mailer.newsletters.calendar import Rhythm
from mailer.newsletters.in_words import in_words

SEVEN = (time(7),)


@pytest.mark.parametrize(
    ("rhythm", "words"),
    [
        (Rhythm(0b1111111, SEVEN), "Every day at 07:00"),
        (Rhythm(0b0011111, SEVEN), "Weekdays at 07:00"),
        (Rhythm(0b1100000, (time(9), time(18))), "Weekends at 09:00 and 18:00"),
        (Rhythm(0b0100000, SEVEN), "Saturdays at 07:00"),
        (
            Rhythm(0b0010101, (*SEVEN, time(12, 30), time(18))),
            "Mondays, Wednesdays and Fridays at 07:00, 12:30 and 18:00",
        ),
        (Rhythm(0b0000001, SEVEN, nth=1), "First Monday of the month at 07:00"),
        (Rhythm(0b0011000, SEVEN, nth=-1), "Last Thursday and Friday of the month at 07:00"),
        (Rhythm(0, SEVEN, month_day=1), "The 1st of the month at 07:00"),
        (Rhythm(0, SEVEN, month_day=12), "The 12th of the month at 07:00"),
        (Rhythm(0, SEVEN, month_day=23), "The 23rd of the month at 07:00"),
        (Rhythm(0, SEVEN, month_day=30), "The 30th of the month, or its last day, at 07:00"),
        (Rhythm(0, SEVEN, month_day=31), "Last day of the month at 07:00"),
    ],
)
def test_a_rhythm_is_said_in_words(rhythm: Rhythm, words: str) -> None:
    assert in_words(rhythm) == words

from datetime import timedelta

import pytest

from mailer.articles.intervals import LONGEST, MINUTE, SHORTEST, SPREAD, first_habit, interval, next_habit, spread
from tests.articles.making import NOW

HOUR = timedelta(hours=1)


def test_the_first_habit_is_the_distance_between_what_is_there() -> None:
    assert first_habit([NOW - number * HOUR for number in range(5)]) == 60
    assert first_habit([NOW - number * HOUR for number in range(4)]) is None
    assert first_habit([NOW] * 5) is None
    assert first_habit([]) is None


def test_a_habit_follows_what_comes_and_a_night_is_one_silence_among_many() -> None:
    habit = next_habit(None, 40 * MINUTE)
    assert habit == 40
    for _ in range(20):
        habit = next_habit(habit, 40 * MINUTE)
    assert habit == 40
    assert next_habit(habit, 8 * HOUR) == 66
    assert next_habit(1, timedelta()) == 1


@pytest.mark.parametrize(
    ("habit", "silence", "expected"),
    [
        (None, timedelta(), SHORTEST),
        (1, timedelta(), SHORTEST),
        (40, timedelta(), 20 * MINUTE),
        (40, 8 * HOUR, 30 * MINUTE),
        (40, 30 * 24 * HOUR, LONGEST),
        (10_000, timedelta(), LONGEST),
        (40, -8 * HOUR, 20 * MINUTE),
    ],
)
def test_a_source_is_read_twice_within_its_habit(habit: int | None, silence: timedelta, expected: timedelta) -> None:
    assert interval(habit, silence) == expected


def test_pauses_are_spread_and_never_shortened() -> None:
    spreads = {spread(HOUR, f"{number} now") for number in range(50)}
    assert len(spreads) > 40
    assert all(timedelta(hours=1) <= each <= HOUR * (1 + SPREAD) for each in spreads)
    assert spread(HOUR, "1 now") == spread(HOUR, "1 now")

"""What an editor is told about a source."""

from datetime import timedelta

import pytest

from mailer.articles.health import Health, State, health, span
from mailer.articles.kinds import SourceKind
from mailer.articles.models import Source
from tests.articles.making import NOW

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def of(**given: object) -> Health:
    usual = {"kind": "feed", "active": True, "error": "", "take": "", "held_count": 0, "next_poll_at": NOW + 4 * MINUTE}
    return health(Source(**{**usual, "succeeded_at": NOW - MINUTE, **given}), NOW)


@pytest.mark.parametrize(
    ("given", "state", "sentence"),
    [
        ({"newest_at": NOW - 5 * MINUTE}, State.FINE, "Something new 5 minutes ago."),
        ({"newest_at": NOW, "habit_minutes": 5}, State.FINE, "Something new just now."),
        ({}, State.FINE, "Nothing has come from it yet."),
        ({"succeeded_at": None}, State.WAITING, "Not read yet."),
        ({"active": False, "error": "x"}, State.PAUSED, "Paused: it is not read."),
        ({"kind": SourceKind.PUSH.value}, State.BROUGHT, "Nothing has come from it yet."),
        ({"kind": SourceKind.PASTED.value, "newest_at": NOW - HOUR}, State.BROUGHT, "Something new 1 hour ago."),
        (
            {"error": "There is nothing at this address. (HTTP 404)"},
            State.FAILING,
            "There is nothing at this address. (HTTP 404)",
        ),
        ({"held_at": NOW, "held_count": 412}, State.HELD, "412 items look new at once: held for a look."),
        (
            {"held_at": NOW, "held_count": 1412, "take": "news"},
            State.HELD,
            "1,412 items look new at once: held for a look. It was decided; the next reading takes them.",
        ),
        (
            {"newest_at": NOW - 9 * HOUR, "habit_minutes": 40},
            State.STALE,
            "Nothing new for 9 hours; usually something every 40 minutes.",
        ),
        (
            {"newest_at": NOW - 100 * HOUR, "habit_minutes": 24 * 60},
            State.STALE,
            "Nothing new for 4 days; usually something every 24 hours.",
        ),
        ({"newest_at": NOW - 8 * HOUR, "habit_minutes": 5}, State.FINE, "Something new 8 hours ago."),
        ({"newest_at": NOW - 70 * HOUR, "habit_minutes": 24 * 60}, State.FINE, "Something new 3 days ago."),
    ],
)
def test_a_source_is_told_in_a_sentence(given: dict[str, object], state: State, sentence: str) -> None:
    told = of(**given)
    assert (told.state, told.sentence) == (state, sentence)
    assert told.needs_a_look == (state in (State.STALE, State.FAILING, State.HELD))


def test_the_last_reading_and_the_next_are_told() -> None:
    assert (of().last, of().next) == ("read 1 minute ago", "next in 4 minutes")
    assert of(next_poll_at=NOW - MINUTE).next == "due now"
    assert of(succeeded_at=None).last == ""
    assert of(active=False).next == of(kind="push").next == ""


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(), "1 minute"),
        (90 * timedelta(seconds=1), "2 minutes"),
        (timedelta(minutes=59.9), "1 hour"),
        (HOUR, "1 hour"),
        (47 * HOUR, "47 hours"),
        (60 * HOUR, "2 days"),
        (timedelta(days=13), "13 days"),
        (timedelta(days=20), "3 weeks"),
    ],
)
def test_lengths_of_time_are_told_in_their_largest_unit(length: timedelta, words: str) -> None:
    assert span(length) == words

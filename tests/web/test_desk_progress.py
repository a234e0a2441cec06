"""What the page of a sending issue says for given numbers."""

from datetime import UTC, datetime, timedelta

import pytest

from mailer.delivery.receipt import Receipt
from mailer.digests.models import IssueState
from mailer.web.editors import words
from mailer.web.editors.progress import describe

STARTED = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
LATER = STARTED + timedelta(minutes=8)


def test_before_the_readers_are_named_nothing_is_claimed() -> None:
    progress = describe(IssueState.SENDING, Receipt(), None, LATER)
    assert (progress.percent, progress.sentence, progress.left, progress.rate) == (
        0, "The readers are being named.", "", 0,
    )  # fmt: skip
    assert progress.moving


def test_the_time_that_is_left_follows_from_the_rate_so_far() -> None:
    progress = describe(IssueState.SENDING, Receipt(audience=48_000, accepted=36_000, open=12_000), STARTED, LATER)
    assert progress.percent == 75
    assert progress.sentence == "36,000 of 48,000 handed over"
    assert progress.rate == 4_500
    assert progress.left == "about 2 min 40 s left"


def test_a_hundred_per_cent_is_said_only_when_nothing_is_open() -> None:
    assert describe(IssueState.SENDING, Receipt(audience=1000, accepted=999, open=1), STARTED, LATER).percent == 99


def test_the_first_seconds_are_no_base_for_a_guess() -> None:
    soon = STARTED + timedelta(seconds=3)
    progress = describe(IssueState.SENDING, Receipt(audience=1000, accepted=10, open=990), STARTED, soon)
    assert (progress.left, progress.rate) == ("", 0)


def test_the_bar_has_a_piece_for_each_end_in_one_row() -> None:
    books = Receipt(audience=200, accepted=100, deferred=20, refused=10, uncertain=4, open=60, skipped={"topics": 6})
    parts = describe(IssueState.SENDING, books, STARTED, LATER).parts
    assert [(part.colour, part.start, part.width) for part in parts] == [
        ("a", 0, 50), ("d", 50, 10), ("b", 60, 5), ("k", 65, 5),
    ]  # fmt: skip


def test_many_refusals_are_said_as_trouble_and_a_wait_as_nothing_to_do() -> None:
    refused = describe(IssueState.SENT, Receipt(audience=100, accepted=90, refused=10), STARTED, LATER).trouble
    assert refused is not None
    assert refused.sentence.startswith("10% are refused")
    waits = describe(IssueState.SENDING, Receipt(audience=100, accepted=90, deferred=10), STARTED, LATER).trouble
    assert waits is not None
    assert waits.sentence.endswith("Nothing to do.")
    assert describe(IssueState.SENT, Receipt(audience=100, accepted=100), STARTED, LATER).trouble is None


@pytest.mark.parametrize(
    ("state", "receipt", "moving"),
    [
        (IssueState.PAUSED, Receipt(audience=2, open=2), True),
        (IssueState.SENT, Receipt(audience=2, accepted=2), False),
        (IssueState.CANCELLED, Receipt(audience=2, accepted=1, open=1), True),
        (IssueState.CANCELLED, Receipt(audience=2, accepted=1, skipped={"cancelled": 1}), False),
    ],
)
def test_the_page_is_refreshed_while_something_can_change(state: IssueState, receipt: Receipt, moving: bool) -> None:
    assert describe(state, receipt, STARTED, LATER).moving is moving


@pytest.mark.parametrize(("seconds", "text"), [(0.4, "0 s"), (59, "59 s"), (784, "13 min 4 s"), (7_500, "2 h 5 min")])
def test_durations_read_well(seconds: float, text: str) -> None:
    assert words.duration(seconds) == text


def test_amounts_and_times_read_well() -> None:
    assert words.amount(1, "reader") == "1 reader"
    assert words.amount(48_212, "reader") == "48,212 readers"
    assert words.clock(STARTED, "Asia/Baku") == "11:00"
    assert words.day(STARTED, "Pacific/Auckland") == "Tue 24 Nov"
    assert words.skipped("topics").startswith("chose topics")
    assert words.skipped("a reason of tomorrow") == "a reason of tomorrow"

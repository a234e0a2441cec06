"""Quiet hours on the reader's own clock."""

from datetime import UTC, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.subscriptions.quiet import USUAL, quiet_until

BAKU = "Asia/Baku"  # UTC+4, all year


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "until"),
    [
        (at(24, 17, 59), None),  # 21:59 in Baku
        (at(24, 18, 0), at(25, 3, 0)),  # 22:00
        (at(24, 20, 0), at(25, 3, 0)),  # midnight
        (at(25, 2, 59), at(25, 3, 0)),
        (at(25, 3, 0), None),  # 07:00
    ],
)
def test_the_usual_quiet_hours_go_over_midnight(moment: datetime, until: datetime | None) -> None:
    assert quiet_until(*USUAL, BAKU, moment) == until


def test_hours_of_one_day_are_quiet_on_it() -> None:
    assert quiet_until(time(9), time(17), "UTC", at(24, 12)) == at(24, 17)
    assert quiet_until(time(9), time(17), "UTC", at(24, 8)) is None


@pytest.mark.parametrize("hours", [(None, None), (time(22), None), (None, time(7)), (time(7), time(7))])
def test_who_chose_no_hours_is_never_in_them(hours: tuple[time | None, time | None]) -> None:
    assert quiet_until(*hours, "UTC", at(24, 23)) is None


def test_a_zone_that_nobody_knows_keeps_nothing_back() -> None:
    assert quiet_until(*USUAL, "Mars/Olympus", at(24, 23)) is None


def test_an_end_that_the_clock_jumps_over_is_the_end_of_the_jump() -> None:
    assert quiet_until(time(22), time(2, 30), "Europe/Berlin", at(28, 23, month=3)) == at(29, 1, month=3)


def test_an_end_that_comes_twice_is_over_the_first_time() -> None:
    ends = time(2, 30)  # on 25 October at 00:30 UTC and once more at 01:30
    assert quiet_until(time(22), ends, "Europe/Berlin", at(25, 0, 15, month=10)) == at(25, 0, 30, month=10)
    assert quiet_until(time(22), ends, "Europe/Berlin", at(25, 1, 15, month=10)) is None


@given(
    st.times().map(lambda hour: hour.replace(second=0, microsecond=0)),
    st.times().map(lambda hour: hour.replace(second=0, microsecond=0)),
    st.sampled_from(["UTC", BAKU, "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo"]),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001  # it asks for them so
)
def test_it_is_loud_when_the_quiet_is_over_and_not_long_after(
    begins: time, ends: time, zone: str, moment: datetime
) -> None:
    until = quiet_until(begins, ends, zone, moment)
    if until is None:
        return
    assert moment < until
    assert quiet_until(begins, ends, zone, until) is None
    assert (until - moment).total_seconds() <= 26 * 3600

"""Which schedules come less often than another."""

from datetime import time

import pytest

from mailer.newsletters.frequency import less_often, pace
from mailer.newsletters.models import Schedule
from tests.newsletters.making import NOW

DAILY, WEEKDAYS, WEEKENDS, SATURDAYS = 0b1111111, 0b0011111, 0b1100000, 0b0100000


def schedules(*weekdays: int) -> list[Schedule]:
    return [
        Schedule(id=number, title="", weekdays=days, hours=[time(7)], active=True, starts_at=NOW)
        for number, days in enumerate(weekdays, 1)
    ]


@pytest.mark.parametrize(
    ("mine", "offered"),
    [(None, [SATURDAYS, WEEKENDS, DAILY]), (1, [SATURDAYS, WEEKENDS]), (2, [SATURDAYS]), (3, []), (99, [])],
)
def test_less_often_is_what_comes_on_fewer_days_the_rarest_first(mine: int | None, offered: list[int]) -> None:
    assert [schedule.weekdays for schedule in less_often(schedules(DAILY, WEEKENDS, SATURDAYS), mine)] == offered


def test_of_two_alike_each_is_less_than_both() -> None:
    assert len(less_often(schedules(WEEKDAYS, WEEKDAYS), None)) == 2
    assert less_often(schedules(WEEKDAYS, WEEKDAYS), 1) == []


def test_the_only_schedule_is_no_less_than_itself_and_a_resting_one_does_not_count() -> None:
    assert less_often(schedules(SATURDAYS), None) == []
    daily, weekly = schedules(DAILY, SATURDAYS)
    weekly.active = False
    assert less_often([daily, weekly], None) == []


def test_a_month_is_longer_than_four_weeks_and_several_a_day_are_several() -> None:
    weekly, first_monday, fifteenth, hourly = schedules(SATURDAYS, 1, 0, SATURDAYS)
    first_monday.nth, fifteenth.month_day, hourly.hours = 1, 15, [time(7), time(12), time(18)]
    assert [(pace(each).times, pace(each).monthly, pace(each).weekly) for each in (weekly, first_monday, hourly)] == [
        (1, False, True),
        (1, True, False),
        (3, False, False),
    ]
    assert less_often([weekly, first_monday, fifteenth, hourly], 4) == [first_monday, fifteenth, weekly]
    assert less_often([weekly, first_monday], 2) == []

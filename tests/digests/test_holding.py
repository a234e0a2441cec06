"""When an hour comes next, for a draft that is to leave then."""

from datetime import UTC, datetime, time

import pytest

from mailer.digests.holding import next_time


@pytest.mark.parametrize(
    ("hour", "timezone", "now", "moment"),
    [
        (time(7), "UTC", datetime(2026, 11, 24, 6, 30, tzinfo=UTC), datetime(2026, 11, 24, 7, tzinfo=UTC)),
        (time(7), "UTC", datetime(2026, 11, 24, 7, 0, tzinfo=UTC), datetime(2026, 11, 25, 7, tzinfo=UTC)),
        (time(7), "Asia/Baku", datetime(2026, 11, 24, 6, tzinfo=UTC), datetime(2026, 11, 25, 3, tzinfo=UTC)),
        (time(2, 30), "Europe/Berlin", datetime(2026, 3, 28, 22, tzinfo=UTC), datetime(2026, 3, 29, 1, tzinfo=UTC)),
    ],
)
def test_an_hour_is_the_next_one_on_the_newsletters_clock(
    hour: time, timezone: str, now: datetime, moment: datetime
) -> None:
    assert next_time(hour, timezone, now) == moment

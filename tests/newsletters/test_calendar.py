"""When a rhythm is due, through summer time, leap days and days that never were."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailer.newsletters.calendar import Rhythm, UnknownZone, due_moments, next_moments, zone

MONDAY, SATURDAY = 0b0000001, 0b0100000
EVERY_DAY = 0b1111111
ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "America/Nuuk",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "Pacific/Apia",
    "Asia/Baku",
)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]  # year, month, day, hour, minute


def on_the_wall(timezone: str, hour: time, first: date, last: date) -> list[str]:
    """Every day's moments from noon before `first` to noon after `last`, as the clock on the wall shows them."""
    noon = time(12, tzinfo=zone(timezone))
    after, until = datetime.combine(first - timedelta(1), noon), datetime.combine(last + timedelta(1), noon)
    moments = due_moments(Rhythm(EVERY_DAY, (hour,)), timezone, after, until)
    shown = [moment.astimezone(zone(timezone)).strftime("%d %H:%M %z") for moment in moments]
    return [text for text in shown if first.day <= int(text[:2]) <= last.day]


@pytest.mark.parametrize(
    ("timezone", "hour", "day", "shown"),
    [
        ("Europe/Berlin", time(2, 30), date(2026, 3, 29), ["29 03:00 +0200"]),
        ("America/New_York", time(2, 30), date(2026, 3, 8), ["08 03:00 -0400"]),
        ("Australia/Lord_Howe", time(2, 15), date(2026, 10, 4), ["04 02:30 +1100"]),
        ("Africa/Cairo", time(0, 0), date(2026, 4, 24), ["24 01:00 +0300"]),
        ("Asia/Baku", time(4, 30), date(2015, 3, 29), ["29 05:00 +0500"]),
        ("America/Nuuk", time(22, 30), date(2026, 3, 28), ["28 22:30 -0200"]),
    ],
)
def test_an_hour_that_the_clock_jumps_over_is_due_when_the_jump_ends(
    timezone: str, hour: time, day: date, shown: list[str]
) -> None:
    assert on_the_wall(timezone, hour, day, day) == shown


@pytest.mark.parametrize(
    ("timezone", "hour", "day", "shown"),
    [
        ("Europe/Berlin", time(2, 30), date(2026, 10, 25), ["25 02:30 +0200"]),
        ("America/New_York", time(1, 30), date(2026, 11, 1), ["01 01:30 -0400"]),
        ("Australia/Lord_Howe", time(1, 45), date(2026, 4, 5), ["05 01:45 +1100"]),
        ("Africa/Cairo", time(23, 30), date(2026, 10, 29), ["29 23:30 +0300"]),
        ("Asia/Baku", time(4, 30), date(2015, 10, 25), ["25 04:30 +0500"]),
        ("America/Nuuk", time(23, 30), date(2026, 10, 24), ["24 23:30 -0100"]),
    ],
)
def test_an_hour_that_comes_twice_is_due_the_first_time(timezone: str, hour: time, day: date, shown: list[str]) -> None:
    assert on_the_wall(timezone, hour, day, day) == shown


def test_a_jump_over_midnight_makes_the_last_hour_of_a_day_due_when_the_next_begins() -> None:
    shown = on_the_wall("America/Nuuk", time(23, 30), date(2026, 3, 27), date(2026, 3, 29))
    assert shown == ["27 23:30 -0200", "29 00:00 -0100", "29 23:30 -0100"]


@pytest.mark.parametrize("hour", [time(0), time(7), time(23, 59)])
def test_a_day_that_never_was_has_no_moment(hour: time) -> None:
    shown = on_the_wall("Pacific/Apia", hour, date(2011, 12, 29), date(2011, 12, 31))
    assert [text[:8] for text in shown] == [f"29 {hour:%H:%M}", f"31 {hour:%H:%M}"]


JUMPS = [
    ("Europe/Berlin", time(2, 30), date(2026, 3, 29), "29 03:00 +0200"),
    ("America/New_York", time(2, 30), date(2026, 3, 8), "08 03:00 -0400"),
    ("Australia/Lord_Howe", time(2, 15), date(2026, 10, 4), "04 02:30 +1100"),
    ("Africa/Cairo", time(0, 0), date(2026, 4, 24), "24 01:00 +0300"),
    ("Asia/Baku", time(4, 30), date(2015, 3, 29), "29 05:00 +0500"),
    ("Europe/Berlin", time(2, 30), date(2026, 10, 25), "25 02:30 +0200"),
    ("America/Nuuk", time(23, 30), date(2026, 10, 24), "24 23:30 -0100"),
    ("Asia/Baku", time(4, 30), date(2015, 10, 25), "25 04:30 +0500"),
]


@pytest.mark.parametrize(("timezone", "hour", "day", "shown"), JUMPS)
def test_every_kind_of_rhythm_answers_a_jump_alike(timezone: str, hour: time, day: date, shown: str) -> None:
    week, weekday = (day.day - 1) // 7 + 1, 1 << day.weekday()
    noon = datetime.combine(day, time(12), zone(timezone))
    evening = time((hour.hour + 12) % 24)
    rhythms = [Rhythm(0, (hour,), month_day=day.day), Rhythm(weekday, tuple(sorted((hour, evening))))]
    rhythms += [Rhythm(weekday, (hour,), nth=week)] if week < 5 else [Rhythm(weekday, (hour,), nth=-1)]
    for rhythm in rhythms:
        moments = due_moments(rhythm, timezone, noon - timedelta(1), noon + timedelta(hours=12))
        assert [moment for moment in moments if f"{moment.astimezone(zone(timezone)):%d %H:%M %z}" == shown] != []
        assert len(moments) == len(set(moments)) <= 3


def test_two_hours_in_one_jump_are_one_moment() -> None:
    rhythm = Rhythm(EVERY_DAY, (time(2, 10), time(2, 50)))
    night = due_moments(rhythm, "Europe/Berlin", utc(2026, 3, 28, 12), utc(2026, 3, 29, 12))
    assert night == [utc(2026, 3, 29, 1)]


@pytest.mark.parametrize(
    ("rhythm", "days"),
    [
        (Rhythm(MONDAY, (time(7),), nth=1), ["01-05", "02-02", "03-02"]),
        (Rhythm(MONDAY, (time(7),), nth=-1), ["01-26", "02-23", "03-30"]),
        (Rhythm(MONDAY | SATURDAY, (time(7),), nth=4), ["01-24", "01-26", "02-23", "02-28", "03-23", "03-28"]),
        (Rhythm(0, (time(7),), month_day=31), ["01-31", "02-28", "03-31"]),
        (Rhythm(0, (time(7),), month_day=30), ["01-30", "02-28", "03-30"]),
        (Rhythm(EVERY_DAY, (time(7),), month_day=1), ["01-01", "02-01", "03-01"]),
    ],
)
def test_a_month_has_its_days(rhythm: Rhythm, days: list[str]) -> None:
    moments = due_moments(rhythm, "Asia/Baku", utc(2026, 1, 1), utc(2026, 4, 1))
    assert [f"{moment:%m-%d}" for moment in moments] == days


def test_several_hours_a_day_are_several_moments() -> None:
    rhythm = Rhythm(MONDAY, (time(7), time(12, 30), time(18)))
    assert due_moments(rhythm, "UTC", utc(2026, 11, 1), utc(2026, 11, 8)) == [
        utc(2026, 11, 2, 7),
        utc(2026, 11, 2, 12, 30),
        utc(2026, 11, 2, 18),
    ]


def test_the_next_moments_are_found_however_far_they_lie() -> None:
    assert next_moments(Rhythm(0, (time(7),), month_day=31), "UTC", utc(2026, 1, 31, 7), 3) == [
        utc(2026, 2, 28, 7),
        utc(2026, 3, 31, 7),
        utc(2026, 4, 30, 7),
    ]
    assert next_moments(Rhythm(0, ()), "UTC", utc(2026, 1, 1), 3) == []


def test_baku_keeps_one_clock_all_year() -> None:
    moments = due_moments(Rhythm(EVERY_DAY, (time(7),)), "Asia/Baku", utc(2026, 1, 1), utc(2027, 1, 1))
    assert len(moments) == 365
    assert {moment.time() for moment in moments} == {time(3)}


def test_a_leap_day_is_a_day() -> None:
    assert due_moments(Rhythm(EVERY_DAY, (time(7),)), "UTC", utc(2028, 2, 28, 12), utc(2028, 3, 1, 12)) == [
        utc(2028, 2, 29, 7),
        utc(2028, 3, 1, 7),
    ]


def test_only_the_chosen_weekdays_are_due() -> None:
    moments = due_moments(Rhythm(MONDAY | SATURDAY, (time(7),)), "UTC", utc(2026, 11, 1), utc(2026, 11, 15))
    assert moments == [utc(2026, 11, 2, 7), utc(2026, 11, 7, 7), utc(2026, 11, 9, 7), utc(2026, 11, 14, 7)]


def test_the_weekday_is_that_of_the_newsletter_not_of_london() -> None:
    assert due_moments(Rhythm(MONDAY, (time(7),)), "Pacific/Auckland", utc(2026, 6, 1), utc(2026, 6, 9)) == [
        utc(2026, 6, 7, 19)
    ]


def test_the_interval_is_open_at_its_start_and_closed_at_its_end() -> None:
    seven = utc(2026, 11, 24, 7)
    assert due_moments(Rhythm(EVERY_DAY, (time(7),)), "UTC", seven, seven + timedelta(hours=1)) == []
    assert due_moments(Rhythm(EVERY_DAY, (time(7),)), "UTC", seven - timedelta(hours=1), seven) == [seven]


@pytest.mark.parametrize("name", ["Mars/Phobos", "Europe", "", "../etc/passwd", "Asia/Baku\0"])
def test_a_name_that_is_no_time_zone_is_refused_with_a_sentence(name: str) -> None:
    with pytest.raises(UnknownZone, match="is not a time zone"):
        due_moments(Rhythm(EVERY_DAY, (time(7),)), name, utc(2026, 1, 1), utc(2026, 1, 2))


_hours = st.builds(time, st.integers(0, 23), st.integers(0, 59))
_moments = st.timedeltas(timedelta(0), timedelta(46 * 365)).map(lambda since: utc(1990, 1, 1) + since)
_stretches = st.lists(st.timedeltas(timedelta(0), timedelta(40)), min_size=1, max_size=4)
_rhythms = st.builds(
    Rhythm,
    st.integers(1, EVERY_DAY),
    st.lists(_hours, min_size=1, max_size=4, unique=True).map(lambda hours: tuple(sorted(hours))),
    nth=st.sampled_from((0, 0, 1, 2, 3, 4, -1)),
    month_day=st.sampled_from((0, 0, 0, 1, 15, 29, 30, 31)),
)
_zones = st.sampled_from((*ZONES, "Pacific/Kwajalein"))


@settings(max_examples=200, deadline=None)
@given(_rhythms, _zones, _moments, _stretches)
def test_moments_increase_and_none_is_lost_or_doubled_where_intervals_meet(
    rhythm: Rhythm, timezone: str, start: datetime, stretches: list[timedelta]
) -> None:
    joints = [start]
    for stretch in stretches:
        joints.append(joints[-1] + stretch)
    whole = due_moments(rhythm, timezone, joints[0], joints[-1])
    parts = [moment for ends in pairwise(joints) for moment in due_moments(rhythm, timezone, *ends)]
    assert parts == whole
    assert all(earlier < later for earlier, later in pairwise(whole))


@settings(max_examples=200, deadline=None)
@given(_rhythms, _zones, _moments)
def test_every_chosen_day_has_its_moments_when_the_clock_reaches_the_hours(
    rhythm: Rhythm, timezone: str, start: datetime
) -> None:
    moments = due_moments(rhythm, timezone, start, start + timedelta(5))
    clock = zone(timezone)
    for moment in moments:
        just_before = (moment - timedelta(minutes=1)).astimezone(clock).replace(tzinfo=None)
        shown = moment.astimezone(clock).replace(tzinfo=None)
        days = [shown.date() - timedelta(n) for n in (0, 1)]
        walls = [datetime.combine(day, hour) for day in days if rhythm.falls_on(day) for hour in rhythm.hours]
        assert any(just_before < wall <= shown for wall in walls)
    touched = {(start + timedelta(minutes=15 * n)).astimezone(clock).date() for n in range(5 * 96 + 1)}
    chosen = [day for day in sorted(touched) if rhythm.falls_on(day)]
    hours = len(rhythm.hours)
    assert len(moments) <= hours * (len(chosen) + 1)  # a jump over midnight brings one of the day before
    assert len({moment.astimezone(clock).date() for moment in moments}) >= len(
        [day for day in chosen if day not in (min(touched), max(touched))]
    )

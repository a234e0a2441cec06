"""Schedules: added, changed, put to sleep and woken."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy.orm import Session

from mailer.newsletters import holidays, schedules, slots
from mailer.newsletters.models import Mode, Newsletter, Slot
from mailer.newsletters.schedules import Inconsistent, Recipe
from tests.newsletters.making import NOW, make_newsletter

DAILY = Recipe("Daily", 127, [time(8)])


@pytest.fixture
def newsletter(session: Session) -> Newsletter:
    return make_newsletter(session)


def due(session: Session, now: datetime) -> list[datetime]:
    """The moments of the slots that open now."""
    opened = slots.open_due_slots(session, now)
    session.commit()
    return [session.get_one(Slot, slot_id).due_at for slot_id in opened]


def test_another_rhythm_begins_now_and_misses_nothing(session: Session, newsletter: Newsletter) -> None:
    schedule = schedules.add(session, newsletter, DAILY, NOW)
    later = NOW + timedelta(minutes=90)
    assert schedules.change(schedule, replace(DAILY, hours=[time(7, 30), time(9)]), later) == ["hours"]
    assert (schedule.starts_at, schedule.made_until) == (later, None)
    assert due(session, NOW + timedelta(hours=2)) == [NOW + timedelta(hours=2)]


def test_an_earlier_hour_is_due_although_a_later_one_has_its_draft(session: Session, newsletter: Newsletter) -> None:
    recipe = schedules.consistent(replace(DAILY, mode=Mode.UNLESS_HELD))
    schedule = schedules.add(session, newsletter, recipe, NOW)
    assert due(session, NOW + timedelta(minutes=30)) == [NOW + timedelta(minutes=60)]
    schedules.change(schedule, replace(recipe, hours=[time(7, 45)], lead_minutes=1), NOW + timedelta(minutes=31))
    assert due(session, NOW + timedelta(minutes=50)) == [NOW + timedelta(minutes=45)]


def test_what_is_no_rhythm_changes_without_a_new_beginning(session: Session, newsletter: Newsletter) -> None:
    schedule = schedules.add(session, newsletter, DAILY, NOW)
    recipe = replace(DAILY, title="Every day", maximum_articles=9)
    assert schedules.change(schedule, recipe, NOW + timedelta(hours=9)) == ["title", "maximum_articles"]
    assert schedules.change(schedule, recipe, NOW + timedelta(hours=9)) == []
    assert schedule.starts_at == NOW
    assert schedules.recipe_of(schedule) == recipe


def test_the_time_that_a_schedule_slept_is_not_missed(session: Session, newsletter: Newsletter) -> None:
    schedule = schedules.add(session, newsletter, DAILY, NOW)
    assert schedules.sleep(schedule)
    assert not schedules.sleep(schedule)
    assert due(session, NOW + timedelta(days=3)) == []
    assert schedules.wake(schedule, NOW + timedelta(days=3))
    assert not schedules.wake(schedule, NOW + timedelta(days=3))
    assert due(session, NOW + timedelta(days=3, hours=1)) == [NOW + timedelta(days=3, hours=1)]
    assert len(session.query(Slot).all()) == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"weekdays": 0}, "weekdays"),
        ({"hours": []}, "hours"),
        ({"minimum_articles": 13}, "minimum_articles"),
    ],
)
def test_what_does_not_go_together_is_refused(wrong: dict[str, object], field: str) -> None:
    with pytest.raises(Inconsistent) as refused:
        schedules.consistent(replace(DAILY, **wrong))  # type: ignore[arg-type]
    assert refused.value.field == field


def test_what_has_no_meaning_beside_the_rest_is_left_out() -> None:
    assert schedules.consistent(replace(DAILY, mode=Mode.AUTOMATIC, lead_minutes=30)).lead_minutes == 0
    assert schedules.consistent(replace(DAILY, mode=Mode.UNLESS_HELD)).lead_minutes == 30
    monthly = schedules.consistent(replace(DAILY, nth=2, month_day=15))
    assert (monthly.weekdays, monthly.nth, monthly.month_day) == (0, 0, 15)


def test_what_comes_next_is_in_order_and_names_the_holidays(session: Session, newsletter: Newsletter) -> None:
    daily = schedules.add(session, newsletter, DAILY, NOW)
    noon = schedules.add(session, newsletter, replace(DAILY, title="Noon", weekdays=0b10, hours=[time(12)]), NOW)
    schedules.sleep(schedules.add(session, newsletter, replace(DAILY, title="Asleep"), NOW))
    holidays.add(session, newsletter, date(2026, 11, 25), "A feast")
    session.expire(newsletter)
    found = schedules.upcoming(session, newsletter, NOW, 3)
    assert [(each.schedule, each.due_at, each.holiday) for each in found] == [
        (daily, NOW + timedelta(hours=1), ""),
        (noon, NOW + timedelta(hours=5), ""),
        (daily, NOW + timedelta(hours=25), "A feast"),
    ]


def test_on_an_impossible_clock_nothing_comes(session: Session) -> None:
    lost = make_newsletter(session, "lost", timezone="Mars/Phobos")
    schedules.add(session, lost, DAILY, NOW)
    assert schedules.upcoming(session, lost, NOW, 5) == []


def test_the_next_issue_of_a_reader_is_one_of_their_schedule_and_on_no_holiday(
    session: Session, newsletter: Newsletter
) -> None:
    daily = schedules.add(session, newsletter, DAILY, NOW)
    monthly = schedules.add(session, newsletter, replace(DAILY, weekdays=0, month_day=1), NOW)
    holidays.add(session, newsletter, NOW.date(), "A feast")
    session.expire(newsletter)
    assert schedules.next_issue(session, newsletter, None, NOW) == NOW + timedelta(hours=25)
    assert schedules.next_issue(session, newsletter, monthly.id, NOW) == NOW + timedelta(days=7, hours=1)
    schedules.sleep(daily)
    schedules.sleep(monthly)
    assert schedules.next_issue(session, newsletter, None, NOW) is None

"""Due moments as rows: derived, made once, and never silently missing."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from threading import Barrier

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from mailer.newsletters import holidays, schedules, slots
from mailer.newsletters.models import Mode, Schedule, Slot, SlotState
from tests.newsletters.making import NOW, make_newsletter, make_schedule


def made(session: Session) -> Sequence[Slot]:
    session.expire_all()
    return session.scalars(select(Slot).order_by(Slot.due_at)).all()


def open_due(session: Session, now: datetime) -> list[int]:
    opened = slots.open_due_slots(session, now)
    session.commit()
    return opened


def test_a_due_moment_becomes_an_open_slot_once(session: Session) -> None:
    make_schedule(session, make_newsletter(session), hours=[time(8)])
    assert open_due(session, NOW + timedelta(minutes=59)) == []
    opened = open_due(session, NOW + timedelta(minutes=60, seconds=20))
    assert open_due(session, NOW + timedelta(minutes=60, seconds=40)) == []
    assert [(slot.id, slot.due_at, slot.state) for slot in made(session)] == [
        (opened[0], NOW + timedelta(hours=1), SlotState.OPEN)
    ]


def test_a_new_schedule_starts_with_the_next_moment(session: Session) -> None:
    make_schedule(session, make_newsletter(session), hours=[time(7)], starts_at=NOW)
    assert open_due(session, NOW + timedelta(hours=23)) == []
    assert len(open_due(session, NOW + timedelta(hours=24))) == 1


def test_a_slot_is_due_on_the_clock_of_the_newsletter(session: Session) -> None:
    make_schedule(session, make_newsletter(session, timezone="Asia/Baku"), hours=[time(12)])
    open_due(session, NOW + timedelta(hours=2))
    assert [slot.due_at for slot in made(session)] == [NOW + timedelta(hours=1)]


def test_a_moment_missed_within_the_freshness_limit_is_caught_up(session: Session) -> None:
    make_schedule(session, make_newsletter(session), hours=[time(8)], freshness_minutes=60)
    assert len(open_due(session, NOW + timedelta(hours=2))) == 1


def test_a_moment_missed_for_longer_is_closed_with_a_reason_in_local_time(session: Session) -> None:
    newsletter = make_newsletter(session, timezone="Asia/Baku")
    make_schedule(session, newsletter, hours=[time(12)], freshness_minutes=60)
    assert open_due(session, NOW + timedelta(hours=2, minutes=1)) == []
    (slot,) = made(session)
    assert slot.state == SlotState.CLOSED
    assert slot.settled_at == NOW + timedelta(hours=2, minutes=1)
    assert slot.reason == "The scheduler was away; at 13:01 it was too late for the 12:00 issue."


def test_a_schedule_asleep_for_a_year_wants_one_issue_and_explains_every_other_day(session: Session) -> None:
    make_schedule(session, make_newsletter(session), hours=[time(7)])
    opened = open_due(session, NOW + timedelta(days=365, minutes=1))
    every = made(session)
    assert len(every) == 365
    assert [slot.id for slot in every if slot.state == SlotState.OPEN] == opened
    assert opened == [every[-1].id]
    assert every[0].reason == (
        "The scheduler was away; on 24 November 2027, 07:01 it was too late for the issue of 25 November 2026, 07:00."
    )


def test_readers_who_missed_three_fresh_issues_get_the_newest_only(session: Session) -> None:
    make_schedule(session, make_newsletter(session), hours=[time(7)], freshness_minutes=3 * 24 * 60)
    opened = open_due(session, NOW + timedelta(days=3, minutes=1))
    every = made(session)
    assert [slot.id for slot in every if slot.state == SlotState.OPEN] == opened == [every[-1].id]
    assert every[0].reason == (
        "The scheduler was away; the issue of 27 November 2026, 07:00 "
        "took the place of the one of 25 November 2026, 07:00."
    )


def test_a_sleeping_schedule_has_no_slots(session: Session) -> None:
    make_schedule(session, make_newsletter(session), active=False)
    assert open_due(session, NOW + timedelta(days=2)) == []
    assert made(session) == []


def test_a_schedule_on_an_impossible_clock_stands_still_and_harms_no_other(
    session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    make_schedule(session, make_newsletter(session, "lost", timezone="Mars/Phobos"))
    make_schedule(session, make_newsletter(session, "morning"))
    assert len(open_due(session, NOW + timedelta(days=1))) == 1
    assert "'Mars/Phobos' is not a time zone" in caplog.text


def test_two_schedulers_at_once_make_each_slot_once(engine: Engine, session: Session) -> None:
    schedules = [make_schedule(session, make_newsletter(session, f"letter-{n}"), hours=[time(8)]) for n in range(5)]
    together = Barrier(2)

    def run() -> list[int]:
        with Session(engine) as mine:
            together.wait(10)
            return open_due(mine, NOW + timedelta(hours=1))

    with ThreadPoolExecutor(2) as pool:
        first, second = (future.result(30) for future in [pool.submit(run), pool.submit(run)])
    assert sorted(first + second) == sorted(slot.id for slot in made(session))
    assert len(first + second) == len(schedules)


def test_a_slot_is_in_one_hand_at_a_time(engine: Engine, session: Session) -> None:
    make_schedule(session, make_newsletter(session), hours=[time(8)])
    (slot_id,) = open_due(session, NOW + timedelta(hours=1))
    taken = slots.take(session, slot_id)
    assert taken is not None
    slots.close(taken, "There was no new article.", NOW)
    if engine.dialect.name == "postgresql":  # on SQLite the second one waits for the first instead
        with Session(engine) as other:
            assert slots.take(other, slot_id) is None
    session.commit()
    with Session(engine) as other:
        assert slots.take(other, slot_id) is None


def test_the_hour_of_a_schedule_asleep_beyond_summer_time_is_still_seven(session: Session) -> None:
    newsletter = make_newsletter(session, timezone="Europe/Berlin")
    make_schedule(session, newsletter, hours=[time(7)], starts_at=datetime(2026, 3, 27, 12, tzinfo=UTC))
    open_due(session, datetime(2026, 3, 30, 12, tzinfo=UTC))
    assert [slot.due_at.hour for slot in made(session)] == [6, 5, 5]


def test_a_slot_opens_so_early_that_its_draft_can_be_looked_at(session: Session) -> None:
    make_schedule(session, make_newsletter(session), hours=[time(8)], mode=Mode.UNLESS_HELD.value, lead_minutes=30)
    assert open_due(session, NOW + timedelta(minutes=29)) == []
    opened = open_due(session, NOW + timedelta(minutes=30))
    assert [(slot.id, slot.due_at) for slot in made(session)] == [(opened[0], NOW + timedelta(hours=1))]
    assert open_due(session, NOW + timedelta(hours=2)) == []


def test_the_next_slot_that_opens_early_takes_nobodys_place(session: Session) -> None:
    hours = [time(8), time(8, 30)]
    make_schedule(session, make_newsletter(session), hours=hours, mode=Mode.UNLESS_HELD.value, lead_minutes=60)
    assert len(open_due(session, NOW + timedelta(minutes=70))) == 2


def test_a_holiday_closes_its_slot_by_name_on_the_newsletters_own_calendar(session: Session) -> None:
    newsletter = make_newsletter(session, timezone="Asia/Baku")
    make_schedule(session, newsletter, hours=[time(2)])  # 22:00 of the day before in London
    assert holidays.add(session, newsletter, date(2026, 11, 25), "Victory Day")
    assert not holidays.add(session, newsletter, date(2026, 11, 25), "Another name")
    holidays.add(session, newsletter, date(2026, 11, 26))
    assert open_due(session, NOW + timedelta(hours=15)) == []
    assert open_due(session, NOW + timedelta(hours=39)) == []
    assert [slot.reason for slot in made(session)] == ["Victory Day is a holiday.", "26 November 2026 is a holiday."]


def test_a_holiday_takes_the_place_of_no_missed_moment(session: Session) -> None:
    newsletter = make_newsletter(session)
    make_schedule(session, newsletter, hours=[time(7)], freshness_minutes=3 * 24 * 60)
    holidays.add(session, newsletter, date(2026, 11, 26), "A feast")
    (slot_id,) = open_due(session, NOW + timedelta(days=2, minutes=1))
    assert session.get_one(Slot, slot_id).due_at == NOW + timedelta(days=1)


def test_a_holiday_of_later_days_touches_no_slot_that_is_settled(session: Session) -> None:
    newsletter = make_newsletter(session)
    make_schedule(session, newsletter, hours=[time(8)])
    (slot_id,) = open_due(session, NOW + timedelta(hours=1))
    slot = slots.take(session, slot_id)
    assert slot is not None
    slots.settle_with_issue(slot, NOW + timedelta(hours=1))
    holidays.add(session, newsletter, NOW.date(), "A feast")
    assert open_due(session, NOW + timedelta(hours=2)) == []
    assert [slot.state for slot in made(session)] == [SlotState.ISSUE]
    assert holidays.remove(session, newsletter, NOW.date())
    assert not holidays.remove(session, newsletter, NOW.date())


def test_a_slot_that_is_open_when_its_day_becomes_a_holiday_says_so(session: Session) -> None:
    newsletter = make_newsletter(session)
    make_schedule(session, newsletter, hours=[time(8)])
    (slot_id,) = open_due(session, NOW + timedelta(hours=1))
    holidays.add(session, newsletter, NOW.date(), "A feast")
    slot = slots.take(session, slot_id)
    assert slot is not None
    assert slots.why_not(session, slot, NOW + timedelta(hours=1)) == "A feast is a holiday."


def test_more_moments_than_fit_into_one_statement_are_made(session: Session) -> None:
    hours = [time(hour) for hour in range(24)]
    make_schedule(session, make_newsletter(session), hours=hours, starts_at=NOW - timedelta(days=60))
    assert len(open_due(session, NOW)) == 1
    assert len(made(session)) == 60 * 24 > slots.ROWS


def test_a_rhythm_that_was_changed_while_slots_were_made_begins_anew(engine: Engine, session: Session) -> None:
    schedule = make_schedule(session, make_newsletter(session), hours=[time(8)])
    _ = schedule.starts_at
    with Session(engine) as other:
        theirs = other.get_one(Schedule, schedule.id)
        recipe = replace(schedules.recipe_of(theirs), hours=[time(8, 30)])
        schedules.change(theirs, recipe, NOW + timedelta(minutes=59))
        other.commit()
    slots._made_until(session, schedule, NOW + timedelta(hours=5))  # by a tick that read it before
    session.commit()
    session.expire_all()
    open_due(session, NOW + timedelta(hours=6))
    assert [slot.due_at for slot in made(session)] == [NOW + timedelta(hours=1, minutes=30)]

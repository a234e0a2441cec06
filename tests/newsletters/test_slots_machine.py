"""Schedulers that stop, clocks that jump and editors who change their minds: each slot at most once, none missing."""

from datetime import datetime, time, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from mailer.db import Base
from mailer.newsletters import holidays, schedules, slots
from mailer.newsletters.calendar import due_moments
from mailer.newsletters.models import Mode, Slot, SlotState
from mailer.newsletters.schedules import Recipe
from tests.newsletters.making import NOW, make_newsletter

ZONE = "Europe/Berlin"

_recipes = st.builds(
    Recipe,
    title=st.just("A schedule"),
    weekdays=st.integers(1, 127),
    hours=st.lists(st.integers(0, 23).map(time), min_size=1, max_size=3, unique=True).map(sorted),
    nth=st.sampled_from((0, 0, 0, 1, -1)),
    month_day=st.sampled_from((0, 0, 0, 1, 31)),
    mode=st.sampled_from(Mode),
    lead_minutes=st.sampled_from((0, 30, 600)),
    freshness_minutes=st.sampled_from((60, 240, 3 * 24 * 60)),
)


class Clockwork(RuleBasedStateMachine):
    """One schedule; every tick is expected to have made all moments of its rhythm since its last beginning."""

    def __init__(self) -> None:
        super().__init__()
        engine = create_engine("sqlite://")
        Base.metadata.create_all(engine)
        self.session = Session(engine, expire_on_commit=False)
        self.now = NOW
        self.newsletter = make_newsletter(self.session, timezone=ZONE)
        recipe = schedules.consistent(Recipe("Daily", 127, [time(7)], lead_minutes=30))
        self.schedule = schedules.add(self.session, self.newsletter, recipe, self.now)
        self.expected: set[datetime] = set()
        self.settled: dict[int, tuple[str, str]] = {}

    def teardown(self) -> None:
        self.session.close()

    @rule(minutes=st.integers(1, 3 * 24 * 60))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(days=st.integers(1, 40))
    def the_clock_jumps_ahead(self, days: int) -> None:
        self.now += timedelta(days=days)

    @rule(hours=st.integers(1, 100))
    def the_clock_is_set_back(self, hours: int) -> None:
        self.now -= timedelta(hours=hours)

    @rule(schedulers=st.integers(1, 2))
    def schedulers_tick(self, schedulers: int) -> None:
        opened = [slots.open_due_slots(self.session, self.now) for _ in range(schedulers)]
        self.session.commit()
        assert opened[1:] in ([], [[]])
        if self.schedule.active:
            until = self.now + self.schedule.lead
            self.expected.update(due_moments(self.schedule.rhythm, ZONE, self.schedule.starts_at, until))

    @rule(recipe=_recipes)
    def an_editor_changes_it(self, recipe: Recipe) -> None:
        schedules.change(self.schedule, schedules.consistent(recipe), self.now)
        self.session.commit()

    @rule()
    def an_editor_puts_it_to_sleep_or_wakes_it(self) -> None:
        assert schedules.sleep(self.schedule) or schedules.wake(self.schedule, self.now)
        self.session.commit()

    @rule(days=st.integers(-1, 5))
    def an_editor_adds_a_holiday(self, days: int) -> None:
        holidays.add(self.session, self.newsletter, (self.now + timedelta(days=days)).date(), "A feast")
        self.session.commit()

    @invariant()
    def each_moment_has_its_one_slot_and_every_closed_one_its_reason(self) -> None:
        rows = self.session.execute(select(Slot.id, Slot.due_at, Slot.state, Slot.reason)).all()
        assert sorted(row.due_at for row in rows) == sorted(self.expected)
        assert all(row.reason.endswith(".") for row in rows if row.state == SlotState.CLOSED)
        now = {row.id: (row.state, row.reason) for row in rows}
        assert {slot_id: now[slot_id] for slot_id in self.settled} == self.settled
        self.settled = now


Clockwork.TestCase.settings = settings(max_examples=12, stateful_step_count=20, deadline=None)
test_clockwork = Clockwork.TestCase

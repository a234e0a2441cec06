"""Random newsrooms: no reader receives an article twice, none misses one they were due, and the books add up."""

from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mailer.delivery import recovery, sweep
from mailer.delivery.dispatch import LEASE
from mailer.delivery.fanout import fan_out
from mailer.delivery.models import Delivery, DeliveryState
from mailer.digests import away
from mailer.digests.models import Issue
from mailer.digests.release import cancel
from mailer.newsletters.models import EVERY_TOPIC
from mailer.subscriptions import pause
from mailer.subscriptions.models import Subscription, SubscriptionState
from tests.delivery.newsroom import HAS, Newsroom

ARTICLES, READERS = 7, 3
OUTCOMES = [DeliveryState.ACCEPTED, DeliveryState.REFUSED, DeliveryState.DEFERRED, DeliveryState.UNCERTAIN]
some_topics = st.sampled_from([1, 2, EVERY_TOPIC])
some_articles = st.lists(
    st.tuples(st.integers(0, ARTICLES - 1), st.sampled_from([0, 1, 2, 3])),
    min_size=1,
    max_size=4,
    unique_by=lambda pick: pick[0],
)
numbers = count()


class Story(RuleBasedStateMachine):
    """One newsroom after another in the same database."""

    session: Session

    @initialize(
        twins=st.lists(st.integers(0, 3), max_size=ARTICLES),
        wishes=st.lists(
            st.tuples(some_topics, st.integers(0, 2), st.sampled_from([None, None, 9, 20])),
            min_size=2 * READERS,
            max_size=2 * READERS,
        ),
    )
    def open(self, twins: list[int], wishes: list[tuple[int, int, int | None]]) -> None:
        self.waiting: list[Issue] = []
        self.room = Newsroom(self.session, f"n{next(numbers)}")
        self.room.open(ARTICLES, twins, READERS)
        for number, wish in enumerate(wishes):
            self.room.subscribe(self.room.readers[number // 2], self.room.newsletters[number % 2], *wish)

    @rule(which=st.integers(0, 1), schedule=st.integers(0, 2), picks=some_articles, at_once=st.booleans())
    def release(self, which: int, schedule: int, picks: list[tuple[int, int]], at_once: bool) -> None:
        self.waiting.append(self.room.release(self.room.newsletters[which], schedule, picks))
        if at_once:
            self.fan_out()

    @precondition(lambda self: self.waiting)
    @rule()
    def fan_out(self) -> None:
        """Asked for twice, as after a restart."""
        issue = self.waiting.pop()
        expected = {r.subscriber_id: self.room.expected(issue, r) for r in self.room.audience(issue)}
        for reader in self.room.audience(issue):
            wanted = [i for i in issue.articles if i.topics == 0 or i.topics & reader.topics]
            self.room.due |= {(reader.subscriber_id, self.room.same(item.article)) for item in wanted}
        assert fan_out(self.session, issue.id, self.room.now) == len(expected)
        assert fan_out(self.session, issue.id, self.room.now) is None
        self.session.commit()
        rows = self.session.scalars(select(Delivery).where(Delivery.issue_id == issue.id)).all()
        assert {row.subscriber_id: row.edition for row in rows} == expected
        assert all((row.state == DeliveryState.SKIPPED) == (row.edition == 0) for row in rows)

    @rule(outcomes=st.lists(st.sampled_from(OUTCOMES), min_size=1, max_size=3))
    def send(self, outcomes: list[DeliveryState]) -> None:
        self.room.send(outcomes)

    @rule()
    def lose_a_machine(self) -> None:
        """Whatever it held may have been sent."""
        if self.room.send([], lost=True):
            self.room.now += LEASE + timedelta(minutes=1)
            recovery.settle_lost(self.session, self.room.now)
            self.session.commit()

    @rule(hours=st.integers(1, 30))
    def wait(self, hours: int) -> None:
        self.room.now += timedelta(hours=hours)

    @precondition(lambda self: self.room.issues)
    @rule(number=st.integers(0, 50))
    def try_the_refused_again(self, number: int) -> None:
        issue_id = self.room.issues[number % len(self.room.issues)]
        recovery.retry_refused(self.session, issue_id, "said", self.room.now)
        self.session.commit()

    @precondition(lambda self: self.room.issues)
    @rule(number=st.integers(0, 50))
    def call_off(self, number: int) -> None:
        cancel(self.session, self.room.issues[number % len(self.room.issues)])
        sweep.finish(self.session, self.room.now)
        self.session.commit()
        self.session.expire_all()
        self.waiting = [issue for issue in self.waiting if issue.state == "sending"]

    @rule(number=st.integers(0, ARTICLES - 1))
    def hold_or_let_go(self, number: int) -> None:
        article = self.room.articles[number]
        article.held_at = None if article.held_at else self.room.now
        self.session.commit()

    @rule(number=st.integers(0, 2 * READERS - 1), topics=some_topics)
    def choose(self, number: int, topics: int) -> None:
        self.session.execute(update(Subscription).where(Subscription.id == self._one(number).id).values(topics=topics))
        self.session.commit()

    @rule(number=st.integers(0, 2 * READERS - 1))
    def pause_or_resume(self, number: int) -> None:
        one = self._one(number)
        if one.state == SubscriptionState.ACTIVE:
            pause.pause(self.session, one, self.room.now + timedelta(days=9), network="", now=self.room.now)
        else:
            pause.resume(self.session, one, network="", now=self.room.now)
        self.session.commit()

    @rule(number=st.integers(0, 2 * READERS - 1), picks=some_articles, sent=st.booleans())
    def miss_an_issue(self, number: int, picks: list[tuple[int, int]], sent: bool) -> None:
        """A pause, an issue meanwhile, and what is told on the return."""
        self.release(number % 2, 0, picks, at_once=True) if sent else None
        if self._one(number).state == SubscriptionState.ACTIVE:
            self.pause_or_resume(number)
        self.release(number % 2, 0, picks, at_once=True)
        self.pause_or_resume(number)
        self.tell_who_was_away()

    @rule()
    def tell_who_was_away(self) -> None:
        """What was released in the pause is in their issue, unless they have it, or it may not be mailed now."""
        self.room.now += away.APART
        while not away.FROM_HOUR <= self.room.now.time() < away.UNTIL_HOUR:
            self.room.now += timedelta(hours=1)
        for group in away.groups(self.session):
            missed = {(r.subscriber_id, told) for r in self.room.returned(group) for told in self.room.missed(r)}
            issue_id = away.bring(self.session, group, self.room.now)
            if issue_id is not None:
                self.room.issues.append(issue_id)
                fan_out(self.session, issue_id, self.room.now)
                self.room.due |= missed
            assert self.room.returned(group) == []
        self.session.commit()

    @invariant()
    def holds(self) -> None:
        self.room.check()

    def teardown(self) -> None:
        """Let everything leave, and see whether somebody misses something."""
        if not hasattr(self, "room"):
            return
        while self.waiting:
            self.fan_out()
        for _ in range(60):
            if not self.room.send([DeliveryState.ACCEPTED]):
                self.room.now += timedelta(hours=6)
                sweep.finish(self.session, self.room.now)
        self.room.check()
        for reader in self.room.readers:
            have = self.room.has(reader, states=HAS) | self.room.excused(reader)
            assert {told for who, told in self.room.due if who == reader} <= have
        self.room.close()

    def _one(self, number: int) -> Subscription:
        mine = select(Subscription).where(Subscription.subscriber_id.in_(self.room.readers)).order_by(Subscription.id)
        return self.session.scalars(mine.execution_options(populate_existing=True)).all()[number]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_no_reader_has_an_article_twice_and_none_misses_one(session: Session) -> None:
    machine: type[Story] = type("TheirStory", (Story,), {"session": session})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=20, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )

"""When a deferred delivery is tried again."""

from hypothesis import given
from hypothesis import strategies as st

from mailer.delivery.retry import GIVE_UP_AFTER, WAITS, next_attempt
from tests.delivery.making import NOW


@given(st.integers(1, 20), st.integers(1, 10**12))
def test_the_wait_grows_and_is_spread_by_a_fifth_at_most(attempts: int, subscriber_id: int) -> None:
    moment = next_attempt(attempts, subscriber_id, NOW)
    assert moment is not None
    wait = WAITS[min(attempts, len(WAITS)) - 1]
    assert wait <= moment - NOW <= wait * 1.2


def test_those_deferred_together_do_not_come_back_together() -> None:
    assert len({next_attempt(1, number, NOW) for number in range(100)}) > 50


@given(st.integers(1, 10**12))
def test_a_delivery_is_tried_for_a_day_from_its_first_try_on(subscriber_id: int) -> None:
    attempts, moment = 1, NOW
    while following := next_attempt(attempts, subscriber_id, moment):
        attempts, moment = attempts + 1, following
    assert GIVE_UP_AFTER - 1.2 * WAITS[-1] < moment - NOW <= GIVE_UP_AFTER

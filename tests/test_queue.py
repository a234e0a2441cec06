"""The hatch while the broker is away: nobody waits there."""

import os
import signal
import time
from collections.abc import Iterator

import pytest
from redis import Redis

from mailer import queue
from mailer.config import load_settings
from mailer.queue import Job, Queue, configure, enqueue
from tests.conftest import SECRET
from tests.services.valkey import Valkey


@pytest.fixture(autouse=True)
def _an_empty_broker(broker: Valkey) -> Iterator[None]:
    """The broker of all tests, which is theirs again afterwards: the hatch keeps its connections."""
    configure(load_settings({"REDIS_URL": broker.url, "SECRET_KEY": SECRET}))
    broker.forget()
    yield
    broker.kill()
    broker.start()
    configure(load_settings({"REDIS_URL": broker.url, "SECRET_KEY": SECRET}))


def jobs(broker: Valkey) -> int:
    with Redis.from_url(broker.url) as client:
        return int(client.llen(Queue.CONFIRM.value))


def seconds(number: int) -> float:
    start = time.monotonic()
    assert [enqueue(Job.SEND_LETTER, letter) for letter in range(number)] == [False] * number
    return time.monotonic() - start


def test_a_broker_that_was_killed_costs_nobody_a_moment(broker: Valkey) -> None:
    assert enqueue(Job.SEND_LETTER, 1)
    broker.kill()
    assert seconds(20) < 0.5
    broker.start()
    queue._breaker._next = 0.0  # it has rested
    assert [enqueue(Job.SEND_LETTER, 2), enqueue(Job.SEND_LETTER, 3)] == [True, True]
    assert jobs(broker) == 2


def test_a_silent_broker_is_waited_for_once(broker: Valkey) -> None:
    assert enqueue(Job.SEND_LETTER, 1)
    assert broker.process is not None
    os.kill(broker.process.pid, signal.SIGSTOP)
    assert seconds(20) < 6.5

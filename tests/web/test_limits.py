"""Counts shared through a real Valkey, which is killed or falls silent on the way."""

import os
import signal
import time
from collections.abc import Iterator

import pytest
from redis import Redis

from mailer.web import limits
from mailer.web.limits import PATIENCE, PREFIX, WEIGHT, Counters, Limit, networks
from tests.conftest import SECRET
from tests.services.valkey import Valkey, valkey

FEW = Limit("few", 8, 3600)


@pytest.fixture
def own() -> Iterator[Valkey]:
    """A server of this test's own, which may be killed."""
    with valkey() as server:
        yield server


@pytest.fixture
def two(broker: Valkey) -> tuple[Counters, Counters]:
    """Two web processes of one installation."""
    broker.forget()
    return Counters(broker.url, SECRET), Counters(broker.url, SECRET)


def test_processes_share_a_limit(two: tuple[Counters, Counters]) -> None:
    allowed = [two[visit % 2].allow(FEW, "mara@ledger.example") for visit in range(20)]
    assert allowed == [True] * 8 + [False] * 12
    assert two[0].allow(FEW, "jonas@ledger.example")
    assert two[0].allow(Limit("another", 8, 3600), "mara@ledger.example")


def test_what_was_used_once_is_used_up_for_all(two: tuple[Counters, Counters]) -> None:
    assert two[0].once("ticket", "a", 60)
    assert not two[1].once("ticket", "a", 60)
    assert two[1].once("ticket", "b", 60)
    assert two[1].once("proof", "a", 60)


def test_counts_and_tallies_add_up(two: tuple[Counters, Counters]) -> None:
    assert [two[visit % 2].add("form", "1", 60) for visit in range(4)] == [1, 2, 3, 4]
    assert (two[0].read("form", "1"), two[0].read("form", "2")) == (4, 0)
    for verdict in ("pass", "pass", "quiet"):
        two[0].tally(verdict)
    assert two[1].tallies() == {"pass": 2, "quiet": 1}


def test_an_installation_with_another_secret_counts_apart(two: tuple[Counters, Counters], broker: Valkey) -> None:
    assert two[0].once("ticket", "a", 60)
    assert Counters(broker.url, "another secret").once("ticket", "a", 60)


def test_no_key_holds_an_address_and_every_count_is_forgotten_in_time(
    two: tuple[Counters, Counters], broker: Valkey
) -> None:
    two[0].allow(FEW, "mara@ledger.example")
    two[0].add("form", "mara@ledger.example", 60)
    two[0].once("ticket", "mara@ledger.example", 60)
    with Redis.from_url(broker.url) as client:
        keys = client.keys(f"{PREFIX}*")
        assert len(keys) == 3
        assert [key for key in keys if b"mara" in key or b"ledger" in key] == []
        assert [key for key in keys if client.ttl(key) <= 0] == []


def test_without_redis_each_process_is_stricter(own: Valkey) -> None:
    counters = Counters(own.url, SECRET)
    assert counters.allow(FEW, "mara")
    own.kill()
    alone = [counters.allow(FEW, "mara") for _ in range(4)]
    assert alone == [True, True, False, False]
    assert counters.add("form", "1", 60) == WEIGHT
    assert [counters.once("ticket", "a", 60), counters.once("ticket", "a", 60)] == [True, False]
    assert (counters.read("form", "1"), counters.tallies()) == (0, {})
    counters.tally("pass")


def test_a_silent_redis_is_waited_for_once(own: Valkey) -> None:
    counters = Counters(own.url, SECRET)
    assert counters.allow(FEW, "mara")
    assert own.process is not None
    os.kill(own.process.pid, signal.SIGSTOP)
    start = time.monotonic()
    for visit in range(50):
        counters.allow(FEW, str(visit))
    assert time.monotonic() - start < PATIENCE + 0.5


def test_redis_is_found_again_when_it_is_back(own: Valkey) -> None:
    counters = Counters(own.url, SECRET)
    own.kill()
    assert counters.add("form", "1", 60) == WEIGHT
    own.start()
    assert counters.add("form", "1", 60) == 2 * WEIGHT  # it rests
    counters._breaker._next = 0.0  # it has rested
    assert [counters.add("form", "1", 60), counters.add("form", "1", 60)] == [1, 2]


def test_a_connection_that_was_closed_meanwhile_is_made_anew(own: Valkey) -> None:
    counters = Counters(own.url, SECRET)
    assert counters.add("form", "1", 60) == 1
    with Redis.from_url(own.url) as client:
        client.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    assert counters.add("form", "1", 60) == 2


def test_memory_is_bounded_while_redis_is_away(own: Valkey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_KEYS", 100)
    own.kill()
    counters = Counters(own.url, SECRET)
    for visit in range(1000):
        counters.allow(FEW, str(visit))
    assert len(counters._here._counts) <= 100


@pytest.mark.parametrize(
    ("visitor", "found"),
    [
        ("81.2.69.160", ("81.2.69.160/32", "81.2.69.0/24")),
        ("::ffff:81.2.69.160", ("81.2.69.160/32", "81.2.69.0/24")),
        ("2a02:2f0:1:2:3:4:5:6", ("2a02:2f0:1:2::/64", "2a02:2f0:1::/48")),
        ("2a02:2f0:1:2::7%eth0", ("2a02:2f0:1:2::/64", "2a02:2f0:1::/48")),
        ("127.0.0.1", None),
        ("10.1.2.3", None),
        ("fe80::1%eth0", None),
        ("::1", None),
        ("", None),
        ("unix:", None),
    ],
)
def test_networks_are_those_of_lines_and_companies(visitor: str, found: tuple[str, str] | None) -> None:
    assert networks(visitor) == found

"""Counts that all web processes share through Redis: who may come how often, and what may be used only once.

Redis may be away, or silent. Then each process counts for itself, more strictly, and asks again after a rest; one
visitor at most waits in that time, and no longer than PATIENCE. Keys hold no address in clear.
"""

import hashlib
import hmac
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from threading import Lock
from typing import TypeVar

from limits import RateLimitItemPerSecond
from limits.storage import RedisStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from redis import ConnectionPool, Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as ConnectionLost
from redis.exceptions import RedisError
from redis.retry import Retry

from mailer.breaker import Breaker

log = logging.getLogger(__name__)
Answer = TypeVar("Answer")

PATIENCE = 0.5
"""Seconds for the connection and for each answer: a reader waits for this."""

REST = 5.0
"""Seconds without Redis after it failed."""

WEIGHT = 4
"""What one visit weighs when this process counts alone: the others see as many, and nobody adds them up."""

MOST_KEYS = 50_000
"""Counts that one process keeps when it is alone; some 10 MB."""

PREFIX = "postroom:limits"
TALLIES = f"{PREFIX}:verdicts"


@dataclass(frozen=True)
class Limit:
    """At most `amount` (at least WEIGHT) times in any `seconds`."""

    name: str
    amount: int
    seconds: int


def networks(visitor: str) -> tuple[str, str] | None:
    """The near and the far network of an IP address: what one line gets and what one company gets.

    IPv4 /32 and /24, IPv6 /64 and /48.
    None for an address that is nobody's on the Internet: it is this machine, or a proxy that does not say who comes,
    and would be the same for every reader.
    """
    try:
        address = ip_address(visitor)
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if not address.is_global:
        return None
    near, far = (64, 48) if address.version == 6 else (32, 24)
    return _network(address.packed, near), _network(address.packed, far)


def _network(address: bytes, length: int) -> str:
    return str(ip_network((address, length), strict=False))


class Counters:
    """The counts of one installation."""

    def __init__(self, url: str, secret: str) -> None:
        pool = ConnectionPool.from_url(
            url,
            decode_responses=True,
            socket_connect_timeout=PATIENCE,
            socket_timeout=PATIENCE,
            # A connection that was closed while it lay idle is made anew at once; silence is not asked twice.
            retry=Retry(NoBackoff(), 1, supported_errors=(ConnectionLost,)),
        )
        self._secret = secret.encode()
        self._redis = Redis(connection_pool=pool)
        self._storage = RedisStorage(url, connection_pool=pool, key_prefix=PREFIX)
        self._windows = SlidingWindowCounterRateLimiter(self._storage)
        self._here = _Here()
        self._breaker = Breaker(REST)

    def allow(self, limit: Limit, who: str) -> bool:
        """Count a visit, unless it is one too many. Those that are refused do not count."""
        key = self._key(limit.name, who)
        item = RateLimitItemPerSecond(limit.amount, limit.seconds)
        return self._ask(
            lambda: self._windows.hit(item, key),
            lambda: self._here.add(key, limit.seconds) * WEIGHT <= limit.amount,
        )

    def add(self, name: str, who: str, seconds: int) -> int:
        """Count one more; how many there were in these seconds, which began with the first."""
        key = self._key(name, who)
        return self._ask(lambda: self._storage.incr(key, seconds), lambda: self._here.add(key, seconds) * WEIGHT)

    def read(self, name: str, who: str) -> int:
        """How many `add` has counted; 0 while Redis is away."""
        key = self._key(name, who)
        return self._ask(lambda: self._storage.get(key), lambda: 0)

    def once(self, name: str, what: str, seconds: int) -> bool:
        """Whether this is its first use within these seconds."""
        key = self._key(name, what)
        return self._ask(
            lambda: bool(self._redis.set(f"{PREFIX}:{key}", 1, nx=True, ex=seconds)),
            lambda: self._here.add(key, seconds) == 1,
        )

    def tally(self, verdict: str) -> None:
        """Count a verdict for the operators; lost while Redis is away."""
        self._ask(lambda: self._redis.hincrby(TALLIES, verdict, 1), lambda: 0)

    def tallies(self) -> dict[str, int]:
        """How often each verdict was given since Redis was empty."""
        counted = self._ask(lambda: self._redis.hgetall(TALLIES), dict[bytes | str, bytes | str])
        return {str(name): int(count) for name, count in counted.items()}

    def _key(self, name: str, who: str) -> str:
        return hmac.new(self._secret, f"{name}\0{who}".encode(), hashlib.sha256).hexdigest()[:32]

    def _ask(self, redis: Callable[[], Answer], alone: Callable[[], Answer]) -> Answer:
        if not self._breaker.may_try():
            return alone()
        try:
            answer = redis()
        except RedisError as error:
            if self._breaker.failed():
                log.warning("Redis is away, each process counts for itself: %s", error)
            return alone()
        if self._breaker.worked():
            log.warning("Redis is back")
        return answer


class _Here:
    """Counts of this process alone, in fixed windows. One that is full forgets all: the database has the last word.

    The library's own memory walks over every key a hundred times a second.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: dict[str, tuple[int, float]] = {}

    def add(self, key: str, seconds: int) -> int:
        now = time.monotonic()
        with self._lock:
            if len(self._counts) >= MOST_KEYS:
                self._counts.clear()
            count, until = self._counts.get(key, (0, 0.0))
            self._counts[key] = (count + 1, until) if now < until else (1, now + seconds)
            return self._counts[key][0]

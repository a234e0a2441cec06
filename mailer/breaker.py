"""A part of the house that is away is asked by one in a while; the others need not wait to find out."""

import time
from threading import Lock


class Breaker:
    """Opens when an attempt failed. After `rest` seconds one caller may try again, and the next after as many more."""

    def __init__(self, rest: float) -> None:
        self._rest = rest
        self._lock = Lock()
        self._open = False
        self._next = 0.0

    def may_try(self) -> bool:
        """Whether this caller should try."""
        with self._lock:
            now = time.monotonic()
            if self._open and now < self._next:
                return False
            self._next = now + self._rest
            return True

    def failed(self) -> bool:
        """An attempt failed; whether that is news."""
        with self._lock:
            news, self._open = not self._open, True
            self._next = time.monotonic() + self._rest
            return news

    def worked(self) -> bool:
        """An attempt worked; whether that is news."""
        if not self._open:  # without the lock: this is asked all the time, and the answer is nearly always no
            return False
        with self._lock:
            news, self._open = self._open, False
            return news

"""What the tests ask of the process apart."""

import ctypes
import itertools
import os
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Told:
    names: tuple[str, ...]
    at: datetime | None


@dataclass(frozen=True)
class Nothing:
    pass


def tell(names: tuple[str, ...], at: datetime | None = None, *, silent: bool = False) -> Told | Nothing:
    sys.stdout.write("a library that talks\n")
    return Nothing() if silent else Told(names, at and at + timedelta(hours=1))


def several(count: int) -> list[Told] | Nothing:
    return [Told((str(number),), None) for number in range(count)]


def for_ever() -> int:
    return sum(itertools.count())


def everything() -> int:
    return len([bytes(1_000_000) for _ in itertools.count()])


def crash() -> bytes:
    return ctypes.string_at(0)


def fail() -> Nothing:
    raise KeyError("the reason")


def process() -> int:
    return os.getpid()


def environment() -> list[str]:
    return sorted(os.environ)


def broad() -> int:
    """Takes much memory and never gives it back."""
    _kept.append(bytes(150_000_000))
    return len(_kept)


_kept: list[bytes] = []

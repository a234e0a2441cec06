from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.embedded.house import House


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., House]]:
    """Starts houses in this test's folder; none of them outlives the test."""
    houses: list[House] = []

    def start_one(port: int = 0, **settings: str) -> House:
        houses.append(House(tmp_path / "var", port, **settings))
        return houses[-1]

    yield start_one
    for house in houses:
        house.process.kill()

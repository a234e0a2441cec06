from collections.abc import Iterator

import pytest

from tests.articles.outlet import Outlet
from tests.articles.outlet import outlet as open_outlet


@pytest.fixture
def outlet() -> Iterator[Outlet]:
    with open_outlet() as opened:
        yield opened

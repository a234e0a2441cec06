"""The worker's tasks, run in this process on the test's own database and broker."""

import importlib
from collections.abc import Iterator

import pytest

from mailer.config import Settings
from mailer.queue import configure
from tests.conftest import SECRET


@pytest.fixture
def worker(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """`worker.app` with the test's settings; it reads the environment when it is imported first."""
    monkeypatch.setenv("SECRET_KEY", SECRET)
    app = importlib.import_module("worker.app")
    monkeypatch.setattr(app, "settings", settings)
    configure(settings)
    app.engine.cache_clear()
    yield
    app.engine().dispose()
    app.engine.cache_clear()

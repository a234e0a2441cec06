"""The worker's tasks in this process, on the test's own database and SMTP server."""

import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from mailer.config import Settings
from mailer.links import Links
from mailer.queue import configure
from tests.conftest import SECRET
from tests.faults.mails import Post
from tests.services.smtp import Mailbox


@pytest.fixture
def post(
    settings: Settings,
    engine: Engine,
    session: Session,
    smtp: Mailbox,
    links: Links,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Post]:
    monkeypatch.setenv("SECRET_KEY", SECRET)  # for `worker.app`, which reads the environment when it is imported first
    app = importlib.import_module("worker.app")
    letters, staff = map(importlib.import_module, ("worker.tasks.subscriptions", "worker.tasks.staff"))
    for module in (app, letters, staff):
        monkeypatch.setattr(module, "settings", settings)
    configure(settings)
    for made in (app.engine, app.links):
        made.cache_clear()
    yield Post(engine, session, smtp, links, tmp_path, letters.send_letter, staff.send_login_link)
    app.engine().dispose()
    for made in (app.engine, app.links):
        made.cache_clear()

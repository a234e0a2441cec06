"""What every test may ask for: both databases, a broker, an SMTP server, the web application, a browser."""

import os
import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import Browser
from sqlalchemy import Engine, make_url
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from mailer import migrations
from mailer.app import create_app
from mailer.config import Settings, load_settings
from mailer.db import make_engine
from mailer.links import Links
from tests.services.browser import chromium, why_not
from tests.services.postgres import postgres
from tests.services.smtp import Mailbox, mailbox
from tests.services.valkey import Valkey, valkey

# A busy machine is not a bug.
hypothesis_settings.register_profile("postroom", deadline=None)
hypothesis_settings.load_profile("postroom")

DATABASES = ("sqlite", "postgresql")

SECRET = "a secret of the tests, long enough to be one"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=DATABASES, help="Run what needs a database on this one only.")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Slow ones first, so that no process is left alone with one at the end. With --database, leave out the other."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
    others = {*DATABASES} - {config.getoption("database") or ""}
    if len(others) == len(DATABASES):
        return
    left_out = [item for item in items if _database_of(item) in others]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


def _database_of(item: pytest.Item) -> str | None:
    specification = getattr(item, "callspec", None)
    return specification.params.get("database_url") if specification else None


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    with postgres() as url:
        yield url


@pytest.fixture(scope="session")
def _template_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, copied for each test."""
    path = tmp_path_factory.mktemp("template") / "template.sqlite"
    engine = make_engine(f"sqlite:///{path}")
    migrations.upgrade(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def _postgres_database(postgres_server: str) -> Iterator[str]:
    """One migrated database, emptied for each test: making one per test took most of the suite's time."""
    name = f"postroom_test_{os.getpid()}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    engine = make_engine(_sibling(postgres_server, name))
    migrations.upgrade(engine)
    engine.dispose()
    yield _sibling(postgres_server, name)
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a migrated, empty database of this test's own; every test that asks runs on both kinds."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("_template_sqlite"), tmp_path / "test.sqlite")
        yield f"sqlite:///{tmp_path / 'test.sqlite'}"
        return
    url: str = request.getfixturevalue("_postgres_database")
    yield url
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(EMPTY)


EMPTY = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid();
DO $$
DECLARE t record;
BEGIN
    SET LOCAL session_replication_role = replica;  -- no foreign keys now
    FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
        EXECUTE format('DELETE FROM %I', t.tablename);
    END LOOP;
    FOR t IN SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL LOOP
        PERFORM setval(t.sequencename::regclass, 1, false);
    END LOOP;
END $$;
"""


def _sibling(server: str, name: str) -> str:
    url = make_url(server).set(drivername="postgresql+psycopg", database=name)
    return url.render_as_string(hide_password=False)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with Session(engine, expire_on_commit=False) as session:
        yield session


@pytest.fixture(scope="session")
def broker() -> Iterator[Valkey]:
    with valkey() as server:
        yield server


@pytest.fixture
def smtp() -> Iterator[Mailbox]:
    with mailbox() as box:
        yield box


@pytest.fixture
def settings(database_url: str, broker: Valkey, smtp: Mailbox, tmp_path: Path) -> Settings:
    broker.forget()
    return load_settings(
        {
            "DATABASE_URL": database_url,
            "REDIS_URL": broker.url,
            "SMTP_URL": smtp.url,
            "DATA_DIR": str(tmp_path),
            "SECRET_KEY": SECRET,
        }
    )


@pytest.fixture
def links(settings: Settings) -> Links:
    return Links(settings.secret, settings.base_url)


@pytest.fixture
def app(settings: Settings) -> Flask:
    return create_app(settings)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def live(app: Flask) -> Iterator[str]:
    """The address of the application, served on a free port."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if reason := why_not():
        warnings.warn(f"THE BROWSER TESTS ARE SKIPPED: {reason}.", stacklevel=1)
        pytest.skip(reason)
    with chromium() as browser:
        yield browser

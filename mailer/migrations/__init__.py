"""The tables, step by step. `upgrade` brings a database to the newest step and is safe to repeat."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

import mailer.articles.models
import mailer.delivery.models
import mailer.digests.models
import mailer.ops.models
import mailer.staff.models
import mailer.subscriptions.models  # noqa: F401  # imported for their tables
from mailer.db import Base


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    return config


@contextmanager
def _without_cascades(engine: Engine) -> Iterator[Connection]:
    """A transaction for a step. SQLite changes a table by making it anew, and dropping the old one would cascade.

    Foreign keys can only be switched off outside a transaction, so below SQLAlchemy, which always has one.
    """
    if engine.dialect.name != "sqlite":
        with engine.begin() as connection:
            yield connection
        return
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                yield connection
        finally:
            driver.execute("PRAGMA foreign_keys=ON")


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the database to `revision`."""
    config = _config()
    with _without_cascades(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Take the database back to `revision`; "base" empties it."""
    config = _config()
    with _without_cascades(engine) as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


def draft(engine: Engine, message: str) -> None:
    """Write a new step from the difference between the models and the database (for developers)."""
    config = _config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.revision(config, message=message, autogenerate=True)


def differences(engine: Engine) -> list[object]:
    """What the models have that the migrated database has not, or the other way round."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Base.metadata))


def pending(engine: Engine) -> bool:
    """Whether the database is behind the code."""
    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_heads()
    return set(current) != set(ScriptDirectory.from_config(_config()).get_heads())

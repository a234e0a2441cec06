"""The database: PostgreSQL, or SQLite in WAL mode. Both hold aware UTC times and keep foreign keys.

SQLite's rules were learnt by failing: a transaction that reads first and writes later is refused with
"database is locked" whatever the time-out, so every transaction that may write begins IMMEDIATE.
Pages that only read declare it (`read_only`), which lets them run beside a writer and makes a GET that writes an error.
"""

import random
import sqlite3
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    BigInteger,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Integer,
    MetaData,
    TypeDecorator,
    create_engine,
    event,
    func,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column

BUSY_TIMEOUT_MS = 1_000
"""For what SQLite itself waits for: the end of a recovery, a last try."""

PATIENCE_SECONDS = 29.0
"""How long one who wants to write waits for the others."""

NAP = 0.0005, 0.003
"""Seconds between two looks at whether SQLite can be written to: from, to."""

BigInt = BigInteger().with_variant(Integer, "sqlite")
Id = Annotated[int, mapped_column(BigInt, primary_key=True)]


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC; naive values are refused, aware ones come back aware on both databases."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Every table of the house; names of constraints are fixed so that migrations can drop them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime}


db = SQLAlchemy(disable_autonaming=True)
"""The web's session and engine; the tables are plain `Base` ones, so that worker and command line need no Flask."""


def make_engine(url: str) -> Engine:
    """An engine for processes without Flask: the worker and the command line."""
    return create_engine(url, **engine_options(url))


def engine_options(url: str) -> dict[str, Any]:
    """What every engine of the house is made with."""
    return {} if url.startswith("sqlite") else {"pool_pre_ping": True, "connect_args": {"connect_timeout": 5}}


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, _record: object) -> None:
    if type(connection).__module__.startswith("sqlite3"):
        connection.isolation_level = None  # we send BEGIN ourselves, below
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", f"busy_timeout={BUSY_TIMEOUT_MS}", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    reading = connection.get_execution_options().get("read_only", False)
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA query_only={'ON' if reading else 'OFF'}")
        if reading:
            connection.exec_driver_sql("BEGIN")
        else:
            _begin_immediate(connection)
    elif reading:
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")


def _begin_immediate(connection: Connection) -> None:
    """Wait for our turn to write, by many short naps.

    SQLite's own waiting naps longer and longer: whoever has waited long is the last to notice that the way is free, and
    of eight at once some wait for seconds.
    """
    driver: Any = connection.connection.driver_connection
    deadline = time.monotonic() + PATIENCE_SECONDS
    driver.execute("PRAGMA busy_timeout=0")
    try:
        while time.monotonic() < deadline:
            try:
                driver.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                    raise
            time.sleep(random.uniform(*NAP))  # noqa: S311  # nobody guesses when a reader is served
    finally:
        driver.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    connection.exec_driver_sql("BEGIN IMMEDIATE")  # the last try, whose failure SQLAlchemy puts into its own words


def read_only(session: Session) -> None:
    """Make the transaction that begins now a reading one: any write in it fails. Call it before the first query."""
    session.connection(execution_options={"read_only": True})


def take_turn(session: Session, name: str) -> None:
    """Wait for all who took a turn of this name and have not ended their transaction. On SQLite writers do anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(zlib.crc32(name.encode()))))


def insert(session: Session, table: Any) -> "postgresql.Insert | sqlite.Insert":
    """An INSERT that knows ON CONFLICT, in the dialect of the session's database."""
    return (postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert)(table)


@contextmanager
def transaction(session: Session) -> Iterator[Session]:
    """Commit at the end, roll back on an error. For doors and tasks only: rooms never commit."""
    try:
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise

"""Whether the house works. Answers in time even when the database is silent."""

import logging
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as Silent
from datetime import UTC, datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from mailer import migrations
from mailer.db import read_only
from mailer.ops import workers
from mailer.web import broker

log = logging.getLogger(__name__)

PATIENCE = 2.0
"""Seconds for the database. One that is silent for longer counts as away."""

OK = "ok"
UNKNOWN = "unknown while the database is away"

# A silent database holds its thread until the system gives up the connection; that many checks wait for it at most.
_asking = ThreadPoolExecutor(max_workers=4, thread_name_prefix="health")


def check(engine: Engine, broker_url: str) -> dict[str, str]:
    """For database, migrations, beat and broker: "ok", or a sentence that says what is wrong. Never raises."""
    asked = _asking.submit(_ask_database, engine)
    queues = broker.waiting(broker_url)
    try:
        found = asked.result(PATIENCE)
    except Silent:
        asked.cancel()
        found = _database_away(f"The database did not answer within {PATIENCE:.0f} seconds.")
    except Exception as error:
        log.warning("The database is away: %s", error)
        found = _database_away("The database is away.")
    return found | {"broker": OK if queues is not None else "The broker is away."}


def _ask_database(engine: Engine) -> dict[str, str]:
    reading = engine.execution_options(read_only=True)
    if migrations.pending(reading):
        behind = "The tables are older than the program: run “postroom migrate”."
        return {"database": OK, "migrations": behind, "beat": "unknown until the tables are migrated"}
    with Session(reading) as session:
        read_only(session)
        signs = workers.signs(session, datetime.now(UTC))
    return {"database": OK, "migrations": OK, "beat": OK if signs.ticking else _silence(signs.beat)}


def _silence(beat: workers.Sign | None) -> str:
    return (
        f"The clock was last heard at {beat.seen_at:%Y-%m-%d %H:%M:%S} UTC." if beat else "The clock was never heard."
    )


def _database_away(sentence: str) -> dict[str, str]:
    return {"database": sentence, "migrations": UNKNOWN, "beat": UNKNOWN}

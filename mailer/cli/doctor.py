"""`postroom doctor`: looks at every part from here, says what it found and what to do about it."""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum

import redis
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from mailer import migrations
from mailer.cli.console import Console, command
from mailer.config import SettingError, Settings, load_settings
from mailer.db import make_engine, read_only
from mailer.emails.smtp import RelayDown, probe
from mailer.ops import workers

PATIENCE = 5
"""Seconds for each part to answer."""

LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Verdict(StrEnum):
    """How it is: fine, worth a look, or in the way of mail."""

    WELL = "well"
    LOOK = "look"
    BROKEN = "broken"


@dataclass(frozen=True)
class Finding:
    """What was found about one part, in a sentence that says what to do."""

    part: str
    verdict: Verdict
    sentence: str


@command(name="doctor")
def doctor(console: Console) -> None:
    """Look at settings, folder, database, broker, relay, clock and workers. Exit status 1 if one is broken."""
    findings = list(examine())
    text = "\n".join(f"{each.verdict:<7} {each.part:<9} {each.sentence}" for each in findings)
    console.answer([asdict(each) for each in findings], text)
    if any(each.verdict is Verdict.BROKEN for each in findings):
        sys.exit(1)


def examine() -> Iterator[Finding]:
    """All findings; without settings that can be read there is only that one."""
    try:
        settings = load_settings(os.environ)
        assert settings.secret
    except SettingError as error:
        yield from (Finding("settings", Verdict.BROKEN, line) for line in str(error).splitlines())
        return
    yield Finding("settings", Verdict.WELL, "All of them can be read.")
    parts: tuple[Callable[[Settings], Iterator[Finding]], ...] = (_address, _folder, _database, _broker, _relay)
    for part in parts:
        yield from part(settings)


def _address(settings: Settings) -> Iterator[Finding]:
    if not settings.public_url:
        yield Finding("address", Verdict.LOOK, f"Links lead to {settings.base_url}. Set PUBLIC_URL for other readers.")
    elif not settings.secure:
        yield Finding("address", Verdict.LOOK, "PUBLIC_URL is not https: links and logins can be read on the way.")
    else:
        yield Finding("address", Verdict.WELL, f"Links lead to {settings.base_url}.")


def _folder(settings: Settings) -> Iterator[Finding]:
    folder = settings.data_dir.absolute()
    try:
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        sentence = f"DATA_DIR: {folder} cannot be written ({error.strerror}). Workers keep their journals there."
        yield Finding("folder", Verdict.BROKEN, sentence)
    else:
        yield Finding("folder", Verdict.WELL, f"{folder} can be written.")


def _database(settings: Settings) -> Iterator[Finding]:
    engine = make_engine(settings.database)
    kind = "PostgreSQL" if engine.dialect.name == "postgresql" else "SQLite"
    try:
        if migrations.pending(engine):
            yield Finding("database", Verdict.BROKEN, f"{kind}: the tables are not up to date. Run: postroom migrate")
            return
        yield Finding("database", Verdict.WELL, f"{kind} answers, the tables are up to date.")
        with Session(engine) as session:
            read_only(session)
            signs = workers.signs(session, datetime.now(UTC))
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", error)).strip().splitlines()[0]
        yield Finding("database", Verdict.BROKEN, f"{kind} does not answer: {reason}")
        return
    finally:
        engine.dispose()
    yield _clock(signs)
    yield _workers(signs)


def _clock(signs: workers.Signs) -> Finding:
    if signs.ticking:
        return Finding("clock", Verdict.WELL, "It ticks.")
    heard = f"last heard {signs.beat.seen_at:%Y-%m-%d %H:%M:%S} UTC" if signs.beat else "never heard"
    return Finding("clock", Verdict.BROKEN, f"It stands still, {heard}. Run: postroom beat, and a worker to hear it")


def _workers(signs: workers.Signs) -> Finding:
    if signs.alive:
        return Finding("workers", Verdict.WELL, f"{signs.alive} at work.")
    return Finding(
        "workers", Verdict.BROKEN, "None at work, nothing is lost but nothing is mailed. Run: postroom worker"
    )


def _broker(settings: Settings) -> Iterator[Finding]:
    client = redis.Redis.from_url(settings.broker, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE)
    try:
        with client:
            memory, saving = client.info("memory"), client.info("persistence")
    except (RedisError, OSError) as error:
        yield Finding("broker", Verdict.BROKEN, f"It does not answer: {error}")
        return
    if memory["maxmemory"] and memory["maxmemory_policy"] != "noeviction":
        policy = memory["maxmemory_policy"]
        sentence = f"It throws jobs away when it is full. Set its maxmemory-policy to noeviction, it is {policy}."
        yield Finding("broker", Verdict.LOOK, sentence)
    elif not saving["aof_enabled"]:
        sentence = (
            "It answers but forgets its jobs on a restart; the sweep asks for them again. Set its appendonly to yes."
        )
        yield Finding("broker", Verdict.LOOK, sentence)
    else:
        yield Finding("broker", Verdict.WELL, "It answers, keeps its jobs over a restart and throws none away.")


def _relay(settings: Settings) -> Iterator[Finding]:
    relay = settings.relay
    where = f"{relay.host}:{relay.port}"
    try:
        probe(relay, PATIENCE)
    except RelayDown as reason:
        yield Finding("relay", Verdict.BROKEN, f"{where}: {reason}")
        return
    if relay.tls in ("none", "opportunistic") and relay.host not in LOOPBACK:
        sentence = f"{where} takes mail, but perhaps in clear. Add ?starttls=required to SMTP_URL, or use smtps://."
        yield Finding("relay", Verdict.LOOK, sentence)
    else:
        yield Finding("relay", Verdict.WELL, f"{where} takes mail.")

"""`postroom up`: everything on one machine, on the embedded parts where no other is named, until it is asked to end."""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import redis
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from mailer import migrations
from mailer.config import SettingError, Settings
from mailer.db import make_engine
from mailer.demo.seed import seed
from mailer.embedded import folder, ports, programs
from mailer.embedded.supervisor import Supervisor
from mailer.links import Links
from mailer.staff import accounts, audit, sessions
from mailer.staff.models import Role

ADMINISTRATOR = "editor@ledger.example"
"""Who the printed login link lets in."""

LINK_LIFETIME = timedelta(hours=24)
LAST_ENDS = 20.0
"""Seconds that what a killed `postroom up` left has to end."""

PATIENCE = 10.0
"""Seconds after which a house that answers is shown even if not all of it is well yet."""


@dataclass(frozen=True)
class Addresses:
    """What to open; None where the part is not ours."""

    newsroom: str | None
    inbox: str | None
    desk: str
    queues: str


def up(
    settings: Settings, environ: Mapping[str, str], say: Callable[[str], None], announce: Callable[[Addresses], None]
) -> None:
    """Start the house, `announce` what to open, keep it running; returns when a signal asked it to end.

    Raises SettingError, Refused or StartFailed before that, with a sentence.
    """
    os.umask(0o077)  # what is kept of readers is nobody else's to read
    with folder.taken(settings.data_dir) as last_was_killed:
        folder.keep_secret(settings)
        ports.check(settings, LAST_ENDS if last_was_killed else 0)
        with Supervisor(environ, settings.data_dir / "logs", say) as house:
            _start_broker(house, settings)
            login = _prepare_database(settings)
            _start_the_rest(house, settings)
            announce(_addresses(settings, login))
            house.watch()


def _start_broker(house: Supervisor, settings: Settings) -> None:
    client = redis.Redis.from_url(settings.broker, socket_connect_timeout=2, socket_timeout=5)
    if settings.redis_url:
        try:
            client.ping()
        except redis.RedisError as error:
            raise SettingError(
                f"REDIS_URL: no Redis or Valkey answers there ({error}). Start it, or write another"
            ) from None
        return
    house.start(programs.embedded_broker(settings))
    house.wait_until(lambda: _pings(client), 30, "The broker")


def _pings(client: "redis.Redis") -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:  # also while it still loads
        return False


def _prepare_database(settings: Settings) -> str:
    """Bring the tables up to date, open the sample newsroom once, and make the login link. Raises SettingError."""
    engine = make_engine(settings.database)
    now = datetime.now(UTC)
    try:
        migrations.upgrade(engine)
        with Session(engine) as session:
            if settings.newsroom:
                seed(session, settings, now)
            staff = accounts.add(session, ADMINISTRATOR, Role.ADMINISTRATOR, now)
            link = sessions.make_link(session, staff, now, LINK_LIFETIME)
            audit.record(session, "postroom up", "staff.link_made", staff.address, "", now)
            session.commit()
            return Links(settings.secret, settings.base_url).login(link.id)
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", error)).strip().splitlines()[0]
        name = "DATABASE_URL" if settings.database_url else "DATA_DIR"
        raise SettingError(f"{name}: the database cannot be used ({reason})") from None
    finally:
        engine.dispose()


def _start_the_rest(house: Supervisor, settings: Settings) -> None:
    if not settings.smtp_url:
        house.start(programs.inbox())
    house.start(programs.worker(settings))
    house.start(programs.web(settings))
    house.wait_until(lambda: ports.health(settings) > 0, 60, "The web server")
    house.start(programs.beat(settings))  # last: its first tick has the sample newsroom read, over the web
    shown_anyway = time.monotonic() + PATIENCE
    house.wait_until(lambda: ports.health(settings) == 200 or time.monotonic() > shown_anyway, 60, "The web server")
    if not settings.smtp_url:
        house.wait_until(lambda: ports.answers(settings.inbox_page_port), 60, "The inbox")


def _addresses(settings: Settings, login: str) -> Addresses:
    return Addresses(
        newsroom=f"{settings.base_url}/demo" if settings.newsroom else None,
        inbox=None if settings.smtp_url else f"http://localhost:{settings.inbox_page_port}/",
        desk=login,
        queues=f"{settings.base_url}/ops/",
    )

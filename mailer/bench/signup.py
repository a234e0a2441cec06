"""`postroom bench signup`: the sign-up door through the real web server, each answer with its row committed."""

import asyncio
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mailer.bench.processes import usage
from mailer.bench.scratch import NotMeasured, Scratch, scratch, web
from mailer.bench.visitors import Answered, Post, rush
from mailer.config import Settings
from mailer.db import make_engine
from mailer.embedded import ports
from mailer.newsletters import catalogue
from mailer.subscriptions.models import OwedLetter

SLUG = "bench"
PATH = f"/s/{SLUG}"
WARM_UP = 200
"""Sign-ups before the clock starts: every process has compiled its statements then."""


@dataclass(frozen=True)
class Measured:
    """One run. The milliseconds are what a visitor waits, `cpu_seconds` those of the web server, all its processes."""

    signups: int
    clients: int
    seconds: float
    per_second: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    cpu_seconds: float | None
    cpu_seconds_per_1000: float | None
    peak_rss_mb: float | None
    database: str
    redis: str


def measure(settings: Settings, signups: int, clients: int, redis: bool, note: Callable[[str], None]) -> Measured:
    """Sign `signups` new addresses up, over `clients` connections at a time. Raises NotMeasured."""
    with door(settings, redis) as place, web(place) as pid:
        port = place.settings.port
        asyncio.run(rush(port, PATH, posts(0, WARM_UP), clients))
        note(f"{WARM_UP} to warm up, now {signups}")
        before, start = usage(pid), time.perf_counter()
        answers = asyncio.run(rush(port, PATH, posts(WARM_UP, signups), clients))
        seconds, after = time.perf_counter() - start, usage(pid)
        _check(place, answers)
        cpu = round(after.cpu_seconds - before.cpu_seconds, 2) if before and after else None
        waited = sorted(answer.milliseconds for answer in answers)
        return Measured(
            signups=signups,
            clients=clients,
            seconds=round(seconds, 2),
            per_second=round(signups / seconds, 1),
            p50_ms=percentile(waited, 50),
            p95_ms=percentile(waited, 95),
            p99_ms=percentile(waited, 99),
            cpu_seconds=cpu,
            cpu_seconds_per_1000=round(cpu / signups * 1000, 3) if cpu is not None else None,
            peak_rss_mb=after.peak_rss_mb if after else None,
            database=place.settings.database.partition(":")[0].partition("+")[0],
            redis="up" if redis else "down",
        )


@contextmanager
def door(settings: Settings, redis: bool) -> Iterator[Scratch]:
    """A place with one newsletter, whose form takes whatever comes: a form under guard would measure the visitors."""
    more = {
        "PORT": str(ports.free()),
        "TRUSTED_PROXIES": "1",
        "SIGNUPS_PER_MINUTE": "1000000000",
        "WEB_WORKERS": str(settings.web_workers),
        "WEB_THREADS": str(settings.web_threads),
    }
    if not redis:
        more["REDIS_URL"] = f"redis://127.0.0.1:{ports.free()}/0"
    with scratch(settings, "smtp://127.0.0.1:9", **more) as place:
        engine = make_engine(place.settings.database)
        new = catalogue.NewNewsletter(
            SLUG, title="Bench Brief", sender_name="Bench", sender_address="brief@bench.example"
        )
        with Session(engine) as session:
            catalogue.add(session, new, datetime.now(UTC))
            session.commit()
        engine.dispose()
        yield place


def posts(first: int, count: int) -> Iterator[Post]:
    """Sign-ups of addresses that nobody knows yet, each from a network of its own."""
    for number in range(first, first + count):
        yield Post(number, {"email": f"reader{number}@bench.example", "ref": secrets.token_urlsafe(16)})


def percentile(waited: list[float], share: int) -> float:
    """The milliseconds that this many of a hundred did not have to wait longer than; `waited` is sorted."""
    return round(waited[max(0, -(-len(waited) * share // 100) - 1)], 2)


def _check(place: Scratch, answers: list[Answered]) -> None:
    if others := [answer for answer in answers if answer.status != 200 or b'"pending"' not in answer.body]:
        raise NotMeasured(f"{len(others)} sign-ups were not let in: {others[0].status} {others[0].body[:200]!r}")
    engine = make_engine(place.settings.database)
    with Session(engine) as session:
        rows = session.scalar(select(func.count()).select_from(OwedLetter))
    engine.dispose()
    if rows != WARM_UP + len(answers):
        raise NotMeasured(f"{rows} rows stand there for {WARM_UP + len(answers)} sign-ups")

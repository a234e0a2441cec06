"""`postroom bench …`: measure the real pipeline."""

from dataclasses import asdict
from typing import Any

import click

from mailer.bench import digest as composing
from mailer.bench import signup as signing_up
from mailer.bench import states as comparing
from mailer.bench.scratch import NotMeasured
from mailer.bench.send import measure
from mailer.cli.console import Console, Refusal, command
from mailer.config import Relay


@click.group()
def bench() -> None:
    """Measure what sending and signing up cost on this machine."""


@command(bench, name="send")
@click.option("--readers", type=click.IntRange(1, 10_000_000), default=10_000, show_default=True, help="How many.")
@click.option("--size", type=click.IntRange(1, 1000), default=20, show_default=True, help="KB of one message, about.")
@click.option("--relay", required=True, help="An SMTP sink, smtp://HOST:PORT. It receives all of it.")
def send(console: Console, readers: int, size: int, relay: str) -> None:
    """Send one issue to made-up readers: real worker, real broker, a database of its own on DATABASE_URL's server.

    Never point --relay at a real mail server.
    """
    try:
        Relay.from_url(relay)
        measured = measure(console.settings, readers, size, relay, console.note)
    except (NotMeasured, ValueError) as reason:
        raise Refusal(str(reason)) from None
    _say(console, asdict(measured))


@command(bench, name="digest")
@click.option(
    "--subscribers", type=click.IntRange(100, 10_000_000), default=100_000, show_default=True, help="How many."
)
@click.option("--topics", type=click.IntRange(1, 60), default=12, show_default=True, help="Topics to choose from.")
@click.option("--days", type=click.IntRange(7, 400), default=30, show_default=True, help="Days of issues behind them.")
def digest(console: Console, subscribers: int, topics: int, days: int) -> None:
    """Store articles, choose, fan out and render one issue for made-up readers who have received others.

    On a database of its own beside DATABASE_URL's; a million readers with thirty days behind them take 5 GB of it.
    """
    try:
        measured = composing.measure(console.settings, subscribers, topics, days, console.note)
    except NotMeasured as reason:
        raise Refusal(str(reason)) from None
    _say(console, asdict(measured))


@command(bench, name="signup")
@click.option("--signups", type=click.IntRange(1, 1_000_000), default=5_000, show_default=True, help="How many.")
@click.option("--clients", type=click.IntRange(1, 500), default=8, show_default=True, help="How many at a time.")
@click.option("--redis/--no-redis", default=True, show_default=True, help="With the broker, or with none.")
def signup(console: Console, signups: int, clients: int, redis: bool) -> None:
    """Sign new addresses up: real web server, real broker, a database of its own on DATABASE_URL's server."""
    try:
        measured = signing_up.measure(console.settings, signups, clients, redis, console.note)
    except (NotMeasured, OSError) as reason:
        raise Refusal(str(reason)) from None
    _say(console, asdict(measured))


@command(bench, name="states")
@click.option("--rounds", type=click.IntRange(1, 100_000), default=2_000, show_default=True, help="How many of each.")
def states(console: Console, rounds: int) -> None:
    """Sign up addresses of six states in turn: does the answer, or its time, say what is known about them?"""
    try:
        compared = comparing.compare(console.settings, rounds, console.note)
    except (NotMeasured, OSError) as reason:
        raise Refusal(str(reason)) from None
    _say(console, asdict(compared))


def _say(console: Console, measured: dict[str, Any]) -> None:
    lines = [f"{name.replace('_', ' '):22}{value}" for name, value in measured.items()]
    console.answer(measured, "\n".join(lines))


commands: list[click.Command] = [bench]

"""`postroom bench …`: measure the real pipeline."""

from dataclasses import asdict

import click

from mailer.bench.scratch import NotMeasured
from mailer.bench.send import measure
from mailer.cli.console import Console, Refusal, command
from mailer.config import Relay


@click.group()
def bench() -> None:
    """Measure what sending costs on this machine."""


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
    lines = [f"{name.replace('_', ' '):22}{value}" for name, value in asdict(measured).items()]
    console.answer(asdict(measured), "\n".join(lines))


commands: list[click.Command] = [bench]

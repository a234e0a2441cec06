"""`postroom up`, and the commands of the Procfile."""

import os
from dataclasses import asdict

import click

from mailer import migrations
from mailer.cli import doctor
from mailer.cli.console import Console, Refusal, command
from mailer.embedded import programs
from mailer.embedded.folder import Refused
from mailer.embedded.programs import Program
from mailer.embedded.supervisor import StartFailed
from mailer.embedded.up import Addresses
from mailer.embedded.up import up as start_everything


@command(name="up")
def up(console: Console) -> None:
    """Start everything here and say what to open. Ctrl-C ends it."""

    def announce(addresses: Addresses) -> None:
        console.answer(asdict(addresses), _welcome(addresses, str(console.settings.data_dir)))

    try:
        start_everything(console.settings, os.environ, console.note, announce)
    except (Refused, StartFailed) as reason:
        raise Refusal(str(reason)) from None


@command(name="migrate")
def migrate(console: Console) -> None:
    """Bring the tables of the database up to date. Safe to repeat."""
    migrations.upgrade(console.engine)
    console.answer({"migrated": True}, "The tables are up to date.")


@command(name="web")
def web(console: Console) -> None:
    """Run the web server."""
    _become(console, programs.web(console.settings))


@command(name="worker")
def worker(console: Console) -> None:
    """Run the worker, for every queue."""
    _become(console, programs.worker(console.settings))


@command(name="beat")
def beat(console: Console) -> None:
    """Run the clock. Exactly one of it."""
    _become(console, programs.beat(console.settings))


def _become(console: Console, program: Program) -> None:
    """Go on as that program; signals reach it directly."""
    assert console.settings.secret  # a missing one is a sentence here and a traceback there
    os.execvp(program.command[0], program.command)  # noqa: S606  # our own command line


def _welcome(addresses: Addresses, folder: str) -> str:
    lines = [
        ("The sample newsroom", addresses.newsroom),
        ("The inbox, for every mail sent from here", addresses.inbox),
        ("The desk, this link logs you in once", addresses.desk),
        ("The queue board, after that", addresses.queues),
    ]
    shown = "\n".join(f"  {what}\n    {address}" for what, address in lines if address)
    return f"\nPostroom is running. Open:\n\n{shown}\n\nEverything is kept in {folder}/. Ctrl-C ends it.\n"


commands: list[click.Command] = [up, migrate, web, worker, beat, doctor.doctor]

"""The operator's command line: `postroom --help`."""

import sys

import click
from sqlalchemy.exc import OperationalError, ProgrammingError

from mailer.cli import (
    bench,
    corrections,
    holding,
    imports,
    issues,
    newsletters,
    rehearsal,
    run,
    schedules,
    sources,
    staff,
    steering,
    subscribers,
)
from mailer.config import SettingError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="postroom")
def cli() -> None:
    """Postroom: newsletters for newsrooms. Every command takes --json."""


for _commands in (
    run.commands,
    staff.commands,
    newsletters.commands,
    schedules.commands,
    sources.commands,
    issues.commands,
    subscribers.commands,
    imports.commands,
    bench.commands,
):
    for _command in _commands:
        cli.add_command(_command)

for _command in (*corrections.commands, *holding.commands, *rehearsal.commands):
    issues.issues.add_command(_command)

for _command in steering.commands:
    sources.sources.add_command(_command)


def main() -> None:
    """Entry of the `postroom` command. Exit status: 0 done, 1 refused with a sentence, 2 wrong use."""
    try:
        cli(standalone_mode=True)
    except SettingError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    except (OperationalError, ProgrammingError) as error:
        click.echo(_about_the_database(str(error.orig).strip().splitlines()[0]), err=True)
        sys.exit(1)


def _about_the_database(said: str) -> str:
    if "no such table" in said or ("relation" in said and "does not exist" in said):
        return "The database has no tables yet: run `postroom migrate`."
    if "unable to open database file" in said:
        return "There is no database in DATA_DIR: `postroom up` makes one, or set DATABASE_URL."
    return f"The database cannot be used: {said}"

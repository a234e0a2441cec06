"""What every command shares: settings, a database session, and one way to answer in words or in JSON."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any

import click
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from mailer.config import Settings, load_settings
from mailer.db import make_engine
from mailer.links import Links

ACTOR = "command line"
"""Who did it, in audit events."""


@dataclass
class Console:
    """One run of one command."""

    as_json: bool

    @cached_property
    def settings(self) -> Settings:
        """Raises SettingError, which ends the command with its text."""
        return load_settings(os.environ)

    @cached_property
    def engine(self) -> Engine:
        return make_engine(self.settings.database)

    @cached_property
    def links(self) -> Links:
        return Links(self.settings.secret, self.settings.base_url)

    @property
    def reach(self) -> dict[str, Any]:
        """What everything that reads a source is told: how far it may lie, and who asks."""
        return {"allow_private": self.settings.private_sources, "base_url": self.settings.base_url}

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session; the command commits (it is a door), an error rolls back."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    def answer(self, data: Any, text: str) -> None:
        """The result, once per command: `data` with --json, else `text`."""
        click.echo(json.dumps(data, ensure_ascii=False, default=str, indent=2) if self.as_json else text)

    def note(self, text: str) -> None:
        """A word on the way (progress, a bad row). Goes to standard error, so that --json stays JSON."""
        click.echo(text, err=True)


class Refusal(click.ClickException):
    """The command cannot do this; the text says why and what to do. Exit status 1."""


def command(group: click.Group | None = None, **options: Any) -> Callable[[Callable[..., None]], click.Command]:
    """Make a function a command with --json; its first argument is the Console."""

    def decorate(function: Callable[..., None]) -> click.Command:
        @click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
        @wraps(function)
        def run(as_json: bool, **arguments: Any) -> None:
            function(Console(as_json), **arguments)

        make = group.command if group is not None else click.command
        return make(**options)(run)

    return decorate

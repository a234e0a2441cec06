"""The command line, run as an operator runs it."""

import json
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from mailer.cli import issues, newsletters, schedules, staff
from tests.conftest import SECRET
from tests.services.valkey import Valkey


class Postroom:
    """`postroom` with settings of its own."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        groups = (newsletters.newsletters, schedules.schedules, schedules.holidays, issues.issues, staff.staff)
        self.cli = click.Group(commands={group.name or "": group for group in groups})

    def run(self, *arguments: object) -> Result:
        return CliRunner().invoke(self.cli, [str(argument) for argument in arguments], env=self.environment)

    def says(self, *arguments: object) -> str:
        """What a command that works prints."""
        result = self.run(*arguments)
        assert result.exit_code == 0, result.output
        return result.stdout

    def answers(self, *arguments: object) -> Any:
        """What a command that works answers in JSON."""
        return json.loads(self.says(*arguments, "--json"))

    def refuses(self, *arguments: object) -> str:
        """The sentence of a command that does not do it."""
        result = self.run(*arguments)
        assert result.exit_code == 1, result.output
        return result.stderr.strip().removeprefix("Error: ")

    def misused(self, *arguments: object) -> str:
        """The sentence of a command that was written wrongly."""
        result = self.run(*arguments)
        assert result.exit_code == 2, result.output
        return result.stderr.strip().splitlines()[-1]


@pytest.fixture
def postroom(database_url: str, broker: Valkey, tmp_path: Path) -> Postroom:
    return Postroom(
        {
            "DATABASE_URL": database_url,
            "REDIS_URL": broker.url,
            "DATA_DIR": str(tmp_path),
            "SECRET_KEY": SECRET,
        }
    )

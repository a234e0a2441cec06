"""The commands of the Procfile, and what they say when they cannot start."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from mailer.cli import cli
from mailer.config import Settings
from tests.conftest import SECRET
from tests.embedded.house import POSTROOM, environ, refused
from tests.embedded.making import eventually, free_block, is_free


def postroom(*words: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([POSTROOM, *words], env=environ(**settings), capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("command", ["web", "worker", "beat"])
def test_without_a_secret_nothing_starts(tmp_path: Path, command: str) -> None:
    said = refused(command, DATA_DIR=str(tmp_path))
    assert said.startswith("SECRET_KEY is not set: write at least 32 random characters")


def test_a_database_that_does_not_answer_is_a_sentence() -> None:
    said = refused("migrate", DATABASE_URL=f"postgresql://nobody@127.0.0.1:{free_block()}/none")
    assert said.startswith("The database cannot be used: connection")
    assert len(said.splitlines()) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
def test_a_command_of_the_procfile_becomes_its_program(tmp_path: Path) -> None:
    port = free_block()
    given = environ(PORT=str(port), SECRET_KEY=SECRET, DATA_DIR=str(tmp_path))
    process = subprocess.Popen([POSTROOM, "web"], env=given, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        eventually(lambda: not is_free(port), 30)
        assert b"gunicorn" in Path(f"/proc/{process.pid}/cmdline").read_bytes()
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


def test_the_doctor_finds_everything_well_but_what_is_not_there(settings: Settings) -> None:
    given = {
        "SECRET_KEY": SECRET,
        "DATABASE_URL": settings.database.replace("+psycopg", ""),
        "REDIS_URL": settings.broker,
        "SMTP_URL": settings.smtp_url,
        "DATA_DIR": str(settings.data_dir),
        "PUBLIC_URL": "https://news.example.org",
    }
    run = postroom("doctor", "--json", **given)
    found = {finding["part"]: finding["verdict"] for finding in json.loads(run.stdout)}
    assert run.returncode == 1
    assert found == {
        "settings": "well",
        "address": "well",
        "folder": "well",
        "database": "well",
        "clock": "broken",
        "workers": "broken",
        "broker": "look",  # the one of the tests keeps nothing on disk
        "relay": "well",
    }


def test_the_doctor_says_what_is_broken_and_what_to_do(tmp_path: Path) -> None:
    port = free_block()
    run = postroom(
        "doctor", DATA_DIR=str(tmp_path), PORT=str(port), SECRET_KEY=SECRET, SMTP_URL=f"smtp://127.0.0.1:{port}"
    )
    assert run.returncode == 1
    assert re.search(
        r"^broken +database +SQLite: the tables are not up to date\. Run: postroom migrate$", run.stdout, re.M
    )
    assert re.search(rf"^broken +relay +127\.0\.0\.1:{port}: ", run.stdout, re.M)
    assert re.search(r"^broken +broker +It does not answer: ", run.stdout, re.M)
    assert re.search(r"^look +address +Links lead to http://localhost:\d+\. Set PUBLIC_URL", run.stdout, re.M)


def test_the_doctor_names_every_wrong_setting() -> None:
    run = postroom("doctor", "--json", PORT="many", SECRET_KEY="short")
    assert [finding["sentence"].partition(":")[0] for finding in json.loads(run.stdout)] == ["PORT", "SECRET_KEY"]


def test_every_command_answers_in_json_when_asked() -> None:
    assert [
        name for name, command in _commands(cli) if "as_json" not in {option.name for option in command.params}
    ] == []


def _commands(group: click.Group) -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _commands(command)
        else:
            yield name, command

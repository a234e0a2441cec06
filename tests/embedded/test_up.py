import os
import signal
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mailer.config import Settings
from tests.embedded.house import House, refused, status
from tests.embedded.making import eventually
from tests.services.processes import descendants, still_running


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = House(tmp_path_factory.mktemp("house") / "var")
    yield house
    house.end(signal.SIGKILL)


def test_it_says_what_to_open_and_all_of_it_opens(house: House) -> None:
    web, page = f"http://localhost:{house.port}/", f"http://localhost:{house.port + 3}/"
    assert status(house.address(web + "demo")) == 200
    assert status(house.address(page)) == 200
    assert status(house.address(web + "desk/login/")) == 200
    assert status(house.address(web + "ops")) == 200
    eventually(lambda: status(web + "healthz") == 200)


def test_what_is_secret_can_be_read_by_nobody_else(house: House) -> None:
    assert house.folder.stat().st_mode & 0o777 == 0o700
    assert (house.folder / "secret_key").stat().st_mode & 0o777 == 0o600
    secret = (house.folder / "secret_key").read_text()
    assert len(secret) >= 32
    listing = " ".join(each.command for each in descendants(house.process.pid))
    assert secret not in listing
    assert "requirepass" not in listing


def test_the_broker_asks_for_a_password(house: House) -> None:
    with socket.create_connection(("127.0.0.1", house.port + 1)) as connection:
        connection.sendall(b"PING\r\n")
        assert connection.recv(99).startswith(b"-NOAUTH")


def test_a_killed_worker_is_replaced_within_two_seconds(house: House) -> None:
    before = house.kill("worker.app worker")
    eventually(lambda: house.child("worker.app worker") not in (None, before), 2)
    eventually(lambda: "worker ended by SIGKILL. Starting it again." in house.said, 2)


def test_a_killed_broker_comes_back_and_everybody_finds_it(house: House) -> None:
    house.kill("valkey-server")
    eventually(lambda: "broker ended by SIGKILL. Starting it again." in house.said, 2)
    eventually(lambda: status(f"http://localhost:{house.port}/healthz") == 200)


def test_a_second_one_in_the_same_folder_is_refused(house: House) -> None:
    said = refused(DATA_DIR=str(house.folder), PORT=str(house.port))
    assert f"Postroom already runs on {house.folder}, as process {house.process.pid}." in said


def test_a_taken_port_is_named_with_its_setting(house: House, tmp_path: Path) -> None:
    said = refused(DATA_DIR=str(tmp_path / "other"), PORT=str(house.port))
    for number, part in enumerate(("web server", "broker", "inbox", "page of the inbox")):
        assert f"PORT: {house.port + number}, for the {part}, is taken." in said
    assert said.count("or set REDIS_URL") == 1
    assert said.count("or set SMTP_URL") == 2


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_ctrl_c_ends_everything_and_the_next_one_finds_the_same_data(start: Callable[..., House]) -> None:
    house = start()
    children = descendants(house.process.pid)
    assert len(children) >= 5
    assert house.end(signal.SIGINT) == 0
    assert still_running(children) == []
    assert "Traceback" not in house.said
    newsletters, secret = _newsletters(house.folder), (house.folder / "secret_key").read_text()

    started = time.monotonic()
    house = start(house.port)
    assert time.monotonic() - started < 10 * _slowness()
    assert _newsletters(house.folder) == newsletters
    assert (house.folder / "secret_key").read_text() == secret

    children = descendants(house.process.pid)
    house.end(signal.SIGKILL)
    house = start(house.port)  # waits for what the killed one left
    eventually(lambda: not still_running(children), 60)  # the worker may take its grace, and has lost its broker
    assert house.end(signal.SIGTERM) == 0


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_what_is_named_in_the_settings_is_not_started(start: Callable[..., House], settings: Settings) -> None:
    house = start(
        DATABASE_URL=settings.database.replace("+psycopg", ""),
        REDIS_URL=settings.redis_url,
        SMTP_URL=settings.smtp_url,
        PUBLIC_URL="https://news.example.org",
    )
    assert {name for name in ("valkey-server", "embedded.inbox") if house.child(name) is not None} == set()
    assert "sample newsroom" not in house.said
    assert "The inbox" not in house.said
    assert house.address("https://news.example.org/desk/login/")
    eventually(lambda: status(f"http://localhost:{house.port}/healthz") == 200)
    assert house.end(signal.SIGTERM) == 0
    assert not (house.folder / "postroom.sqlite").exists()


def _newsletters(folder: Path) -> list[tuple[object, ...]]:
    with sqlite3.connect(folder / "postroom.sqlite") as connection:
        return connection.execute("SELECT id, slug, created_at FROM newsletters ORDER BY id").fetchall()


def _slowness() -> float:
    """How many processes wait for each core: a time limit means nothing on a machine that others keep busy."""
    return max(os.getloadavg()[0] / (os.cpu_count() or 1), 1)

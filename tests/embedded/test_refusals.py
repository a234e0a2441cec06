"""What cannot start says so in a sentence, and which setting to change."""

import socket
from pathlib import Path

from tests.embedded.house import refused
from tests.embedded.making import free_block


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    said = refused(DATA_DIR=str(tmp_path / "file" / "var"))
    assert said.startswith(f"DATA_DIR: {tmp_path}/file/var cannot be written (Not a directory).")


def test_wrong_settings_are_named_all_at_once(tmp_path: Path) -> None:
    said = refused(DATA_DIR=str(tmp_path), PORT="eight thousand", REDIS_URL="localhost", SECRET_KEY="short")
    assert [line.partition(":")[0] for line in said.splitlines()] == ["PORT", "REDIS_URL", "SECRET_KEY"]


def test_a_secret_that_was_damaged(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("cut of")
    assert "SECRET_KEY: " in refused(DATA_DIR=str(tmp_path), PORT=str(free_block()))


def test_a_database_that_does_not_answer(tmp_path: Path) -> None:
    port = free_block()
    settings = {"DATABASE_URL": f"postgresql://nobody@127.0.0.1:{port + 9}/none", "REDIS_URL": ""}
    assert refused(DATA_DIR=str(tmp_path), PORT=str(port), **settings).startswith("DATABASE_URL: ")


def test_a_broker_that_does_not_answer(tmp_path: Path) -> None:
    port = free_block()
    said = refused(DATA_DIR=str(tmp_path), PORT=str(port), REDIS_URL=f"redis://127.0.0.1:{port + 9}/0")
    assert said.startswith("REDIS_URL: no Redis or Valkey answers there")


def test_a_port_that_somebody_else_listens_on(tmp_path: Path) -> None:
    port = free_block()
    with socket.create_server(("127.0.0.1", port + 2)):
        said = refused(DATA_DIR=str(tmp_path), PORT=str(port))
    assert said.startswith(f"PORT: {port + 2}, for the inbox, is taken.")
    assert "or set SMTP_URL" in said


def test_a_broker_whose_file_is_broken_says_where_to_read_on(tmp_path: Path) -> None:
    folder = tmp_path / "broker" / "appendonlydir"
    folder.mkdir(parents=True)
    (folder / "appendonly.aof.manifest").write_text("nonsense\n")
    said = refused(DATA_DIR=str(tmp_path), PORT=str(free_block()))
    assert "broker ended with status 1" in said
    assert f"The whole story is in {tmp_path}/logs/broker.log." in said

"""Who may import whom. The contracts themselves stand in pyproject.toml."""

import subprocess
import sys
from pathlib import Path

from tests.architecture.tree import HOME, imports, python_files, short


def test_the_import_contracts_are_kept() -> None:
    run = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"], cwd=HOME, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stdout


def test_one_file_asks_over_http_beside_the_room_that_fetches() -> None:
    asking = {
        short(path)
        for path in python_files("mailer", "worker")
        if {"urllib.request", "http.client"} & set(imports(path))
    }
    assert asking == {"mailer/embedded/ports.py"}


def test_no_mail_is_written_by_the_standard_library() -> None:
    writers = ("smtplib", "email.mime", "email.generator", "email.header", "email.headerregistry")
    users = [
        (short(path), name)
        for path in python_files("mailer", "worker")
        for name in imports(path)
        if name.startswith(writers)
    ]
    assert users == []

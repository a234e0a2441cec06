"""The pleasant side: short files, documented settings, nothing of one machine."""

import re

import pytest

from mailer.config import Settings
from tests.architecture.tree import HOME, python_files, short, tracked

LONGEST = {"mailer": 300, "worker": 300, "bin": 300, "tests": 400}
"""Lines; tests are read one by one."""

BINARY = {".jpg", ".png", ".ico", ".woff2", ".gz"}
MACHINE = re.compile(r"/work/(main|shared)|/root/|/home/\w+/")


@pytest.mark.parametrize("folder", LONGEST)
def test_no_file_is_long(folder: str) -> None:
    lengths = {short(path): len(path.read_text().splitlines()) for path in python_files(folder)}
    long = {name for name, lines in lengths.items() if lines > LONGEST[folder] and "migrations/versions" not in name}
    assert long == set()


def test_every_setting_is_in_the_readme() -> None:
    readme = (HOME / "README.md").read_text()
    assert [name.upper() for name in Settings.model_fields if f"`{name.upper()}`" not in readme] == []


def test_every_setting_says_what_it_is_for() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_nothing_names_a_place_on_one_machine() -> None:
    me = short(HOME / "tests/architecture/test_files.py")
    text_files = [path for path in tracked() if path.suffix not in BINARY and short(path) != me]
    assert [short(path) for path in text_files if MACHINE.search(path.read_text(errors="replace"))] == []

"""Rooms change rows; doors and tasks commit, and say what time it is."""

import re

from tests.architecture.tree import python_files, rooms, short

CLOCKS = re.compile(r"datetime\.(now|utcnow|today)\(|date\.today\(|\btime\.time\(")


def test_rooms_never_commit() -> None:
    assert [short(path) for path in rooms() if ".commit(" in path.read_text()] == []


WITH_A_CLOCK = ["mailer/articles/source.py"]
"""Talks over the network, where answers name dates."""


def test_rooms_are_told_what_time_it_is() -> None:
    assert [short(path) for path in rooms() if CLOCKS.search(path.read_text())] == WITH_A_CLOCK


def test_tasks_open_no_doors() -> None:
    doors = ("mailer.web", "mailer.cli", "mailer.app")
    assert [short(path) for path in python_files("worker") if any(door in path.read_text() for door in doors)] == []


def test_the_command_line_needs_no_flask() -> None:
    assert [
        short(path) for path in python_files("mailer/cli") if re.search(r"\bflask\b|mailer\.app\b", path.read_text())
    ] == []


REWRITES_A_PROOF = re.compile(r"\b(update|delete)\(ConsentRecord")


def test_proofs_are_only_added() -> None:
    """But for two readers who become one: the proofs follow them, and nothing in them changes."""
    files = [*python_files("mailer"), *python_files("worker")]
    assert [short(path) for path in files if REWRITES_A_PROOF.search(path.read_text())] == [
        "mailer/subscriptions/merging.py"
    ]

"""The files of the house."""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

HOME = Path(__file__).parents[2]
ROOMS = ("ops", "delivery", "digests", "articles", "subscriptions", "newsletters", "emails", "staff")


def python_files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (HOME / folder).rglob("*.py"))


def rooms() -> list[Path]:
    return python_files(*(f"mailer/{room}" for room in ROOMS))


def templates() -> list[Path]:
    return sorted((HOME / "mailer").rglob("templates/**/*.html"))


def tracked() -> list[Path]:
    """What is or will be in the repository; everything here when this is no clone."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=HOME, capture_output=True, text=True
    )
    if listing.returncode:
        return [path for path in HOME.rglob("*") if path.is_file() and not path.parts[len(HOME.parts)].startswith(".")]
    return [path for name in listing.stdout.splitlines() if (path := HOME / name).is_file()]


def imports(path: Path) -> Iterator[str]:
    """Full names of what a file imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def short(path: Path) -> str:
    return path.relative_to(HOME).as_posix()

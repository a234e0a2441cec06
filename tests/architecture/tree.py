"""The files of the house."""

import ast
import shutil
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
    """What is or will be in the repository; everything that is not hidden where this is no clone."""
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    if (HOME / ".git").exists() and shutil.which("git"):
        names = subprocess.run(listing, cwd=HOME, capture_output=True, text=True, check=True).stdout.splitlines()
        return [path for name in names if (path := HOME / name).is_file()]
    folders = [path for path in HOME.iterdir() if path.name != "var" and not path.name.startswith(".")]
    found = [path for folder in folders for path in (folder.rglob("*") if folder.is_dir() else [folder])]
    return [path for path in found if path.is_file() and "__pycache__" not in path.parts]


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

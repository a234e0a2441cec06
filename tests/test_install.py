"""bin/install.py, in copies of what it reads; nothing is fetched here."""

import ast
import re
import shutil
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest

HOME = Path(__file__).parents[1]
LOCKS = ("requirements.lock", "requirements-dev.lock")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    shutil.copytree(HOME / "bin", tmp_path / "bin", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", *LOCKS):
        shutil.copy(HOME / name, tmp_path)
    return tmp_path


def install(clone: Path, kind: str = "run", before: str = "", **environ: str) -> "subprocess.CompletedProcess[str]":
    """Run it on a machine with nothing on PATH; `before` is Python that runs first."""
    code = f"""
import runpy, sys
{before}
sys.argv = ["install.py", {kind!r}]
runpy.run_path({str(clone / "bin" / "install.py")!r}, run_name="__main__")
"""
    nothing = clone / "no-programs"
    nothing.mkdir(exist_ok=True)
    return subprocess.run(
        [sys.executable, "-c", code], env={"PATH": str(nothing), **environ}, capture_output=True, text=True, timeout=100
    )


def pins(name: str) -> set[str]:
    return set(re.findall(r"^(\S+==\S+)", (HOME / name).read_text(), re.MULTILINE))


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_a_hash_for_everything_and_no_host(name: str) -> None:
    text = (HOME / name).read_text()
    entries = re.split(r"\n(?=\S)", text.strip())
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []
    assert re.findall(r"https?://|file:|--find-links|--index|/\w+/", text) == []


def test_what_runs_is_what_was_tested() -> None:
    assert pins("requirements.lock") <= pins("requirements-dev.lock")


def test_the_lock_holds_what_the_project_asks_for() -> None:
    project = tomllib.loads((HOME / "pyproject.toml").read_text())
    groups = project["dependency-groups"]["dev"]
    asked = [*project["project"]["dependencies"], *(entry for entry in groups if isinstance(entry, str))]
    locked = {pin.partition("==")[0].partition("[")[0] for pin in pins("requirements-dev.lock")}
    names = {re.split(r"[\[<>=; ]", entry)[0].lower().replace("_", "-") for entry in asked}
    assert names - locked == set()


def test_an_old_python_can_read_it() -> None:
    ast.parse((HOME / "bin" / "install.py").read_text(), feature_version=(3, 6))


def test_an_old_python_says_that_it_is_too_old(clone: Path) -> None:
    run = install(clone, before="sys.version_info = (3, 9, 2)")
    assert (run.returncode, run.stderr) == (1, "Python 3.11 or newer is needed, this is 3.9.\n")


def test_wrong_use_is_told_the_right_one(clone: Path) -> None:
    run = install(clone, "everything")
    assert (run.returncode, run.stderr) == (2, "Write: python3 bin/install.py [run|dev]\n")


@pytest.mark.parametrize("kind", ["run", "dev"])
def test_the_second_time_is_silent_and_quick(clone: Path, kind: str) -> None:
    finish(clone, kind)
    began = time.monotonic()
    run = install(clone, kind)
    assert (run.returncode, run.stderr) == (0, "")
    assert time.monotonic() - began < 1


def test_what_was_installed_for_tests_serves_to_run(clone: Path) -> None:
    finish(clone, "dev")
    assert install(clone, "run").stderr == ""


def finish(clone: Path, kind: str) -> None:
    """Leave what a finished installation leaves."""
    code = f"""
import importlib.util
spec = importlib.util.spec_from_file_location("install", {str(clone / "bin" / "install.py")!r})
module = importlib.util.module_from_spec(spec); spec.loader.exec_module(module)
module.PYTHON.parent.mkdir(parents=True); module.PYTHON.symlink_to({sys.executable!r})
module.STAMP.write_text("\\n".join([module.place(), *map(module.contents, module.INCLUDES[{kind!r}])]))
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_without_ensurepip_it_says_what_to_type(clone: Path) -> None:
    run = install(clone, before="sys.modules['ensurepip'] = None")
    assert run.returncode == 1
    assert "This Python cannot make virtual environments. Type: sudo apt-get install python3" in run.stderr


def test_a_folder_that_cannot_be_written_is_a_sentence(clone: Path) -> None:
    run = install(clone, before="import os; os.access = lambda *_: False")
    assert (run.returncode, run.stderr) == (
        1,
        f"This folder cannot be written: {clone}. Make it writable, or clone it elsewhere.\n",
    )


@pytest.mark.slow
def test_without_a_network_it_says_so_and_the_next_try_starts_over(clone: Path) -> None:
    away = {"PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_RETRIES": "0", "PIP_FIND_LINKS": ""}
    for again in (False, True):
        run = install(clone, **away)
        assert run.returncode == 1
        assert "Traceback" not in run.stderr
        assert "The packages could not be installed. The reason given: ERROR: " in run.stderr
        assert "Look whether the network is up" in run.stderr
        assert ("Making .venv again" in run.stderr) == again

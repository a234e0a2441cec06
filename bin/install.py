"""Make .venv and put everything into it: `python3 bin/install.py [run|dev]`.

Standard library only, and the syntax of Python 3.6, so that an old Python can say that it is too old.
The second time costs a look at a stamp. An interrupted run leaves no stamp, and the next one starts over.
"""

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

NEWER = ("python3.11", "python3.12", "python3.13", "python3.14")

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed"
LOG = VENV / "install.log"
LOCKS = {"run": ROOT / "requirements.lock", "dev": ROOT / "requirements-dev.lock"}
INCLUDES = {"run": ("run",), "dev": ("run", "dev")}


class CannotInstall(Exception):
    """The text says why and what to do."""


def main(arguments: "list[str]") -> int:
    """Exit status: 0 installed (or there already), 1 refused with a sentence, 2 wrong use."""
    kind = arguments[0] if arguments else "run"
    if kind not in LOCKS or len(arguments) > 1:
        say("Write: python3 bin/install.py [run|dev]")
        return 2
    if sys.version_info < (3, 11):  # noqa: UP036  # this file also runs where nothing else of ours does
        return hand_over(arguments)
    try:
        if not is_installed(kind):
            install(kind)
    except (CannotInstall, OSError) as reason:
        say(str(reason))
        return 1
    except KeyboardInterrupt:
        say("Stopped. The next try starts over.")
        return 130
    return 0


def hand_over(arguments: "list[str]") -> int:
    """Go on under a newer Python if there is one on PATH: does not return then."""
    check = "import sys; sys.exit(sys.version_info < (3, 11))"
    for path in filter(None, map(shutil.which, NEWER)):
        if attempt([path, "-c", check]) is None:
            os.execv(path, [path, __file__, *arguments])
    say("Python 3.11 or newer is needed, this is {}.{}.".format(*sys.version_info))
    return 1


def is_installed(kind: str) -> bool:
    """Whether an earlier run finished with the same lock, project, Python and folder."""
    return PYTHON.exists() and read_stamp() >= {place(), contents(kind)}


def read_stamp() -> "set[str]":
    """The lines of the stamp; none when the last installation did not finish."""
    try:
        return set(STAMP.read_text(encoding="utf-8").splitlines())
    except OSError:
        return set()


def place() -> str:
    """What a virtual environment is bound to."""
    return "Python {}.{} in {}".format(*sys.version_info[:2], VENV)


def contents(kind: str) -> str:
    """What is put into it."""
    digest = hashlib.sha256(LOCKS[kind].read_bytes() + (ROOT / "pyproject.toml").read_bytes())
    return f"{kind} {digest.hexdigest()}"


def install(kind: str) -> None:
    """Bring .venv to the state of the lock. Raises CannotInstall."""
    if not os.access(str(ROOT), os.W_OK):
        raise CannotInstall(f"This folder cannot be written: {ROOT}. Make it writable, or clone it elsewhere.")
    with Path(__file__).open("rb") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)  # `make run` and `make test` at once: one waits for the other
        if is_installed(kind):
            return
        if place() in read_stamp() and PYTHON.exists():
            STAMP.unlink()
        else:
            make_venv()
        say(f"Installing {LOCKS[kind].name} into .venv, which takes up to a minute the first time.")
        install_packages(LOCKS[kind])
        lines = [place(), *(contents(each) for each in INCLUDES[kind])]
        STAMP.write_text("\n".join(lines), encoding="utf-8")
    if kind == "dev":
        install_chromium()


def make_venv() -> None:
    """A fresh .venv: by Python, else by uv, else by Python after adding Debian's package. Raises CannotInstall."""
    if os.path.lexists(str(VENV)):
        say("Making .venv again: it is unfinished, was moved, or belongs to another Python.")
        remove(VENV)
    uv = shutil.which("uv")
    if uv and not has_ensurepip():
        trouble = attempt([uv, "venv", "--quiet", "--python", sys.executable, str(VENV)])
    else:
        if not has_ensurepip():
            add_ensurepip()
        trouble = attempt([sys.executable, "-m", "venv", str(VENV)])
    if trouble:
        raise CannotInstall(f"Python could not make a virtual environment in {VENV}: {trouble}")


def remove(path: Path) -> None:
    """Whatever it is: a folder, a file, a link."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(str(path))
    else:
        path.unlink()


def has_ensurepip() -> bool:
    """Debian and Ubuntu leave it out of python3, and with it the making of virtual environments."""
    importlib.invalidate_caches()
    return importlib.util.find_spec("ensurepip") is not None


def add_ensurepip() -> None:
    """From Debian's package. Raises CannotInstall where we may not add that ourselves."""
    package = "python{}.{}-venv".format(*sys.version_info)
    if not apt_install(package) or not has_ensurepip():
        raise CannotInstall(
            f"This Python cannot make virtual environments. Type: sudo apt-get install {package} "
            "(elsewhere: what your system calls it), then try again."
        )


def install_packages(lock: Path) -> None:
    """Everything in the lock, each file checked against its hash; then this project, editable. Raises CannotInstall."""
    locked = ["--require-hashes", "--only-binary", ":all:", "-r", str(lock)]
    project = ["--no-deps", "--no-build-isolation", "-e", str(ROOT)]
    trouble = "there is neither pip nor uv"
    for installer in installers():
        trouble = attempt([*installer, *locked]) or attempt([*installer, *project]) or ""
        if not trouble:
            return
    raise CannotInstall(
        f"The packages could not be installed. The reason given: {trouble}\n"
        f"Look whether the network is up and pip reaches its index; the whole story is in {LOG}."
    )


def installers() -> "list[list[str]]":
    """What can install, the quickest first."""
    uv = shutil.which("uv")
    pip = [str(PYTHON), "-m", "pip"]
    found = [[uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", str(PYTHON)]] if uv else []
    if attempt([*pip, "--version"]) is None:
        found.append([*pip, "install", "--quiet", "--disable-pip-version-check"])
    return found


def install_chromium() -> None:
    """Chromium and what Playwright's driver needs, for the browser tests, which are skipped without them."""
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    drivers = [str(path) for path in VENV.glob("lib/python*/site-packages/playwright/driver/node")]
    if any(map(shutil.which, names)) and all(attempt([driver, "--version"]) is None for driver in drivers):
        return
    packages = ("chromium", "fonts-noto-core", "libatomic1")
    if not apt_install(*packages):
        say("THE BROWSER TESTS WILL BE SKIPPED. To have them, type: sudo apt-get install {}".format(" ".join(packages)))


def apt_install(*packages: str) -> bool:
    """Install packages of Debian or Ubuntu, as root only. False when that is not possible."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    say("Installing {} with apt-get.".format(", ".join(packages)))
    command = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    return attempt(command) is None or (attempt(["apt-get", "update"]) is None and attempt(command) is None)


def attempt(command: "list[str]") -> "str | None":
    """Run it quietly. None when it worked, else the line that says why not."""
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    run = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    output = run.stdout.decode("utf-8", "replace")
    if VENV.is_dir():
        with LOG.open("a", encoding="utf-8") as log:
            log.write("$ {}\n{}\n".format(" ".join(command), output))
    if run.returncode == 0:
        return None
    lines = [line.strip() for line in output.splitlines() if line.strip()] or [f"exit status {run.returncode}"]
    return next((line for line in lines if line.lower().startswith("error")), lines[-1])


def say(text: str) -> None:
    """One line to whoever waits."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

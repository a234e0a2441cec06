"""Fetch what the tests of the WordPress plugin run against: `python3 bin/wordpress.py`. Where it cannot: one loud line.

PHP and MariaDB are installed from Debian; both are programs only, no server is started. WordPress is unpacked into
.venv/wordpress, once as Debian's last release has it and once as the one before: the plugin meets both ways of
loading a module. Nothing outside .venv knows of it.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from install import VENV, apt_install, attempt, say

PACKAGES = ("php-cli", "php-mysql", "mariadb-server-core", "mariadb-client-core")
RELEASES = ("bookworm", "trixie")
WANTED = ("wordpress", "wordpress-theme-twentytwentythree", "libjs-underscore", "libjs-lodash")
HOME = VENV / "wordpress"

APT = """
Dir::State "{folder}/state";
Dir::State::status "{folder}/status";
Dir::Cache "{folder}/cache";
Dir::Etc::SourceList "{folder}/sources.list";
Dir::Etc::SourceParts "/dev/null";
APT::Sandbox::User "root";
Acquire::Languages "none";
"""

SOURCE = "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] {archive} {release} main\n"
ARCHIVE = ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Origin: Debian", "Label: Debian", "Component: main"]
"""Asks where this machine gets its packages from."""


def main() -> int:
    """Always 0: without WordPress its tests are skipped, and say so too."""
    if not programs_are_there() and not apt_install(*PACKAGES):
        say(
            "THE TESTS OF THE WORDPRESS PLUGIN WILL BE SKIPPED. To have them: sudo apt-get install "
            + " ".join(PACKAGES)
        )
        return 0
    for release in RELEASES:
        if not (HOME / release).exists() and (trouble := fetch(release)):
            say(f"WordPress of Debian {release} cannot be had, its tests will be skipped: {trouble}")
    return 0


def programs_are_there() -> bool:
    """Whether PHP with MySQL and MariaDB are installed."""
    php = shutil.which("php")
    has_mysql = php is not None and attempt([php, "-r", "exit((int) !extension_loaded('mysqli'));"]) is None
    return has_mysql and bool(shutil.which("mariadbd") or Path("/usr/sbin/mariadbd").exists())


def debian() -> str:
    """The address of the archive that this machine's apt is set up with; empty when it is not Debian's."""
    if shutil.which("apt-get") is None:
        return ""
    told = subprocess.run(ARCHIVE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.decode()
    return next(iter(told.split()), "")


def fetch(release: str) -> "str | None":
    """Unpack WordPress as a release of Debian has it. None when it worked, else the reason why not."""
    if not (archive := debian()) or shutil.which("dpkg-deb") is None:
        return "that takes Debian's apt-get and dpkg-deb"
    say(f"Fetching WordPress of Debian {release}.")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for each in ("state/lists/partial", "cache/archives/partial", "unpacked"):
            (folder / each).mkdir(parents=True)
        (folder / "status").touch()
        (folder / "apt.conf").write_text(APT.format(folder=folder), encoding="utf-8")
        (folder / "sources.list").write_text(SOURCE.format(archive=archive, release=release), encoding="utf-8")
        apt = ["env", "-C", name, f"APT_CONFIG={folder}/apt.conf", "apt-get", "--quiet"]
        trouble = attempt([*apt, "update"]) or attempt([*apt, "download", *WANTED])
        for package in folder.glob("*.deb"):
            trouble = trouble or attempt(["dpkg-deb", "-x", str(package), str(folder / "unpacked")])
        if not trouble:
            HOME.mkdir(parents=True, exist_ok=True)
            shutil.move(str(folder / "unpacked" / "usr" / "share"), str(HOME / release))
    return trouble


if __name__ == "__main__":
    sys.exit(main())

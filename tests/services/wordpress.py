"""A throw-away WordPress with our plugin: PHP's own web server, and a MariaDB without a port.

WORDPRESS names folders of WordPress, separated by colons; else those that bin/wordpress.py fetched; else Debian's.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from mailer.embedded.ports import answers
from mailer.embedded.ports import free as free_port
from tests.services.mariadb import find_server

HOME = Path(__file__).parents[2]
PLUGIN = HOME / "contrib" / "wordpress" / "postroom-signup"
PASSWORD = "a password of the tests"
"""Of the administrator, who is called chief."""

EXTRAS = Path(__file__).parent / "wordpress_site"

CONFIG = """<?php
define( 'DB_NAME', 'wordpress' );
define( 'DB_USER', 'wordpress' );
define( 'DB_PASSWORD', '' );
define( 'DB_HOST', 'localhost:{socket}' );
define( 'DB_CHARSET', 'utf8mb4' );
define( 'DB_COLLATE', '' );
define( 'WP_HOME', '{url}' );
define( 'WP_SITEURL', '{url}' );
define( 'WP_DEBUG', true );
define( 'WP_DEBUG_DISPLAY', false );
define( 'WP_DEBUG_LOG', '{folder}/debug.log' );
define( 'DISABLE_WP_CRON', true );
define( 'AUTOMATIC_UPDATER_DISABLED', true );
define( 'WP_HTTP_BLOCK_EXTERNAL', true );
define( 'WP_ACCESSIBLE_HOSTS', '127.0.0.1,localhost' );
define( 'FS_METHOD', 'direct' );
foreach ( array( 'AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE' ) as $name ) {{
	define( $name . '_KEY', 'a key of the tests' );
	define( $name . '_SALT', 'a salt of the tests' );
}}
$table_prefix = '{prefix}';
defined( 'ABSPATH' ) || define( 'ABSPATH', __DIR__ . '/' );
require_once ABSPATH . 'wp-settings.php';
"""

INSTALL = """
define( 'WP_INSTALLING', true );
require '{folder}/wp-load.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';
wp_install( 'The Harbour Ledger', 'chief', 'chief@ledger.example', true, '', '{password}' );
"""

SWITCH_ON = """
require_once ABSPATH . 'wp-admin/includes/plugin.php';
return activate_plugin( 'postroom-signup/postroom-signup.php' );
"""


def find() -> list[Path]:
    """Folders that hold a WordPress, the oldest first."""
    given = os.environ.get("WORDPRESS")
    fetched = sorted((HOME / ".venv" / "wordpress").glob("*/wordpress"))
    folders = [Path(name) for name in given.split(":")] if given else fetched or [Path("/usr/share/wordpress")]
    return [folder for folder in folders if (folder / "wp-load.php").exists()]


def version(core: Path) -> str:
    """What the files in a folder say they are, such as 6.8.1."""
    found = re.search(r"^\$wp_version = '([^']+)'", (core / "wp-includes" / "version.php").read_text(), re.MULTILINE)
    assert found
    return found[1]


def why_not() -> str | None:
    """Why no WordPress can be started here; None when one can."""
    if not shutil.which("php") or find_server() is None or not find():
        return "no WordPress, PHP or MariaDB on this machine: `make wordpress` fetches them from Debian"
    return None


@dataclass(frozen=True)
class WordPress:
    """One site. It trusts those who write PHP for it."""

    folder: Path
    url: str

    def run(self, code: str) -> Any:
        """Run code in the site, as the editor, and give back what it returns."""
        program = (
            f"require '{self.folder}/wp-load.php'; wp_set_current_user( 1 );"
            f'$answer = ( static function () {{ {code} }} )(); echo "\\x1e" . wp_json_encode( $answer );'
        )
        return json.loads(_run_php(program).rpartition("\x1e")[2])

    def switch_on(self) -> None:
        """Activate the plugin."""
        assert self.run(SWITCH_ON) is None

    def choose(self, **settings: Any) -> None:
        """Write the plugin's settings as they stand, past the page that would clean them."""
        chosen = {"service": "http://127.0.0.1:9", "newsletter": "morning", **settings}
        self.run(f"update_option( 'postroom_signup', {php(chosen)} ); \\Postroom\\Signup\\forget_words();")

    def publish(self, content: str, **post: Any) -> str:
        """Publish an article; its address."""
        article = {"post_title": "A story", "post_status": "publish", "post_content": content, **post}
        return str(self.run(f"return get_permalink( wp_insert_post( wp_slash( {php(article)} ) ) );"))

    def get(self, address: str) -> str:
        """A page of the site, which must be there."""
        answer = httpx2.get(address, timeout=30, follow_redirects=True)
        assert answer.status_code == 200, answer.text
        return answer.text

    @contextmanager
    def visitor(self, name: str, password: str) -> Iterator[httpx2.Client]:
        """Somebody who has logged in."""
        with httpx2.Client(base_url=self.url, timeout=30, follow_redirects=True) as client:
            client.get("/wp-login.php")
            answer = client.post("/wp-login.php", data={"log": name, "pwd": password})
            assert any(cookie.startswith("wordpress_logged_in") for cookie in client.cookies), answer.text
            yield client

    def complaints(self) -> list[str]:
        """What PHP complained about in the plugin."""
        path = self.folder / "debug.log"
        lines = path.read_text(errors="replace").splitlines() if path.exists() else []
        return [line for line in lines if PLUGIN.name in line]


def php(value: Any) -> str:
    """A value as an expression of PHP."""
    text = json.dumps(value).replace("\\", "\\\\").replace("'", "\\'")
    return f"json_decode( '{text}', true )"


def _run_php(program: str) -> str:
    host = {"HTTP_HOST": "localhost", "PATH": os.environ.get("PATH", "")}
    run = subprocess.run(["php", "-r", program], capture_output=True, text=True, env=host, timeout=60)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


@contextmanager
def wordpress(core: Path, socket: Path) -> Iterator[WordPress]:
    """A site from the files in `core`, installed, with our plugin switched on; everything is gone afterwards."""
    root = Path(tempfile.mkdtemp(prefix="postroom-wp-"))
    folder = root / "wordpress"
    port = free_port()
    url = f"http://localhost:{port}"  # another site than 127.0.0.1, where the service is
    _lay_out(core, folder)
    prefix = f"wp_{version(core).replace('.', '_')}_"
    (folder / "wp-config.php").write_text(CONFIG.format(folder=folder, url=url, prefix=prefix, socket=socket))
    _run_php(INSTALL.format(folder=folder, password=PASSWORD))
    with (folder / "server.log").open("wb") as log:
        workers = {**os.environ, "PHP_CLI_SERVER_WORKERS": "4"}  # Site Health asks its own site
        command = ["php", "-S", f"127.0.0.1:{port}", "-t", str(folder)]
        server = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, env=workers, start_new_session=True)
    try:
        _await(port)
        site = WordPress(folder, url)
        site.switch_on()
        yield site
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(10)
        shutil.rmtree(root, ignore_errors=True)


def _lay_out(core: Path, folder: Path) -> None:
    shutil.copytree(core, folder, symlinks=True)
    (folder.parent / "javascript").symlink_to(core.parent / "javascript")  # Debian's links lead there
    content = folder / "wp-content"
    shutil.copytree(PLUGIN, content / "plugins" / PLUGIN.name)
    shutil.copytree(EXTRAS, content, dirs_exist_ok=True)


def _await(port: int) -> None:
    deadline = time.monotonic() + 30
    while not answers(port):
        assert time.monotonic() < deadline, "PHP's web server did not start"
        time.sleep(0.02)

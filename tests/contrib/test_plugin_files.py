"""The plugin's files: they are PHP, agree on their version, and every text can be translated.

After a changed text: `POSTROOM_GOLDEN=rewrite .venv/bin/pytest tests/contrib/test_plugin_files.py`.
"""

import json
import os
import re
import shutil
import subprocess
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from tests.services.wordpress import PLUGIN

POT = PLUGIN / "languages" / "postroom-signup.pot"
LONGEST = 250
CALL = re.compile(
    r"(?:/\* translators: (?P<hint>[^*]+?) \*/\s*(?:return )?[^\n]*?)?"
    r"\b(?:esc_html|esc_attr|)_[_e]\(\s*'(?P<text>(?:[^'\\]|\\.)*)',\s*'postroom-signup'\s*\)"
)
TEXT_CALL = re.compile(r"\b(?:__|_e|_x|_n|esc_html__|esc_attr__|esc_html_e|esc_attr_e)\(")
SOURCES = sorted([*PLUGIN.rglob("*.php"), *PLUGIN.rglob("*.js")])


def header(name: str) -> str:
    found = re.search(rf"^ \* {name}: +(.+)$", (PLUGIN / "postroom-signup.php").read_text(), re.MULTILINE)
    assert found
    return found[1]


@pytest.mark.skipif(not shutil.which("php"), reason="no PHP on this machine: `make wordpress` fetches it from Debian")
@pytest.mark.parametrize("file", sorted(PLUGIN.rglob("*.php")), ids=lambda file: file.name)
def test_every_file_is_php(file: Path) -> None:
    run = subprocess.run(["php", "-d", "error_reporting=-1", "-l", file], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: file.name)
def test_every_file_is_short_and_closed_to_visitors(file: Path) -> None:
    text = file.read_text()
    assert len(text.splitlines()) <= LONGEST
    if file.suffix == ".php" and file.name != "editor.asset.php":
        assert re.search(r"^defined\( '(ABSPATH|WP_UNINSTALL_PLUGIN)' \) \|\| exit;$", text, re.MULTILINE)


def test_every_place_names_the_same_version() -> None:
    readme = (PLUGIN / "readme.txt").read_text()
    version = header("Version")
    assert json.loads((PLUGIN / "block" / "block.json").read_text())["version"] == version
    assert f"Stable tag: {version}\n" in readme
    assert f"const VERSION = '{version}';" in (PLUGIN / "postroom-signup.php").read_text()
    assert f"'version'      => '{version}'" in (PLUGIN / "block" / "editor.asset.php").read_text()
    for name in ("Requires at least", "Requires PHP", "License"):
        assert f"{name}: {header(name)}\n" in readme


def test_every_text_is_in_the_template_for_translators() -> None:
    wanted = template()
    if os.environ.get("POSTROOM_GOLDEN") == "rewrite":
        POT.write_bytes(wanted)
    assert POT.read_bytes() == wanted
    assert len(read_po(BytesIO(wanted))) > 40


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: file.name)
def test_every_text_that_is_shown_names_the_domain(file: Path) -> None:
    text = file.read_text()
    assert len(CALL.findall(text)) == len(TEXT_CALL.findall(text))


def template() -> bytes:
    """What translators start from: the texts of the code, of the block, and of the list of plugins."""
    catalog = Catalog(
        project="Postroom Sign-up",
        version=header("Version"),
        header_comment="# Texts of the Postroom Sign-up plugin.\n# License: GPL-2.0-or-later.",
        creation_date=datetime(2026, 11, 24, tzinfo=UTC),
    )
    for name in ("Plugin Name", "Description"):
        catalog.add(header(name), locations=[("postroom-signup.php", 1)], auto_comments=[f"{name} of the plugin"])
    block = json.loads((PLUGIN / "block" / "block.json").read_text())
    for key, texts in (
        ("title", [block["title"]]),
        ("description", [block["description"]]),
        ("keyword", block["keywords"]),
    ):
        for text in texts:
            catalog.add(text, locations=[("block/block.json", 1)], context=f"block {key}")
    for file in SOURCES:
        for found in CALL.finditer(file.read_text()):
            hint = [f"translators: {found['hint']}"] if found["hint"] else []
            text = found["text"].replace("\\'", "'")
            catalog.add(text, locations=[(file.relative_to(PLUGIN).as_posix(), 1)], auto_comments=hint)
    written = BytesIO()
    write_po(written, catalog, include_lineno=False, width=100, sort_by_file=True)
    return re.sub(rb'"Generated-By: .*\n', b"", written.getvalue())

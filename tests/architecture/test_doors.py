"""Every door has a guard or is listed here as public; no page carries what the content policy would block."""

import re

import pytest

from mailer.app import create_app
from mailer.config import load_settings
from mailer.web.access import roles_of
from tests.architecture.tree import short, templates
from tests.conftest import SECRET

PUBLIC = {
    "static",
    "readers.home",
    "readers.privacy",
    "readers.form",
    "readers.sign_up",
    "readers.code",
    "readers.again",
    "readers.more",
    "readers.confirm_page",
    "readers.confirm",
    "readers.leave_page",
    "readers.leave",
    "readers.undo",
    "readers.less_page",
    "readers.less",
    "readers.pause",
    "readers.reason",
    "readers.change_page",
    "readers.change",
    "readers.issue",
    "readers.archive",
    "readers.archived_issue",
    "readers.archive_atom",
    "readers.archive_json",
    "readers.ask_for_link",
    "readers.mail_link",
    "readers.preference_centre",
    "readers.change_preference",
    "readers.ask_to_move",
    "readers.move_by_code",
    "readers.moving_page",
    "readers.move_by_link",
    "readers.download",
    "readers.ask_to_erase",
    "readers.erase",
    "readers.script_of_today",
    "readers.script_of_these_bytes",
    "readers.proof_script",
    "readers.frame",
    "readers.said",
    "readers.oembed",
    "api.take",  # shows the key of its source
    "login.form",
    "login.ask",
    "login.ask_to_enter",
    "login.enter",
    "login.log_out",
    "operators.healthz",
    "operators.numbers",
    "demo.front",
    "demo.section",
    "demo.article",
    "demo.rss",
    "demo.atom",
    "demo.section_rss",
}

INLINE = re.compile(r"""\sstyle\s*=|<style\b|\son\w+\s*=\s*["']|<script(?![^>]*\bsrc=)|javascript:""", re.IGNORECASE)


def test_every_door_has_a_guard_or_is_public() -> None:
    app = create_app(load_settings({"SECRET_KEY": SECRET}))
    open_doors = {name for name, view in app.view_functions.items() if not roles_of(view)}
    assert open_doors == PUBLIC


def test_doors_of_staff_stand_on_paths_of_staff() -> None:
    app = create_app(load_settings({"SECRET_KEY": SECRET}))
    guarded = [rule.rule for rule in app.url_map.iter_rules() if roles_of(app.view_functions[rule.endpoint])]
    assert [rule for rule in guarded if not rule.startswith(("/desk/", "/ops/"))] == []


@pytest.mark.parametrize("path", templates(), ids=short)
def test_pages_carry_no_inline_script_and_no_inline_style(path: object) -> None:
    from pathlib import Path

    assert isinstance(path, Path)
    assert INLINE.findall(path.read_text()) == []

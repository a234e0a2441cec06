"""Rendering from a folder, without a request."""

from pathlib import Path

import pytest
from jinja2 import TemplateNotFound, UndefinedError

from mailer.emails.rendering import Renderer


def folder(path: Path, **parts: str) -> Renderer:
    (path / "note").mkdir()
    for name, text in parts.items():
        (path / "note" / name.replace("_", ".")).write_text(text)
    return Renderer(path)


def test_only_html_is_escaped_and_indentation_is_taken_out(tmp_path: Path) -> None:
    renderer = folder(
        tmp_path,
        subject_txt="Hello {{ name }}\n",
        body_txt="{{ name }}  \n\n\n\nBye\n",
        body_html="<p>\n  {{ name }}\n</p>",
    )
    mail = renderer.render("note", {"name": "<A & B>"})
    assert mail.subject == "Hello <A & B>"
    assert mail.text == "<A & B>\n\nBye\n"
    assert mail.html == "<p>\n&lt;A &amp; B&gt;\n</p>\n"


def test_a_mail_may_have_no_html(tmp_path: Path) -> None:
    assert folder(tmp_path, subject_txt="a", body_txt="b").render("note", {}).html is None


def test_a_missing_value_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UndefinedError):
        folder(tmp_path, subject_txt="{{ nobody }}", body_txt="b").render("note", {})


def test_an_unknown_mail_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TemplateNotFound):
        Renderer(tmp_path).render("nothing", {})

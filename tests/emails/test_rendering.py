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
    mail = renderer.render("note", "en", {"name": "<A & B>"})
    assert mail.subject == "Hello <A & B>"
    assert mail.text == "<A & B>\n\nBye\n"
    assert mail.html == "<p>\n&lt;A &amp; B&gt;\n</p>\n"


def test_a_mail_speaks_its_language_and_escapes_values_in_html_only(tmp_path: Path) -> None:
    sentence = '{{ _("You get this because you signed up for %(newsletter)s.", newsletter=title) }}'
    counted = '{{ _n("The link works for one day.", "The link works for %(number)s days.", 3) }}'
    renderer = folder(tmp_path, subject_txt=counted, body_txt=sentence, body_html=f"<p>{sentence}</p>")
    mail = renderer.render("note", "ru-RU", {"title": "Q & A"})
    assert mail.subject == "Ссылка действует 3 дня."
    assert mail.text == "Вы получили это письмо, потому что подписались на «Q & A».\n"
    assert mail.html == "<p>Вы получили это письмо, потому что подписались на «Q &amp; A».</p>\n"


@pytest.mark.parametrize("tag", ["tlh", "nonsense!", ""])
def test_a_mail_in_a_language_we_do_not_speak_says_our_sentences_in_english(tmp_path: Path, tag: str) -> None:
    mail = folder(tmp_path, subject_txt="{{ language }}", body_txt='{{ _("Unsubscribe") }}').render("note", tag, {})
    assert (mail.subject, mail.text) == (tag, "Unsubscribe\n")


def test_a_mail_may_have_no_html(tmp_path: Path) -> None:
    assert folder(tmp_path, subject_txt="a", body_txt="b").render("note", "en", {}).html is None


def test_a_missing_value_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UndefinedError):
        folder(tmp_path, subject_txt="{{ nobody }}", body_txt="b").render("note", "en", {})


def test_an_unknown_mail_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TemplateNotFound):
        Renderer(tmp_path).render("nothing", "en", {})

"""Sentences in the reader's language, without a step to compile them."""

import pytest
from markupsafe import Markup

from mailer import texts


@pytest.mark.parametrize(
    ("wishes", "chosen"),
    [
        (["ru"], "ru"),
        (["ru-RU", "de"], "ru"),
        (["", "az_Latn_AZ"], "az"),
        (["", "tlh", "nonsense!", "*", "kk"], "kk"),
        (["zh-Hant-TW"], "zh"),
        (["en-GB", "fr"], "en"),
        (["pt-BR"], "en"),
        (["de" * 5_000], "en"),
        ([], "en"),
    ],
)
def test_the_first_wish_that_we_speak_is_the_language(wishes: list[str], chosen: str) -> None:
    assert texts.choose(*wishes) == chosen


def test_we_speak_these_languages() -> None:
    assert texts.languages() == ("en", "ar", "az", "de", "es", "fr", "kk", "ru", "tr", "zh")


def test_a_sentence_is_said_in_its_language_and_an_unknown_one_as_it_is() -> None:
    assert texts.translate("de", "Unsubscribe") == "Abbestellen"
    assert texts.translate("en", "Unsubscribe") == "Unsubscribe"
    assert texts.translate("tlh", "Unsubscribe") == "Unsubscribe"
    assert texts.translate("de", "Nobody translated %(this)s, 100%%.", this="x") == "Nobody translated x, 100%."
    assert texts.translate("de", "100%") == "100%"


@pytest.mark.parametrize(
    ("language", "number", "said"),
    [
        ("en", 1, "The link works for one day."),
        ("ru", 1, "Ссылка действует 1 день."),
        ("ru", 21, "Ссылка действует 21 день."),
        ("ru", 3, "Ссылка действует 3 дня."),
        ("ru", 11, "Ссылка действует 11 дней."),
        ("ar", 2, "صلاحية الرابط يومان."),
        ("ar", 7, "صلاحية الرابط 7 أيام."),
        ("ar", 30, "صلاحية الرابط 30 يومًا."),
        ("zh", 7, "链接在 7 天内有效。"),
    ],
)
def test_a_number_gets_the_form_its_language_asks_for(language: str, number: int, said: str) -> None:
    one, many = "The link works for one day.", "The link works for %(number)s days."
    assert texts.translate_n(language, one, many, number) == said


def test_values_are_escaped_in_html_unless_they_are_markup() -> None:
    sentence = "You get this because you signed up for %(newsletter)s."
    assert "<b>A & B</b>" in texts.translate("az", sentence, newsletter="<b>A & B</b>")
    assert "&lt;b&gt;A &amp; B&lt;/b&gt;" in texts.markup("az", sentence, newsletter="<b>A & B</b>")
    assert "<bdi>A &amp; B</bdi>" in texts.markup("az", sentence, newsletter=Markup("<bdi>A &amp; B</bdi>"))
    assert texts.markup("en", "Nobody's <b>.") == "Nobody&#39;s &lt;b&gt;."
    assert texts.markup_n("en", "One %(x)s.", "%(number)s %(x)s.", 2, x="<i>") == "2 &lt;i&gt;."

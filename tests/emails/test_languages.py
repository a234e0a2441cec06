"""What a language asks of a mail."""

from datetime import UTC, datetime

import pytest

from mailer.emails.languages import (
    ARABIC,
    HAN,
    HEBREW,
    WESTERN,
    canonical_tag,
    capitals,
    long_date,
    same_language,
    typography,
    typography_of,
)


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("ar", ARABIC),
        ("fa-IR", ARABIC),
        ("ur", ARABIC),
        ("he", HEBREW),
        ("zh-Hans", HAN),
        ("az", WESTERN),
        ("??", WESTERN),
    ],
)
def test_a_language_has_its_typography(tag: str, expected: object) -> None:
    assert typography(tag) is expected


def test_the_letters_decide_where_a_feed_names_the_wrong_language() -> None:
    assert typography_of("iPhone 18 يصل إلى أسواق المدينة", WESTERN) is ARABIC
    assert typography_of("שלום iOS", WESTERN) is HEBREW
    assert typography_of("Breaking: harbour", ARABIC) is WESTERN
    assert typography_of("2026: 100 %", ARABIC) is ARABIC
    assert typography_of("港口", HAN) is HAN


def test_a_line_begins_and_ends_on_its_sides() -> None:
    assert (WESTERN.start, WESTERN.end) == ("left", "right")
    assert (ARABIC.start, ARABIC.end) == ("right", "left")


def test_tags_are_written_one_way() -> None:
    assert canonical_tag("EN_us") == "en-US"
    assert canonical_tag("nonsense!") == ""
    assert same_language("az-Latn", "az")
    assert not same_language("az", "tr")
    assert not same_language("", "")


def test_a_date_is_that_of_the_newsletter_s_clock() -> None:
    late = datetime(2026, 11, 23, 21, 30, tzinfo=UTC)
    assert long_date(late, "az", "Asia/Baku") == "24 noyabr 2026, çərşənbə axşamı"
    assert long_date(late, "en-GB", "Europe/London") == "Monday, 23 November 2026"
    assert long_date(late, "??", "UTC") == "Monday, November 23, 2026"


def test_the_dotted_i_keeps_its_dot() -> None:
    assert capitals("İqtisadiyyat: liman", "az") == "İQTİSADİYYAT: LİMAN"
    assert capitals("liman", "en") == "LIMAN"

"""The six digits: made of the letter and the key, and read however somebody types them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.subscriptions.code import code, read, ref_hash, same, spaced

KEY = b"a key"


@given(st.binary(min_size=1), st.integers(1, 2**62))
def test_a_code_has_six_digits_and_is_read_as_it_is_shown(key: bytes, letter_id: int) -> None:
    made = code(key, letter_id)
    assert len(made) == 6
    assert made.isascii()
    assert made.isdigit()
    assert read(spaced(made)) == made


def test_a_code_stays_and_differs_by_letter_and_by_key() -> None:
    assert code(KEY, 1) == code(KEY, 1)
    assert len({code(KEY, letter_id) for letter_id in range(200)}) > 195
    assert code(b"another", 1) != code(KEY, 1)


def test_every_digit_comes_as_often_as_any_other() -> None:
    digits = "".join(code(KEY, letter_id) for letter_id in range(5_000))
    assert all(2_700 < digits.count(digit) < 3_300 for digit in "0123456789")


@pytest.mark.parametrize(
    "typed",
    [
        "427913",
        " 427 913 ",
        "427-913",
        "427–913",
        "4 2 7 9 1 3",
        "427\u00a0913",
        "\u200e427 913",
        "４２７９１３",
        "٤٢٧ ٩١٣",
        "۴۲۷۹۱۳",
        "४२७९१३",
        "𝟒𝟐𝟕𝟗𝟏𝟑",
    ],
)
def test_a_code_is_read_in_any_script_with_blanks_and_dashes(typed: str) -> None:
    assert read(typed) == "427913"


@pytest.mark.parametrize("typed", ["", "42791", "4279130", "42791a", "four27", "427.913", "+427913", "½42791", "\0"])
def test_what_cannot_be_a_code_is_none(typed: str) -> None:
    assert read(typed) is None


@given(st.text())
def test_anything_may_be_typed(typed: str) -> None:
    assert read(typed) is None or len(str(read(typed))) == 6


def test_codes_are_compared_as_a_whole() -> None:
    assert same("427913", "427913")
    assert not same("427913", "427914")


def test_a_page_without_a_secret_is_nobody() -> None:
    assert ref_hash("") == ""
    assert len(ref_hash("a secret")) == 64

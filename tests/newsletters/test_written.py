"""What people write, read into values or refused with a sentence."""

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.newsletters import written
from mailer.newsletters.written import BadInput


@pytest.mark.parametrize(
    ("text", "mask"),
    [
        ("mon-fri", 0b0011111),
        ("sat", 0b0100000),
        ("mon,wed,fri", 0b0010101),
        ("Sat, Sun", 0b1100000),
        ("fri-mon", 0b1110001),
        ("mon-sun", 0b1111111),
        ("mon,mon", 0b0000001),
    ],
)
def test_days_are_read_as_people_write_them(text: str, mask: int) -> None:
    assert written.weekdays(text) == mask


@given(st.integers(1, 127))
def test_days_that_were_written_are_read_back(mask: int) -> None:
    assert written.weekdays(written.days(mask)) == mask


@pytest.mark.parametrize("text", ["", "mom", "mon-", "-fri", "mon--fri", "mon,", "mon fri", "1-5"])
def test_days_that_nobody_knows_are_refused(text: str) -> None:
    with pytest.raises(BadInput, match="Write days like mon-fri"):
        written.weekdays(text)


@pytest.mark.parametrize(("text", "hour"), [("07:00", time(7)), ("7:05", time(7, 5)), ("23:59", time(23, 59))])
def test_a_time_of_day_is_read(text: str, hour: time) -> None:
    assert written.hour(text) == hour


@pytest.mark.parametrize("text", ["24:00", "7", "07:60", "7am", "", "٠٧:٠٠"])
def test_another_time_of_day_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="Write one like 07:00"):
        written.hour(text)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("The Harbour Ledger <news@ledger.example>", ("The Harbour Ledger", "news@ledger.example")),
        ('"Ledger, The" <news@ledger.example>', ("Ledger, The", "news@ledger.example")),
        (" Xəbər <xeber@ledger.example> ", ("Xəbər", "xeber@ledger.example")),
    ],
)
def test_a_sender_has_a_name_and_an_address(text: str, read: tuple[str, str]) -> None:
    assert written.sender(text) == read


@pytest.mark.parametrize(
    "text", ["news@ledger.example", "<news@ledger.example>", "Ledger", "A <a@b.example> <c@d.example>"]
)
def test_a_sender_without_both_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        written.sender(text)


def test_a_name_cannot_carry_a_header() -> None:
    assert written.sender("Ledger\r\nBcc: all <news@ledger.example>")[0] == "Ledger Bcc: all"
    with pytest.raises(BadInput):
        written.line("Ledger\0")


@pytest.mark.parametrize(("text", "tag"), [("en", "en"), ("az", "az"), ("pt-br", "pt-BR"), ("zh-Hans", "zh-Hans")])
def test_a_language_is_a_tag(text: str, tag: str) -> None:
    assert written.language(text) == tag


@pytest.mark.parametrize("text", ["english", "", "xx-yy-zz", "e n", "klingon"])
def test_another_language_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="is not a language"):
        written.language(text)


@pytest.mark.parametrize("text", ["Morning", "-a", "a--b", "", "a b", "a" * 61, "été"])
def test_a_slug_that_would_not_do_in_an_address_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        written.slug(text)

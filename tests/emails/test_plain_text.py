"""Cleaning and wrapping."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.emails.plain_text import clean, shorten, width, wrap


def test_what_has_no_print_becomes_a_blank() -> None:
    assert clean(" a\r\nBcc: b\x85\u2028c\x00\ud800d\t ") == "a Bcc: b c d"


def test_marks_that_mirror_what_follows_are_dropped() -> None:
    assert clean("\u202egnp.exe\u202c\ufeff!") == "gnp.exe!"


def test_joiners_that_languages_need_stay() -> None:
    assert clean("می\u200cخواهم 👩\u200d🚀") == "می\u200cخواهم 👩\u200d🚀"


@given(st.text())
def test_clean_text_is_one_line_and_stays_as_it_is(text: str) -> None:
    cleaned = clean(text)
    assert len(cleaned.splitlines()) <= 1
    assert clean(cleaned) == cleaned
    cleaned.encode()


def test_long_text_is_cut_at_a_blank() -> None:
    assert shorten("short", 5) == "short"
    assert shorten("Port expansion vote, again", 22) == "Port expansion vote…"
    assert shorten("港口扩建表决市议会", 5) == "港口扩建…"


@given(st.text(max_size=100), st.integers(2, 50))
def test_shortened_text_fits(text: str, limit: int) -> None:
    assert len(shorten(text, limit)) <= limit


def test_paragraphs_have_at_most_sixty_columns() -> None:
    wrapped = wrap("Councillors backed dredging the north channel by a single vote. Opponents will go to court.")
    assert wrapped == "Councillors backed dredging the north channel by a single\nvote. Opponents will go to court."


def test_an_address_is_never_broken() -> None:
    address = "https://ledger.example/" + "a" * 100
    assert wrap(f"See {address} now") == f"See\n{address}\nnow"


def test_chinese_wraps_between_characters_but_not_before_punctuation() -> None:
    assert wrap("港口扩建表决，一票之差", columns=13) == "港口扩建表\n决，一票之差"
    assert wrap("港口扩建表《决》", columns=12) == "港口扩建表\n《决》"


@pytest.mark.parametrize(("text", "columns"), [("abc", 3), ("港口", 4), ("e\u0301", 1), ("سلام", 4)])
def test_width_counts_columns(text: str, columns: int) -> None:
    assert width(text) == columns


@given(st.text(st.sampled_from("ab 中，。(《 "), max_size=200))
def test_wrapping_loses_nothing(text: str) -> None:
    cleaned = clean(text)
    wrapped = wrap(cleaned, columns=10)
    assert wrapped.replace("\n", "").replace(" ", "") == cleaned.replace(" ", "")

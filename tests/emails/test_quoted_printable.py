"""Quoted-printable against Python's own decoder."""

import quopri
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.emails.quoted_printable import encode_line, split_lines

# What makes encoders fail: dots and "From " at starts, blanks at ends and in runs, equals signs near the break.
HARSH = st.text(st.sampled_from(list(". =\tFrom AB…é中🙂\0\x85\u2028")), max_size=400)


@given(HARSH | st.text(max_size=400))
def test_a_line_comes_back_as_it_was_and_keeps_the_rules(line: str) -> None:
    line = line.replace("\r", "").replace("\n", "")
    encoded = encode_line(line)
    assert quopri.decodestring(encoded) == line.encode("utf-8", "replace")
    for wire in encoded.split(b"\r\n"):
        assert len(wire) <= 76
        assert not wire.startswith((b".", b"From "))
        assert not re.search(rb"[ \t]$|[ \t]{2}", wire)
    assert all(wire.endswith(b"=") for wire in encoded.split(b"\r\n")[:-1])


def test_a_line_of_76_columns_is_not_broken() -> None:
    assert encode_line("x" * 76) == b"x" * 76
    assert encode_line("x" * 77) == b"x" * 75 + b"=\r\n" + b"xx"


def test_a_continued_line_leaves_room_for_its_soft_break() -> None:
    assert encode_line("x" * 75, continued=True) == b"x" * 75
    assert encode_line("x" * 76, continued=True) == b"x" * 75 + b"=\r\n" + b"x"


def test_an_escape_is_never_parted() -> None:
    for before in range(70, 80):
        for wire in encode_line("x" * before + "é" * 3).split(b"=\r\n"):
            assert re.fullmatch(rb"(?:x|=C3|=A9)*", wire)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_only_cr_and_lf_end_a_line(end: str) -> None:
    assert split_lines(f"a{end}b\u2028\x85\x0bc") == ["a", "b\u2028\x85\x0bc"]


def test_a_megabyte_takes_no_time() -> None:
    assert len(encode_line("." * 1_000_000)) < 1_100_000

"""Colours that can be read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.emails.brand import DARK, HOUSE, LIGHT, brand, judge, mended
from mailer.emails.contrast import BadColour, colour, contrast, readable

COLOURS = st.integers(0, 0xFFFFFF).map("#{:06x}".format)


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == 21
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)
    assert contrast("#ff0000", "#ffffff") == pytest.approx(4.0, abs=0.005)


def test_colours_are_read_as_people_write_them() -> None:
    assert [colour(text) for text in ("#0F6172", " 0f6172 ", "#07c")] == ["#0f6172", "#0f6172", "#0077cc"]
    for text in ("", "blue", "#12345", "rgb(1,2,3)", "#0f6172;}"):
        with pytest.raises(BadColour):
            colour(text)


@given(COLOURS)
def test_every_colour_has_a_neighbour_that_can_be_read_as_text_and_under_letters(given: str) -> None:
    light, dark = mended(given), mended(given, dark=True)
    assert readable(light, LIGHT)
    assert readable(dark, DARK)
    assert contrast(light, "#ffffff") >= 4.5
    assert contrast(dark, "#0d1b1f") >= 4.5
    assert mended(light) == light


def test_one_that_fails_is_refused_with_the_nearest() -> None:
    unreadable = judge("#ffd400")
    assert unreadable is not None
    assert "1.2 on light" in unreadable.sentence
    assert unreadable.nearest in unreadable.sentence
    assert judge("#ffd400", dark=True) is None
    assert judge(HOUSE.accent) is judge(HOUSE.accent_dark, dark=True) is None


def test_what_is_left_empty_is_the_house_s_or_made_of_the_other() -> None:
    assert brand("", "") == HOUSE
    assert brand("#8a1c3b", "").accent_dark == mended("#8a1c3b", dark=True)
    assert brand("#ffd400", "nonsense").accent == mended("#ffd400")

"""Signed links: one purpose each, and what is not ours is told from what is old."""

import pytest
from itsdangerous import TimestampSigner

from mailer.links import MAX_AGE, BadToken, ExpiredToken, Links, Purpose

SECRET = "a secret of the tests, long enough to be one"
LINKS = Links(SECRET, "https://news.example.org")


@pytest.mark.parametrize("purpose", Purpose)
def test_a_token_gives_back_its_ids(purpose: Purpose) -> None:
    assert LINKS.read(purpose, LINKS.token(purpose, 12, 345678901234)) == (12, 345678901234)


@pytest.mark.parametrize("made", Purpose)
@pytest.mark.parametrize("used", Purpose)
def test_a_token_opens_no_other_door(made: Purpose, used: Purpose) -> None:
    if made is not used:
        with pytest.raises(BadToken):
            LINKS.read(used, LINKS.token(made, 1, 2))


@pytest.mark.parametrize("token", ["", "1-2", "1-2.x", "..", "\x00", "1-2.AAAAAAAAAAAAAAAAAAAAAAAAAAA", "é" * 50])
def test_what_was_not_made_here_is_refused(token: str) -> None:
    for purpose in Purpose:
        with pytest.raises(BadToken):
            LINKS.read(purpose, token)


@pytest.mark.parametrize("purpose", Purpose)
def test_a_token_has_one_spelling(purpose: Purpose) -> None:
    good = LINKS.token(purpose, 12, 47)
    for place, letter in enumerate(good):
        for other in set("-.019AQgwz_") - {letter}:
            with pytest.raises(BadToken):
                LINKS.read(purpose, good[:place] + other + good[place + 1 :])


def test_another_installations_token_is_refused() -> None:
    other = Links("another secret, also long enough to be one", "https://news.example.org")
    with pytest.raises(BadToken):
        LINKS.read(Purpose.UNSUBSCRIBE, other.token(Purpose.UNSUBSCRIBE, 1, 2))


def test_a_confirmation_grows_old_and_still_says_what_it_was_for() -> None:
    class Earlier(TimestampSigner):
        def get_timestamp(self) -> int:
            return super().get_timestamp() - MAX_AGE[Purpose.CONFIRM] - 60

    token = Earlier(SECRET, salt=Purpose.CONFIRM.value, key_derivation="hmac").sign("7-1").decode()
    with pytest.raises(ExpiredToken) as expired:
        LINKS.read(Purpose.CONFIRM, token)
    assert expired.value.ids == (7, 1)


def test_the_addresses_are_short_enough_for_a_line_of_mail() -> None:
    for address in (
        LINKS.unsubscribe(10**9, 10**6),
        LINKS.change("1-1.x"),
        LINKS.less("1-1.x"),
        LINKS.view(10**6, 2**40),
        LINKS.confirm(10**9, 3),
    ):
        assert address.startswith("https://news.example.org/")
        assert len(address) < 120

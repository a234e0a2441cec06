"""Only http and https get into mails."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.emails.web_address import web_address


@pytest.mark.parametrize(
    "url",
    [
        "",
        "javascript:alert(1)",
        " java\nscript:alert(1)",
        "data:text/html,x",
        "ftp://ledger.example/",
        "/relative",
        "//ledger.example/",
        "https:///path",
        "https:ledger.example",
        "http://[::1",
        "https://ledger.example:port/",
        "mailto:a@b.example",
    ],
)
def test_what_is_no_web_address_is_dropped(url: str) -> None:
    assert web_address(url) == ""


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://ledger.example/a?b=c&d=e#f", "https://ledger.example/a?b=c&d=e#f"),
        ("HTTP://ledger.example/%C3%A9", "http://ledger.example/%C3%A9"),
        (" https://ledger.example/über uns\n", "https://ledger.example/%C3%BCber%20uns"),
        ('https://ledger.example/"><script>', "https://ledger.example/%22%3E%3Cscript%3E"),
        ("https://bücher.example:8443/x", "https://xn--bcher-kva.example:8443/x"),
        ("https://почта.example/", "https://xn--80a1acny.example/"),
    ],
)
def test_a_web_address_is_written_in_ascii(url: str, expected: str) -> None:
    assert web_address(url) == expected


@given(st.text(max_size=50) | st.text(max_size=50).map("https://ledger.example/".__add__))
def test_no_input_makes_anything_else(url: str) -> None:
    address = web_address(url)
    assert address == "" or address.startswith(("http://", "https://"))
    assert address.isascii()
    assert not set(address) & set(' "<>\r\n\0\\')

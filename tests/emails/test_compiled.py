"""Compiled mails: what differs per reader goes where it belongs, and every byte keeps the rules of the wire."""

from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.emails.compiled import Compiled, Slot, compile_message, placeholder
from mailer.emails.headers import BadHeader, address_header, mailto
from mailer.emails.plain_text import clean
from mailer.emails.slots import LONGEST_TOKEN
from tests.emails.samples import NOW, VALUES
from tests.emails.wire import parsed, said, violations

PIECES = [*". =\tFrom-ABé中🙂\0\x85\u2028\r\n", "\ud800", "=?utf-8?q?=0A?=", "\r\nBcc: x", "\r\n.\r\n", "  ", "a" * 80]
HARSH = st.lists(st.sampled_from(PIECES), max_size=60).map("".join)
TOKENS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,74}", fullmatch=True)
AROUND = st.text(st.sampled_from("abcXYZ019:/._-~?=&%<>\"'é"), max_size=200)


def compiled(text: str = "Good morning.", html: str | None = "<p>Good morning.</p>", title: str = "News") -> Compiled:
    token = placeholder(Slot.TOKEN)
    subject = f"unsubscribe {token}"
    headers = [
        ("From", address_header("The Harbour Ledger", "news@ledger.example")),
        ("To", placeholder(Slot.TO)),
        ("Subject", title),
        ("Date", format_datetime(NOW)),
        ("Message-ID", placeholder(Slot.MESSAGE_ID)),
        ("List-Unsubscribe", f"<https://news.ledger.example/u/{token}>, <{mailto('news@ledger.example', subject)}>"),
    ]
    return compile_message(headers, text, html)


def plain(text: str) -> str:
    """Text as a receiver sees it: its line ends alike, one at its end, halves of characters replaced."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n") + "\n"
    return text.encode("utf-8", "replace").decode()


@given(HARSH, HARSH, HARSH)
def test_whatever_is_written_arrives_and_keeps_the_rules(text: str, html: str, title: str) -> None:
    title = clean(title) or "News"
    data = compiled(text, html, title).fill(VALUES)
    assert violations(data) == []
    assert said(data) == plain(text)
    assert said(data, "html") == plain(html)
    assert parsed(data)["Subject"] == title
    assert "Bcc" not in parsed(data)


@given(TOKENS, AROUND, AROUND)
def test_a_reader_s_links_arrive_in_both_bodies(token: str, before: str, after: str) -> None:
    line = f"{before}{placeholder(Slot.TOKEN)}{after}{placeholder(Slot.TOKEN)}"
    message = compile_message([("From", "a@b.example"), ("To", "c@d.example")], line, line)
    data = message.fill({Slot.TOKEN: token})
    assert said(data) == said(data, "html") == f"{before}{token}{after}{token}\n"
    assert all(len(line) <= 76 and not line.startswith(b".") for line in data.split(b"\r\n"))


@pytest.mark.parametrize("token", ["1-1.x", "1234567-47." + "a" * 27, "9" * LONGEST_TOKEN])
def test_both_ways_out_stand_in_one_header_each_on_a_line_of_its_own(token: str) -> None:
    data = compiled().fill({**VALUES, Slot.TOKEN: token})
    assert violations(data) == []
    assert (
        f"\r\nList-Unsubscribe: <https://news.ledger.example/u/{token}>,"
        f"\r\n <mailto:news@ledger.example?subject=unsubscribe%20{token}>\r\n"
    ).encode() in data
    assert parsed(data)["List-Unsubscribe"].count(token) == 2


@pytest.mark.parametrize("bad", ["", ".x", "-x", "a b", "a=b", "a/b", "a>", "é", "1" * (LONGEST_TOKEN + 1)])
def test_what_would_need_encoding_somewhere_is_no_token(bad: str) -> None:
    with pytest.raises(BadHeader):
        compiled().fill({**VALUES, Slot.TOKEN: bad})


@pytest.mark.parametrize("slot", [Slot.TO, Slot.MESSAGE_ID])
def test_a_value_for_the_head_does_not_stand_in_a_body(slot: Slot) -> None:
    with pytest.raises(BadHeader):
        compiled(text=f"Good morning, {placeholder(slot)}.")


@pytest.mark.parametrize("slot", list(Slot))
@pytest.mark.parametrize("bad", ["a\r\nBcc: b", "a\nb", "a\0b", "a\x85b", "a\u2028b", "\ud800", "a" * 901])
def test_a_value_cannot_break_out_of_its_header(slot: Slot, bad: str) -> None:
    with pytest.raises(BadHeader):
        compiled().fill({**VALUES, slot: bad})


def test_a_missing_value_is_an_error() -> None:
    with pytest.raises(KeyError):
        compiled().fill({Slot.TO: "mara@posteo.example"})


def test_a_long_recipient_is_folded() -> None:
    to = address_header("Мара " * 20 + "Иванова", "mara@posteo.example")
    data = compiled().fill({**VALUES, Slot.TO: to})
    assert violations(data) == []
    assert parsed(data)["To"].addresses[0].addr_spec == "mara@posteo.example"


def test_text_alone_is_one_part() -> None:
    data = compiled("Good morning.", html=None).fill(VALUES)
    assert violations(data) == []
    assert parsed(data).get_content_type() == "text/plain"
    assert said(data) == "Good morning.\n"


def test_text_comes_before_html_and_both_are_the_only_parts() -> None:
    message = parsed(compiled().fill(VALUES))
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


def test_the_same_mail_is_the_same_bytes_and_another_has_another_boundary() -> None:
    one, same, other = (compiled(text).fill(VALUES) for text in ("a", "a", "b"))
    assert one == same
    assert parsed(one).get_boundary() != parsed(other).get_boundary()


def test_a_text_that_looks_like_a_boundary_parts_nothing() -> None:
    boundary = str(parsed(compiled().fill(VALUES)).get_boundary())
    text = f"--{boundary}--\n--{boundary}\nContent-Type: text/html\n"
    assert said(compiled(text).fill(VALUES)) == text


def test_a_placeholder_of_another_process_is_only_text() -> None:
    guess = f"slot-token-{'0' * 32}"
    assert said(compiled(guess).fill(VALUES)) == guess + "\n"


def test_headers_come_once() -> None:
    with pytest.raises(BadHeader):
        compile_message([("From", "a@b.example"), ("from", "c@d.example")], "a", None)
    with pytest.raises(BadHeader):
        compile_message([("From", "a@b.example"), ("MIME-Version", "1.0")], "a", None)


@pytest.mark.parametrize(
    "value",
    [f"{placeholder(Slot.TO)} {placeholder(Slot.MESSAGE_ID)}", placeholder(Slot.TO) + "x" * 99],
    ids=["two values", "a long word"],
)
def test_a_header_has_room_for_one_value(value: str) -> None:
    with pytest.raises(BadHeader):
        compile_message([("X-Test", value)], "a", None)

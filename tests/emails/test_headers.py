"""Headers as Python's parser, which is not ours, reads them back."""

import email
import email.policy
from email.header import decode_header, make_header
from email.utils import parseaddr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.emails.headers import (
    BadHeader,
    a_label,
    address_header,
    check,
    encode_header,
    fold,
    letter_id,
    list_id,
    mailto,
    message_id,
)
from mailer.emails.plain_text import clean

SAMPLES = [
    "Morning Briefing",
    "Утренний выпуск: голосование о расширении порта раскололо совет после девяти часов споров",
    "صوت واحد يحسم توسعة الميناء بعد نقاش دام تسع ساعات",
    "港口扩建表决：市议会辩论九小时后以一票之差通过，反对者将上法庭",
    "Liman genişləndirilsin, ya yox",
    "=?UTF-8?Q?=0A?=Bcc: everybody@ledger.example",
    "A plain title that is long enough to be folded somewhere before its end, and then once more",
    "a" * 300,
    "two  blanks  and = signs_and?marks",
    "👩‍🚀" * 30,
]
TITLES = st.sampled_from(SAMPLES) | st.text(max_size=300).map(clean).filter(bool)
CONTROLS = ["\r", "\n", "\0", "\x85", "\u2028", "\u2029", "\t", "\x7f", "\x1b", "\ud800"]


def read(header: bytes) -> str:
    message = email.message_from_bytes(header + b"\r\n", policy=email.policy.default)
    assert len(message.keys()) == 1
    return str(message.values()[0])


@given(TITLES)
def test_a_subject_comes_back_as_it_was(title: str) -> None:
    header = encode_header("Subject", title)
    check(header, ["Subject"])
    assert all(len(line) <= 76 for line in header.split(b"\r\n"))
    assert read(header) == title


@given(TITLES)
def test_a_display_name_comes_back_as_it_was(name: str) -> None:
    header = encode_header("From", address_header(name, "news@ledger.example"))
    check(header, ["From"])
    assert all(len(line) <= 76 for line in header.split(b"\r\n"))
    # Python's newer parser leaves blanks between the encoded words of a name, against RFC 2047 §6.2.
    parsed, address = parseaddr(str(email.message_from_bytes(header)["From"]).replace("\r\n", ""))
    assert (str(make_header(decode_header(parsed))), address) == (name, "news@ledger.example")


@pytest.mark.parametrize("control", CONTROLS)
def test_a_control_character_is_refused(control: str) -> None:
    with pytest.raises(BadHeader):
        encode_header("Subject", f"Morning{control}Bcc: everybody@ledger.example")
    with pytest.raises(BadHeader):
        encode_header("List-Unsubscribe", f"<https://ledger.example/{control}>")
    with pytest.raises(BadHeader):
        address_header(f"Morning{control}", "news@ledger.example")
    with pytest.raises(BadHeader):
        address_header("Morning", f"news{control}@ledger.example")


@pytest.mark.parametrize("address", ["", "news", "@ledger.example", "a@b@c", "a b@c", "a@b, c@d", "<a@b>", "a@b>"])
def test_only_one_address_is_an_address(address: str) -> None:
    with pytest.raises(BadHeader):
        address_header("Morning", address)


def test_names_are_plain_quoted_or_encoded() -> None:
    assert address_header("", "news@ledger.example") == "news@ledger.example"
    assert address_header("The Ledger", "n@l.example") == "The Ledger <n@l.example>"
    assert address_header('Ledger, "Inc."', "n@l.example") == r'"Ledger, \"Inc.\"" <n@l.example>'
    assert address_header("Zeitung für alle", "n@l.example") == "=?utf-8?q?Zeitung_f=C3=BCr_alle?= <n@l.example>"


def test_a_domain_beyond_ascii_is_an_a_label_by_the_new_rules() -> None:
    assert address_header("", "leser@straße.example") == "leser@xn--strae-oqa.example"
    assert a_label("ledger.example") == "ledger.example"
    with pytest.raises(BadHeader):
        a_label("☃.example-")


def test_a_list_unsubscribe_is_folded_between_its_addresses_and_never_encoded() -> None:
    page, mail = f"<https://news.ledger.example/u/{'a' * 200}>", f"<{mailto('news@ledger.example', 'a' * 200)}>"
    assert encode_header("List-Unsubscribe", page) == f"List-Unsubscribe: {page}\r\n".encode()
    both = encode_header("List-Unsubscribe", f"{page}, {mail}")
    assert both == f"List-Unsubscribe: {page},\r\n {mail}\r\n".encode()
    with pytest.raises(BadHeader):
        encode_header("List-Unsubscribe", "<https://почта.example/u/1>")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("news@ledger.example", "mailto:news@ledger.example?subject=unsubscribe%201-2.x"),
        ("a,b>c+d@ledger.example", "mailto:a%2Cb%3Ec+d@ledger.example?subject=unsubscribe%201-2.x"),
        ("отписка@straße.example", "mailto:%D0%BE%D1%82%D0%BF%D0%B8%D1%81%D0%BA%D0%B0@xn--strae-oqa.example?"),
    ],
)
def test_an_address_that_writes_a_mail_is_ascii_and_holds_nothing_that_ends_it(address: str, expected: str) -> None:
    assert mailto(address, "unsubscribe 1-2.x").startswith(expected)


def test_folding_breaks_before_blanks_only() -> None:
    assert fold("To: short") == "To: short"
    folded = fold("From: " + " ".join(["abcdefghi"] * 20))
    assert all(len(line) <= 76 for line in folded.split("\r\n"))
    assert folded.replace("\r\n", "") == "From: " + " ".join(["abcdefghi"] * 20)


def test_a_message_id_is_stable_and_unlike_any_other() -> None:
    one = message_id(47, 1234, "ledger.example", b"key")
    assert one == message_id(47, 1234, "ledger.example", b"key")
    assert one.startswith("<47.1234.")
    assert one.endswith("@ledger.example>")
    others = {
        message_id(47, 1235, "ledger.example", b"key"),
        message_id(471, 234, "ledger.example", b"key"),
        message_id(47, 1234, "ledger.example", b"another key"),
        letter_id("47.1234", "ledger.example", b"key"),
    }
    assert len(others | {one}) == 5


def test_a_list_id_names_the_newsletter() -> None:
    assert list_id("Morning Briefing", "morning", "news.ledger.example") == (
        "Morning Briefing <morning.news.ledger.example>"
    )
    assert list_id("Утро", "utro", "localhost") == "=?utf-8?b?0KPRgtGA0L4=?= <utro.localhost>"


@pytest.mark.parametrize(
    "head",
    [
        b"From: a\r\n",
        b"From: a\r\nSubject: b\r\nBcc: c\r\n",
        b"From: a\r\nSubject: b\r\nsubject: c\r\n",
        b"From: a\r\nSubject: b\nBcc: c\r\n",
        b"From: a\r\nSubject: b\rx\r\n",
        b"From: a\r\nSubject: b",
        b"From: a\r\nSubject: b\r\n \r\n",
        b"From: a\r\nSubject: \r\n",
        b"From: a\r\nSubject: " + b"b" * 1000 + b"\r\n",
        b"From: a\r\nSubject: =?utf-8?q?" + b"b" * 80 + b"?=\r\n",
    ],
)
def test_a_head_that_is_not_what_we_meant_is_refused(head: bytes) -> None:
    check(b"From: a\r\nSubject: b\r\n c\r\n", ["From", "Subject"])
    with pytest.raises(BadHeader):
        check(head, ["From", "Subject"])

"""Letters of the house: their heads, and what may not get into them."""

import re
from datetime import timedelta
from typing import Any

import pytest

from mailer.emails.headers import BadHeader
from mailer.emails.letters import Letter, Post, Stamp, already, confirmation, login_link, move, reminder
from mailer.newsletters.models import Newsletter
from tests.emails.samples import NOW, newsletter
from tests.emails.wire import parsed, said, violations

STAMP = Stamp("letter-17", b"key", NOW)
LINK = "https://news.ledger.example/c/17-2.aTmX0g.abcdefghijklmnopqrstuvwxyz_"


def post(writer: Newsletter | None = None, **given: Any) -> Post:
    fields: dict[str, Any] = {"recipient": "mara@posteo.example", "language": "en", "stamp": STAMP, **given}
    return Post(writer or newsletter(), **fields)


def confirm(writer: Newsletter | None = None, *, site: str = "ledger.example", **given: Any) -> Letter:
    return confirmation(
        post(writer, **given),
        code="427 913",
        code_minutes=30,
        link=LINK,
        link_days=7,
        site=site,
        asked_at=NOW,
    )


def test_a_confirmation_has_exactly_its_headers() -> None:
    letter = confirm()
    message = parsed(letter.data)
    assert dict(message.items()) | {"Content-Type": "multipart/alternative"} == {
        "From": "The Harbour Ledger <briefing@ledger.example>",
        "To": "mara@posteo.example",
        "Subject": "427 913 is your code for Morning Briefing",
        "Date": "Tue, 24 Nov 2026 07:00:00 +0000",
        "Message-ID": letter.message_id,
        "Auto-Submitted": "auto-generated",
        "Content-Language": "en",
        "MIME-Version": "1.0",
        "Content-Type": "multipart/alternative",
    }
    assert (letter.sender, letter.recipient) == ("briefing@ledger.example", "mara@posteo.example")


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_a_confirmation_says_code_and_link_and_who_asked_where_and_when(kind: str) -> None:
    told = " ".join(said(confirm().data, kind).split())
    assert "427 913" in told
    assert LINK in told
    assert "on ledger.example (November 24, 2026, 08:00)" in told  # on the newsletter's clock


def test_a_page_that_may_not_be_named_is_not_named() -> None:
    told = " ".join(said(confirm(site="").data).split())
    assert "asked for Morning Briefing (November 24, 2026, 08:00)" in told


def test_a_code_is_not_turned_round_in_a_line_from_right_to_left() -> None:
    subject = str(parsed(confirm(newsletter("ar"), language="ar").data)["Subject"])
    assert "\N{LEFT-TO-RIGHT MARK}427 913" in subject
    assert "\N{LEFT-TO-RIGHT MARK}" not in str(parsed(confirm().data)["Subject"])


def test_nothing_is_loaded_or_counted_when_a_letter_is_opened() -> None:
    told = said(confirm().data, "html")
    assert "<img" not in told
    assert re.findall(r'href="([^"]+)"', told) == [LINK]


def test_who_wants_no_html_gets_none() -> None:
    message = parsed(confirm(plain_text=True).data)
    assert message.get_content_type() == "text/plain"
    assert violations(confirm(plain_text=True).data) == []


def test_the_answer_to_a_reader_has_no_way_in_for_the_page_that_asked() -> None:
    letter = already(post(), link="https://news.ledger.example/p/1", link_days=2, paused=False)
    assert "427" not in said(letter.data)
    assert "ledger.example (" not in said(letter.data)
    assert "paused" not in said(letter.data)


def test_a_reader_who_paused_is_told_how_to_end_it() -> None:
    letter = already(post(), link="https://news.ledger.example/p/1", link_days=2, paused=True)
    assert "It is paused at the moment." in said(letter.data)
    assert "It is paused at the moment." in said(letter.data, "html")


def test_a_reader_is_reminded_once_and_is_told_so() -> None:
    letter = reminder(post(), link=LINK)
    assert "This is the one reminder." in said(letter.data)
    assert LINK in said(letter.data)


def test_the_proof_of_a_new_address_says_nothing_of_the_old_one() -> None:
    letter = move(post(recipient="new@posteo.example"), code="427 913", link=LINK, link_days=1)
    assert str(parsed(letter.data)["Subject"]) == "427 913 is the code for your new address"
    assert b"mara" not in letter.data


def test_a_letter_is_written_in_the_language_of_its_reader() -> None:
    letter = confirm(newsletter("en"), language="ar")
    assert parsed(letter.data)["Content-Language"] == "ar"
    assert 'dir="rtl"' in said(letter.data, "html")


def test_the_same_letter_is_the_same_and_another_is_not() -> None:
    assert confirm().data == confirm().data
    other = confirm(stamp=Stamp("letter-18", b"key", NOW))
    assert other.message_id != confirm().message_id


def test_a_title_cannot_put_markup_or_headers_into_a_letter() -> None:
    letter = confirm(newsletter(title="<b>News</b>\r\nBcc: x@y.example %(code)s {{ 7 * 7 }}"))
    assert violations(letter.data) == []
    assert "Bcc" not in parsed(letter.data)
    assert "<b>" not in said(letter.data, "html")
    assert "%(code)s {{ 7 * 7 }}" in said(letter.data)


@pytest.mark.parametrize("recipient", ["", "mara", "a@b.example, c@d.example", "a@b.example\r\nBcc: c@d.example"])
def test_a_letter_goes_to_one_address(recipient: str) -> None:
    with pytest.raises(BadHeader):
        confirm(recipient=recipient)


def test_a_login_link_comes_from_the_house() -> None:
    letter = login_link(
        site="https://news.ledger.example:8443",
        recipient="lea@ledger.example",
        link=LINK,
        lifetime=timedelta(minutes=15),
        stamp=Stamp("login-5", b"key", NOW),
    )
    assert letter.sender == "postroom@news.ledger.example"
    assert parsed(letter.data)["Auto-Submitted"] == "auto-generated"
    assert "within 15\nminutes" in said(letter.data) or "within 15 minutes" in said(letter.data)

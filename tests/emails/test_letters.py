"""Letters of the house: their heads, and what may not get into them."""

from datetime import timedelta
from typing import Any

import pytest

from mailer.emails.headers import BadHeader
from mailer.emails.letters import Letter, Stamp, confirmation, login_link
from mailer.newsletters.models import Newsletter
from tests.emails.samples import NOW, newsletter
from tests.emails.wire import parsed, said, violations

LINK = "https://news.ledger.example/c/17-2.aTmX0g.abcdefghijklmnopqrstuvwxyz_"


def confirm(writer: Newsletter | None = None, **given: Any) -> Letter:
    asked: dict[str, Any] = {"recipient": "mara@posteo.example", "stamp": Stamp("confirm-17-2", b"key", NOW), **given}
    return confirmation(writer or newsletter(), link=LINK, lifetime=timedelta(days=7), **asked)


def test_a_confirmation_has_exactly_its_headers() -> None:
    letter = confirm()
    message = parsed(letter.data)
    assert dict(message.items()) | {"Content-Type": "multipart/alternative"} == {
        "From": "The Harbour Ledger <briefing@ledger.example>",
        "To": "mara@posteo.example",
        "Subject": "Confirm your sign-up for Morning Briefing",
        "Date": "Tue, 24 Nov 2026 07:00:00 +0000",
        "Message-ID": letter.message_id,
        "Auto-Submitted": "auto-generated",
        "Content-Language": "en",
        "MIME-Version": "1.0",
        "Content-Type": "multipart/alternative",
    }
    assert (letter.sender, letter.recipient) == ("briefing@ledger.example", "mara@posteo.example")


def test_the_link_is_in_both_parts() -> None:
    data = confirm().data
    assert LINK in said(data)
    assert f'href="{LINK}"' in said(data, "html")


def test_the_same_letter_is_the_same_and_another_is_not() -> None:
    assert confirm().data == confirm().data
    other = confirm(stamp=Stamp("confirm-17-3", b"key", NOW))
    assert other.message_id != confirm().message_id


def test_a_title_cannot_put_markup_or_headers_into_a_letter() -> None:
    letter = confirm(newsletter(title="<b>News</b>\r\nBcc: x@y.example {days} {{ 7 * 7 }}"))
    assert violations(letter.data) == []
    assert "Bcc" not in parsed(letter.data)
    assert "<b>" not in said(letter.data, "html")
    assert "{days} {{ 7 * 7 }}" in said(letter.data)


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

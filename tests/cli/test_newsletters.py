"""`postroom newsletters …`"""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.newsletters.models import Newsletter
from mailer.staff.models import AuditEvent
from tests.cli.conftest import Postroom

ADD = ("newsletters", "add", "morning", "--title", "Morning Briefing", "--from", "The Ledger <news@ledger.example>")

NOWHERE = Postroom({})
"""Without a setting: what is written wrongly is refused before anything is opened."""


def test_a_newsletter_is_made_from_two_words(postroom: Postroom, session: Session) -> None:
    answer = postroom.answers(*ADD)
    newsletter = session.scalars(select(Newsletter)).one()
    assert answer == {
        "id": newsletter.id,
        "slug": "morning",
        "title": "Morning Briefing",
        "description": "",
        "sender_name": "The Ledger",
        "sender_address": "news@ledger.example",
        "postal_address": "",
        "language": "en",
        "timezone": "UTC",
        "takes_readers": True,
        "disposable": "ask",
        "topics": [],
        "schedules": [],
    }
    event = session.scalars(select(AuditEvent)).one()
    assert (event.actor, event.action, event.subject) == ("command line", "newsletter.added", "morning")


def test_a_newsletter_keeps_all_that_was_said(postroom: Postroom, session: Session) -> None:
    more = (
        "--language",
        "az",
        "--timezone",
        "Asia/Baku",
        "--postal-address",
        "Nizami 4, Bakı",
        "--description",
        "Səhər",
    )
    assert "postroom sources add morning URL" in postroom.says(*ADD, *more)
    made = session.scalars(select(Newsletter)).one()
    assert (made.language, made.timezone, made.postal_address, made.description) == (
        "az",
        "Asia/Baku",
        "Nizami 4, Bakı",
        "Səhər",
    )


def test_who_may_sign_up_is_said_and_written_down(postroom: Postroom, session: Session) -> None:
    postroom.says(*ADD)
    answer = postroom.answers("newsletters", "admit", "morning", "--no-readers", "--disposable", "refuse")
    assert (answer["takes_readers"], answer["disposable"]) == (False, "refuse")
    said = postroom.says("newsletters", "admit", "morning", "--readers")
    assert said.strip() == "Morning Briefing takes new readers; disposable addresses: refuse."
    event = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert event is not None
    assert (event.action, event.subject) == ("newsletter.admits", "morning")


def test_a_slug_is_given_once(postroom: Postroom) -> None:
    postroom.says(*ADD)
    assert postroom.refuses(*ADD) == "There is a newsletter morning already. `postroom newsletters list` shows it."


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (("--timezone", "Mars/Phobos"), "'Mars/Phobos' is not a time zone. Write one like Europe/Berlin or Asia/Baku."),
        (("--language", "english"), "'english' is not a language. Write a tag like en, az or pt-BR."),
        (("--from", "Ledger"), "Write a name and an address, like"),
        (("--from", "Ledger <news>"), "An e-mail address has an @ in it"),
        (("--title", " "), "Write between 1 and 120 characters."),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_name_and_a_sentence(wrong: tuple[str, str], sentence: str) -> None:
    complaint = NOWHERE.misused(*ADD, *wrong)
    assert f"'{wrong[0]}'" in complaint
    assert sentence in complaint


def test_a_slug_that_would_not_do_in_an_address_is_refused() -> None:
    assert "like morning-brief" in NOWHERE.misused("newsletters", "add", "Morning Brief", *ADD[3:])


def test_an_empty_list_says_so(postroom: Postroom) -> None:
    assert postroom.says("newsletters", "list") == "There is no newsletter yet.\n"
    assert postroom.answers("newsletters", "list") == []

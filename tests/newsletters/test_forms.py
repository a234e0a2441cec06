"""What a form says, where it may stand, and when it is another version."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from mailer.newsletters import forms, written
from mailer.newsletters.forms import Written
from mailer.newsletters.models import EVERY_TOPIC, Form
from mailer.newsletters.written import BadInput
from tests.newsletters.making import NOW, make_newsletter


def make_form(session: Session, slug: str = "sport", **texts: Any) -> Form:
    made = forms.add(session, make_newsletter(session).id, slug, Written(**texts), NOW)
    assert made is not None
    return made


def test_a_form_is_found_by_its_name_and_the_main_one_stands_in_for_one_that_is_gone(session: Session) -> None:
    form = make_form(session)
    assert forms.find(session, form.newsletter_id, "sport") is form
    main = forms.find(session, form.newsletter_id, "weather")
    assert main is not None
    assert main.slug == "main"
    assert forms.find(session, form.newsletter_id + 1, "sport") is None


def test_a_newsletter_has_one_form_of_a_name(session: Session) -> None:
    form = make_form(session)
    assert forms.add(session, form.newsletter_id, "sport", Written(), NOW) is None
    assert forms.add(session, form.newsletter_id, "city", Written(), NOW) is not None


def test_an_empty_form_speaks_in_the_words_of_the_house(session: Session) -> None:
    form = make_form(session)
    said = forms.words(form)
    assert (said.heading, said.button, said.label, said.small) == (
        "Morning Briefing",
        "Sign up",
        "Your e-mail",
        "Privacy",
    )
    assert said.wording == ("Send me Morning Briefing by e-mail. I can stop any time, with one press in every issue.")


def test_a_form_speaks_its_own_language_else_that_of_the_newsletter(session: Session) -> None:
    form = make_form(session, language="de")
    assert forms.words(form).language == "de"
    form.language, form.newsletter.language = "", "fr-CA"
    assert forms.words(form).language == "fr"
    form.newsletter.language = "tlh"
    assert forms.words(form).language == "en"


def test_words_of_an_editor_win(session: Session) -> None:
    said = forms.words(make_form(session, heading="The harbour, before breakfast", wording="Send it. 100 % free."))
    assert (said.heading, said.wording) == ("The harbour, before breakfast", "Send it. 100 % free.")


def test_what_readers_see_makes_a_new_version_and_nothing_else_does(session: Session) -> None:
    form = make_form(session)
    assert forms.change(form, Written(origins="https://ledger.example", topics=1)) == ["origins", "topics"]
    assert form.version == 1
    assert forms.change(form, Written(heading="Before breakfast", button="Get it")) == [
        "heading",
        "button",
        "origins",
        "topics",
    ]
    assert (form.version, form.topics) == (2, EVERY_TOPIC)
    assert forms.change(form, Written(heading="Before breakfast", button="Get it")) == []
    assert form.version == 2


def test_a_wording_is_kept_with_its_version_only_while_the_form_says_it(session: Session) -> None:
    form = make_form(session, wording="Send it to me.")
    assert forms.version_of(form, "Send it to me.") == 1
    assert forms.version_of(form, "Send it to everybody.") == 0


def test_the_words_of_the_house_keep_their_version_in_the_language_of_the_page(session: Session) -> None:
    form = make_form(session, language="de")
    russian = forms.words(form, "ru").wording
    assert russian != forms.words(form).wording
    assert forms.version_of(form, russian, "ru") == 1
    assert forms.version_of(form, russian) == forms.version_of(form, russian, "fr") == 0


def test_a_form_without_sites_stands_anywhere(session: Session) -> None:
    assert forms.allows(make_form(session), "https://anybody.example")


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("https://ledger.example", True),
        ("https://www.ledger.example", False),
        ("http://ledger.example", False),
        ("https://ledger.example.evil.example", False),
        ("", True),  # older browsers and mail programs send none
        ("null", True),  # a frame in a sandbox; who may frame it is said elsewhere
    ],
)
def test_a_form_with_sites_is_taken_from_these(session: Session, origin: str, allowed: bool) -> None:
    assert forms.allows(make_form(session, origins="https://ledger.example\nhttps://sport.example"), origin) is allowed


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", ""),
        ("https://Ledger.example/", "https://ledger.example"),
        ("https://ledger.example:443, https://ledger.example", "https://ledger.example"),
        ("https://ledger.example:8443\r\nhttp://localhost:9001", "https://ledger.example:8443\nhttp://localhost:9001"),
        ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
    ],
)
def test_sites_are_kept_as_browsers_name_them(typed: str, kept: str) -> None:
    assert written.origins(typed) == kept


@pytest.mark.parametrize(
    ("typed", "advice"),
    [
        ("http://ledger.example", "https:// before the name"),
        ("ledger.example", "one to a line"),
        ("https://ledger.example/news", "one to a line"),
        ("https://*.ledger.example", "one to a line"),
        ("https://ledger.example:99999", "one to a line"),
        ("https://lea@ledger.example", "one to a line"),
        ("https://ledger.example; script-src *", "one to a line"),
        ("'self'", "one to a line"),
    ],
)
def test_what_is_no_site_is_told_how_to_write_one(typed: str, advice: str) -> None:
    with pytest.raises(BadInput, match=advice):
        written.origins(typed)

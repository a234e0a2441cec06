"""Newsletters on the desk: make one, read how it stands, change what it says and whom it takes."""

from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from mailer.links import Links
from mailer.newsletters.models import Newsletter, Schedule
from mailer.staff.models import AuditEvent
from tests.newsletters.making import NOW, make_newsletter, make_schedule
from tests.web.staffroom import LEA, log_in, press

NEW = {
    "title": "Evening  Briefing",
    "slug": "evening",
    "sender_name": "The Harbour Ledger",
    "sender_address": "evening@ledger.example",
    "postal_address": "",
    "language": "az",
    "timezone": "Asia/Baku",
}

DETAILS = {
    **NEW,
    "title": "Morning Brief",
    "description": "What the port decided.",
    "publisher": "The Ledger",
    "site_url": "https://ledger.example",
    "postal_address": "Quayside 4",
    "takes_readers": "yes",
    "disposable": "refuse",
    "archive": "public",
    "breaking_cap": "2",
}

PAGE = "/desk/newsletters/morning"


@pytest.fixture
def lea(client: FlaskClient, session: Session, links: Links) -> FlaskClient:
    log_in(client, session, links)
    return client


def save(lea: FlaskClient, **fields: str) -> TestResponse:
    return press(lea, PAGE, PAGE, **{**DETAILS, **fields})


def fresh(session: Session, slug: str = "morning") -> Newsletter:
    found = session.scalars(
        select(Newsletter).where(Newsletter.slug == slug).execution_options(populate_existing=True)
    ).one()
    session.commit()
    return found


def test_an_editor_makes_a_newsletter_and_is_led_to_its_sources(lea: FlaskClient, session: Session) -> None:
    made = press(lea, "/desk/newsletters", "/desk/newsletters", **NEW)
    assert made.location == "/desk/newsletters/evening/sources"
    assert "Where do your articles come from?" in lea.get(made.location).text
    newsletter = fresh(session, "evening")
    assert (newsletter.title, newsletter.timezone, newsletter.language) == ("Evening Briefing", "Asia/Baku", "az")
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "newsletter.added")).one()
    assert (event.actor, event.subject) == (LEA, "evening")
    assert "Evening Briefing" in lea.get("/desk/newsletters").text


WRONG = {
    ("slug", "Evening News"): "Write small letters, digits and single hyphens",
    ("slug", "morning"): "There is a newsletter “morning” already.",
    ("sender_address", "evening at ledger"): "An e-mail address has an @ in it",
    ("timezone", "Baku"): "'Baku' is not a time zone.",
    ("language", "azerbaijani!"): "is not a language.",
    ("title", ""): "Write between 1 and 120 characters.",
}


def test_what_cannot_be_read_is_said_beside_its_field_and_the_rest_is_kept(lea: FlaskClient, session: Session) -> None:
    make_newsletter(session)
    for (field, written), said in WRONG.items():
        answer = press(lea, "/desk/newsletters", "/desk/newsletters", **{**NEW, field: written})
        assert answer.status_code == 422
        page = unescape(answer.text)
        assert said in page.split(f'id="bad-{field}"')[1].split("</p>")[0]
        assert f'aria-describedby="bad-{field}"' in page
        assert "evening@ledger.example" in page or field == "sender_address"


def test_every_word_and_setting_of_a_newsletter_can_be_changed(lea: FlaskClient, session: Session) -> None:
    make_newsletter(session)
    answer = save(lea)
    assert answer.location == PAGE
    assert "Saved." in lea.get(PAGE).text
    changed = fresh(session)
    assert changed.takes_readers is True
    kept = {name: str(getattr(changed, name)) for name in DETAILS if name not in ("slug", "takes_readers")}
    assert kept == {name: value for name, value in DETAILS.items() if name in kept}
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "newsletter.changed")).one()
    assert (event.subject, "archive" in event.detail) == ("morning", True)
    session.commit()
    save(lea)
    assert "Nothing was different." in lea.get(PAGE).text


def test_an_unticked_box_takes_no_readers(lea: FlaskClient, session: Session) -> None:
    make_newsletter(session)
    press(lea, PAGE, PAGE, **{name: value for name, value in DETAILS.items() if name != "takes_readers"})
    assert fresh(session).takes_readers is False


def test_a_setting_that_is_none_changes_nothing(lea: FlaskClient, session: Session) -> None:
    make_newsletter(session)
    wrong = {"archive": "secret", "breaking_cap": "25", "disposable": "", "site_url": "javascript:alert(1)"}
    answer = save(lea, **wrong)
    assert answer.status_code == 422
    assert [field for field in wrong if f'id="bad-{field}"' not in answer.text] == []
    assert fresh(session).title == "Morning Briefing"


def test_another_clock_does_not_make_missed_hours(lea: FlaskClient, session: Session) -> None:
    make_schedule(session, make_newsletter(session), made_until=NOW)
    save(lea)
    schedule = session.scalars(select(Schedule).execution_options(populate_existing=True)).one()
    assert schedule.starts_at != NOW
    assert schedule.made_until is None


def test_another_title_is_another_wording_of_the_forms(lea: FlaskClient, session: Session) -> None:
    version = make_newsletter(session).forms[0].version
    save(lea)
    session.expire_all()
    assert fresh(session).forms[0].version == version + 1


def test_the_tabs_lead_to_every_page_of_a_newsletter(lea: FlaskClient, session: Session) -> None:
    make_newsletter(session)
    page = lea.get(PAGE).text
    for path in ("", "/sources", "/topics", "/schedules", "/look", "/breaking"):
        assert f'href="{PAGE}{path}"' in page
        assert lea.get(f"{PAGE}{path}").status_code == 200

"""The page of the desk that changes a form and hands out its snippets."""

from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.config import Settings
from mailer.links import Links
from mailer.newsletters.models import EVERY_TOPIC, Form, Newsletter
from mailer.staff.models import AuditEvent, Role
from tests.subscriptions.making import make_newsletter
from tests.web.staffroom import LEA, log_in, press


@pytest.fixture
def newsletter(session: Session, client: FlaskClient, links: Links) -> Newsletter:
    newsletter = make_newsletter(session)
    log_in(client, session, links)
    return newsletter


@pytest.fixture
def page(newsletter: Newsletter) -> str:
    return f"/desk/forms/{newsletter.forms[0].id}"


def fresh(session: Session, form_id: int) -> Form:
    session.expire_all()
    form = session.get_one(Form, form_id)
    _ = form.version
    session.commit()
    return form


def test_forms_are_for_editors(client: FlaskClient, session: Session, links: Links) -> None:
    assert client.get("/desk/forms").status_code == 302
    log_in(client, session, links, Role.OPERATOR)
    assert client.get("/desk/forms").status_code == 403


def test_the_list_leads_to_each_form(client: FlaskClient, newsletter: Newsletter, page: str) -> None:
    listed = client.get("/desk/forms").text
    assert f'href="{page}"' in listed
    assert "Version 1. Any site." in listed


def test_an_editor_makes_a_form(client: FlaskClient, session: Session, newsletter: Newsletter) -> None:
    made = press(client, "/desk/forms", "/desk/newsletters/morning/forms", name="sport-pages")
    assert made.status_code == 303
    form = session.scalars(select(Form).where(Form.slug == "sport-pages")).one()
    assert made.location == f"/desk/forms/{form.id}"
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "form.made")).one()
    assert (event.actor, event.subject) == (LEA, "form morning/sport-pages")


@pytest.mark.parametrize(("name", "said"), [("Sport Pages", "Write small letters"), ("main", "has a form “main”")])
def test_a_name_that_does_not_work_says_why(client: FlaskClient, newsletter: Newsletter, name: str, said: str) -> None:
    answer = press(client, "/desk/forms", "/desk/newsletters/morning/forms", name=name)
    assert answer.status_code == 422
    assert said in unescape(answer.text)


def test_a_change_is_a_new_version_and_written_down(
    client: FlaskClient, session: Session, newsletter: Newsletter, page: str
) -> None:
    fields = {"heading": "Before  breakfast", "origins": "https://Ledger.example/", "ask": "yes", "topic": "sport"}
    assert press(client, page, page, **fields).status_code == 303
    form = fresh(session, newsletter.forms[0].id)
    assert (form.heading, form.origins, form.topics, form.version) == (
        "Before breakfast",
        "https://ledger.example",
        2,
        2,
    )
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "form.changed")).one()
    assert event.detail == "version 2: heading, origins, topics"


def test_a_form_that_does_not_ask_gives_every_topic(
    client: FlaskClient, session: Session, newsletter: Newsletter, page: str
) -> None:
    press(client, page, page, topic="sport")
    assert fresh(session, newsletter.forms[0].id).topics == EVERY_TOPIC


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("heading", "x" * 121, "At most 120 characters; these are 121."),
        ("origins", "http://ledger.example", "Write https:// before the name"),
        ("language", "tlh", "Readers cannot be spoken to in this language yet."),
    ],
)
def test_what_does_not_work_is_said_beside_the_field_and_nothing_is_lost(
    client: FlaskClient, session: Session, newsletter: Newsletter, page: str, field: str, value: str, said: str
) -> None:
    answer = press(client, page, page, **{"button": "Get it", field: value})
    assert answer.status_code == 422
    assert said in unescape(answer.text)
    assert f'aria-describedby="bad-{field}"' in answer.text
    assert 'value="Get it"' in answer.text
    assert fresh(session, newsletter.forms[0].id).version == 1


def test_a_change_needs_the_token_of_the_page(client: FlaskClient, newsletter: Newsletter, page: str) -> None:
    assert client.post(page, data={"heading": "Mine"}).status_code == 400


def test_the_snippets_stand_on_the_page_as_they_are_to_be_pasted(
    client: FlaskClient, settings: Settings, newsletter: Newsletter, page: str
) -> None:
    text = unescape(client.get(page).text)
    base = settings.base_url
    assert f'<form action="{base}/s/morning" method="post" novalidate>' in text
    assert f'</post-signup>\n<script type="module" src="{base}/e/1.js"></script>' in text
    assert f'<iframe src="{base}/f/morning" title="Morning Briefing" width="100%"' in text
    assert f'<p><a href="{base}/f/morning?full=1">Morning Briefing</a></p>' in text
    assert '[post_signup newsletter="morning" form="main"]' in text
    assert f"script-src {base}; connect-src {base}; form-action {base}" in text


def test_snippets_of_two_visits_have_ids_of_their_own(client: FlaskClient, newsletter: Newsletter, page: str) -> None:
    ids = {unescape(client.get(page).text).partition('id="signup-')[2][:6] for _ in range(2)}
    assert len(ids) == 2


def test_a_snippet_speaks_the_form_s_language(
    client: FlaskClient, session: Session, newsletter: Newsletter, page: str
) -> None:
    newsletter.forms[0].language = "ar"
    session.commit()
    text = unescape(client.get(page).text)
    assert '<post-signup lang="ar" dir="rtl" data-offline="' in text


def test_topics_are_asked_only_where_the_form_asks(
    client: FlaskClient, session: Session, newsletter: Newsletter, page: str
) -> None:
    assert '<input type="checkbox" name="topic" value="sport" checked>' not in unescape(client.get(page).text)
    newsletter.forms[0].topics = 2
    session.commit()
    text = unescape(client.get(page).text)
    assert '<label><input type="checkbox" name="topic" value="city"> City</label>' in text
    assert '<label><input type="checkbox" name="topic" value="sport" checked> Sport</label>' in text

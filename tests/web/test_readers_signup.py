"""The sign-up door: open to every page of every site, telling nobody who reads what."""

import time

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from mailer.app import create_app
from mailer.config import Settings
from mailer.embedded.ports import free as free_port
from mailer.newsletters.models import EVERY_TOPIC, Newsletter
from mailer.subscriptions import suppression, unsubscribe
from mailer.subscriptions.models import ConsentRecord, Subscription, SubscriptionState
from tests.subscriptions.making import NOW, ask, join, make_newsletter

JSON = {"Accept": "application/json"}


@pytest.fixture(autouse=True)
def newsletter(session: Session) -> Newsletter:
    return make_newsletter(session)


def sign_up(client: FlaskClient, headers: dict[str, str] | None = None, **fields: str | list[str]) -> TestResponse:
    return client.post("/s/morning", data={"email": "mara@ledger.example", **fields}, headers=headers)


def test_a_plain_form_gets_the_page_itself_and_no_redirect(client: FlaskClient, session: Session) -> None:
    answer = sign_up(client, page="https://ledger.example/story", form="under the story", topic=["sport", "weather"])
    assert answer.status_code == 200
    assert "One more step" in answer.text
    assert "mara@ledger.example" in answer.text
    subscription = session.scalars(select(Subscription)).one()
    assert (subscription.state, subscription.topics) == (SubscriptionState.PENDING, 2)
    record = session.scalars(select(ConsentRecord)).one()
    assert (record.page, record.form) == ("https://ledger.example/story", "under the story")
    assert record.network == "127.0.0.1"


def test_a_script_of_any_site_gets_json(client: FlaskClient) -> None:
    answer = sign_up(client, headers={**JSON, "Origin": "https://ledger.example"})
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["state"] == "pending"
    assert answer.json["message"] == "Press the button in the e-mail we sent to mara@ledger.example."
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
        ("*/*", "text/html"),
        ("application/json, text/plain, */*", "application/json"),
        ("application/json;q=0.1, text/html", "text/html"),
    ],
)
def test_whoever_prefers_json_gets_json(client: FlaskClient, accept: str, kind: str) -> None:
    assert sign_up(client, headers={"Accept": accept}).mimetype == kind


def test_what_is_no_address_is_said_in_one_sentence(client: FlaskClient, session: Session) -> None:
    page, data = sign_up(client, email="mara"), sign_up(client, headers=JSON, email="mara")
    assert page.status_code == 422
    assert "An e-mail address has an @ in it" in page.text
    assert data.status_code == 200
    assert data.json == {"state": "invalid", "message": "An e-mail address has an @ in it, like name@example.org."}
    assert session.scalar(select(func.count()).select_from(Subscription)) == 0


def test_an_unknown_newsletter_is_closed(client: FlaskClient) -> None:
    page = client.post("/s/evening", data={"email": "mara@ledger.example"})
    data = client.post("/s/evening", data={"email": "mara@ledger.example"}, headers=JSON)
    assert (page.status_code, data.status_code) == (404, 404)
    assert data.json is not None
    assert data.json["state"] == "closed"
    assert data.headers["Access-Control-Allow-Origin"] == "*"
    assert client.get("/s/evening").status_code == 404


def test_the_sentence_on_our_page_is_the_one_that_is_kept(client: FlaskClient, session: Session) -> None:
    page = client.get("/s/morning").text
    sign_up(client)
    kept = session.scalars(select(ConsentRecord.wording)).one()
    assert kept == "Send me Morning Briefing by e-mail. I can stop any time, with one press in every issue."
    assert kept in page
    assert "The Harbour Ledger" in page


def test_the_sentence_of_another_form_is_kept_up_to_a_length(client: FlaskClient, session: Session) -> None:
    sign_up(client, wording="Yes\0, " + "please " * 1000)
    record = session.scalars(select(ConsentRecord)).one()
    assert record.wording.startswith("Yes, please")
    assert len(record.wording) == 2_000


def test_without_a_page_the_referrer_stands_for_it(client: FlaskClient, session: Session) -> None:
    sign_up(client, headers={"Referer": "https://ledger.example/"})
    assert session.scalars(select(ConsentRecord.page)).one() == "https://ledger.example/"


def test_without_ticks_a_reader_gets_every_topic(client: FlaskClient, session: Session) -> None:
    sign_up(client)
    assert session.scalars(select(Subscription.topics)).one() == EVERY_TOPIC


def test_a_robot_that_fills_every_field_is_answered_and_forgotten(client: FlaskClient, session: Session) -> None:
    trapped, honest = sign_up(client, website="https://spam.example"), sign_up(client)
    assert trapped.data == honest.data
    assert session.scalar(select(func.count()).select_from(ConsentRecord)) == 1


def test_known_and_unknown_readers_get_the_same_bytes(
    client: FlaskClient, session: Session, newsletter: Newsletter
) -> None:
    first = [sign_up(client, email="mara@ledger.example"), sign_up(client, JSON, email="mara@ledger.example")]
    ask(session, newsletter, "pending@ledger.example")
    join(session, newsletter, "active@ledger.example")
    left = join(session, newsletter, "left@ledger.example")
    unsubscribe.leave(session, left.id, issue_id=None, network="", now=NOW)
    suppression.suppress(session, "never@ledger.example", "complained", NOW)
    session.commit()
    for name in ("pending", "active", "left", "never"):
        address = f"{name}@ledger.example"
        for unknown, headers in zip(first, ({}, JSON), strict=True):
            known = sign_up(client, headers, email=address)
            assert known.data.replace(address.encode(), b"mara@ledger.example") == unknown.data
            assert (known.status, dict(known.headers)) == (
                unknown.status,
                {**dict(unknown.headers), "Content-Length": known.headers["Content-Length"]},
            )


def test_a_stranger_cannot_change_what_an_active_reader_gets(
    client: FlaskClient, session: Session, newsletter: Newsletter
) -> None:
    reader = join(session, newsletter)
    sign_up(client, topic="sport")
    session.expire_all()
    assert (reader.state, reader.topics) == (SubscriptionState.ACTIVE, 1)


def test_a_sign_up_is_kept_and_answered_at_once_while_the_broker_is_away(settings: Settings, session: Session) -> None:
    away = settings.model_copy(update={"redis_url": f"redis://127.0.0.1:{free_port()}/0"})
    client = create_app(away).test_client()
    began = time.monotonic()
    assert sign_up(client).status_code == 200
    assert time.monotonic() - began < 1
    subscription = session.scalars(select(Subscription)).one()
    assert subscription.confirmation_due_at is not None
    assert session.scalar(select(func.count()).select_from(ConsentRecord)) == 1


def test_hostile_fields_store_text_and_nothing_else(client: FlaskClient, session: Session) -> None:
    topics = ["", "\0", "city' OR 1=1"]
    answer = sign_up(client, page="javascript:alert(1)\0", form="x" * 5000, topic=topics)
    assert answer.status_code == 200
    record = session.scalars(select(ConsentRecord)).one()
    assert (record.page, len(record.form)) == ("javascript:alert(1)", 120)


def test_the_first_page_names_every_newsletter(app: Flask, client: FlaskClient, session: Session) -> None:
    make_newsletter(session, "weekly", "The Week <3")
    page = client.get("/").text
    assert 'href="/s/morning"' in page
    assert "The Week &lt;3" in page
    assert client.get("/privacy").status_code == 200

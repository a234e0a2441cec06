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
from mailer.subscriptions.models import ConsentRecord, OwedLetter, Subscription, SubscriptionState
from tests.subscriptions.making import NOW, ask, join, make_newsletter

JSON = {"Accept": "application/json"}
REF = "a-secret-of-this-page-123"


@pytest.fixture(autouse=True)
def newsletter(session: Session) -> Newsletter:
    return make_newsletter(session)


def sign_up(client: FlaskClient, headers: dict[str, str] | None = None, **fields: str | list[str]) -> TestResponse:
    return client.post("/s/morning", data={"email": "mara@ledger.example", **fields}, headers=headers)


def test_a_plain_form_gets_the_page_itself_and_no_redirect(client: FlaskClient, session: Session) -> None:
    answer = sign_up(client, page="https://ledger.example/story", topic=["sport", "weather"])
    assert answer.status_code == 200
    assert "One more step" in answer.text
    assert "mara@ledger.example" in answer.text
    subscription = session.scalars(select(Subscription)).one()
    assert (subscription.state, subscription.topics) == (SubscriptionState.PENDING, 2)
    record = session.scalars(select(ConsentRecord)).one()
    assert (record.page, record.form, record.form_version) == ("https://ledger.example/story", "main", 1)
    assert record.network == "127.0.0.1"


def test_a_script_of_any_site_gets_json(client: FlaskClient) -> None:
    answer = sign_up(client, headers={**JSON, "Origin": "https://ledger.example"})
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["state"] == "pending"
    assert answer.json["message"] == "We sent a code and a link to mara@ledger.example."
    assert answer.json["code_url"].endswith("/s/morning/code")
    assert (answer.json["again_url"], answer.json["wait"]) == (answer.json["code_url"][:-4] + "again", 30)
    assert set(answer.json["text"]) == {"title", "body", "code", "ok", "again", "wrong", "sent"}
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
    assert 'value="mara"' in page.text
    assert data.json is not None
    assert (data.json["state"], data.json["email"]) == ("invalid", "mara")
    assert data.json["message"] == "An e-mail address has an @ in it, like name@example.org."
    assert session.scalar(select(func.count()).select_from(Subscription)) == 0


@pytest.mark.parametrize("slug", ["evening", "full"])
def test_a_newsletter_that_is_unknown_or_takes_nobody_is_closed(
    client: FlaskClient, session: Session, slug: str
) -> None:
    make_newsletter(session, "full").takes_readers = False
    session.commit()
    for path in (f"/s/{slug}", f"/s/{slug}/code", f"/s/{slug}/again"):
        page = client.post(path, data={"email": "mara@ledger.example"})
        data = client.post(path, data={"email": "mara@ledger.example"}, headers=JSON)
        assert (page.status_code, data.status_code) == (404, 404)
        assert data.json is not None
        assert data.json["state"] == "closed"
        assert data.headers["Access-Control-Allow-Origin"] == "*"
        assert client.get(path, follow_redirects=True).status_code == 404


def test_the_sentence_on_our_page_is_the_one_that_is_kept(client: FlaskClient, session: Session) -> None:
    page = client.get("/s/morning").text
    sign_up(client)
    kept = session.scalars(select(ConsentRecord.wording)).one()
    assert kept == "Send me Morning Briefing by e-mail. I can stop any time, with one press in every issue."
    assert kept in page
    assert "The Harbour Ledger" in page


def test_the_sentence_of_the_page_itself_is_kept_up_to_a_length(client: FlaskClient, session: Session) -> None:
    sign_up(client, wording="Yes\0, " + "please " * 1000)
    record = session.scalars(select(ConsentRecord)).one()
    assert record.form_version == 0
    assert record.wording.startswith("Yes, please")
    assert len(record.wording) == 2_000


def test_without_a_page_the_referrer_stands_for_it(client: FlaskClient, session: Session) -> None:
    sign_up(client, headers={"Referer": "https://ledger.example/"})
    assert session.scalars(select(ConsentRecord.page)).one() == "https://ledger.example/"


def test_without_ticks_a_reader_gets_every_topic(client: FlaskClient, session: Session) -> None:
    sign_up(client)
    assert session.scalars(select(Subscription.topics)).one() == EVERY_TOPIC


def test_a_robot_that_fills_every_field_is_answered_and_forgotten(client: FlaskClient, session: Session) -> None:
    trapped, honest = sign_up(client, website="https://spam.example", ref=REF), sign_up(client, ref=REF)
    assert trapped.data == honest.data
    assert session.scalar(select(func.count()).select_from(ConsentRecord)) == 1


def test_known_and_unknown_readers_get_the_same_bytes(
    client: FlaskClient, session: Session, newsletter: Newsletter
) -> None:
    first = [sign_up(client, headers, email="mara@ledger.example", ref=REF) for headers in ({}, JSON)]
    ask(session, newsletter, "pending@ledger.example")
    join(session, newsletter, "active@ledger.example")
    left = join(session, newsletter, "left@ledger.example")
    unsubscribe.leave(session, left.id, issue_id=None, network="", now=NOW)
    suppression.suppress(session, "never@ledger.example", "complained", NOW)
    session.commit()
    for name in ("pending", "active", "left", "never"):
        address = f"{name}@ledger.example"
        for unknown, headers in zip(first, ({}, JSON), strict=True):
            known = sign_up(client, headers, email=address, ref=REF)
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
    letter = session.scalars(select(OwedLetter)).one()
    assert letter.due_at is not None
    assert session.scalar(select(func.count()).select_from(ConsentRecord)) == 1


def only_from(session: Session, newsletter: Newsletter, origins: str) -> None:
    newsletter.forms[0].origins = origins
    session.commit()


def test_a_form_for_certain_sites_is_taken_from_them_and_from_our_own_pages(
    client: FlaskClient, session: Session, newsletter: Newsletter, settings: Settings
) -> None:
    only_from(session, newsletter, "https://ledger.example\nhttps://www.ledger.example")
    for origin in ("https://www.ledger.example", "null", settings.base_url, "http://localhost"):
        assert "One more step" in sign_up(client, headers={"Origin": origin}).text
    assert "One more step" in sign_up(client).text
    sites = session.scalars(select(OwedLetter.site).order_by(OwedLetter.id)).all()
    assert sites == ["www.ledger.example", "", "", "", ""]


def test_a_form_on_a_site_that_it_is_not_for_leads_to_our_own_page(
    client: FlaskClient, session: Session, newsletter: Newsletter
) -> None:
    only_from(session, newsletter, "https://ledger.example")
    page, data = (sign_up(client, {**headers, "Origin": "https://evil.example"}) for headers in ({}, JSON))
    assert (page.status_code, data.status_code) == (404, 404)
    assert 'href="/s/morning"' in page.text
    assert data.json is not None
    assert data.json["state"] == "closed"
    assert session.scalar(select(func.count()).select_from(OwedLetter)) == 0


def test_a_form_for_every_site_names_none_in_the_mail(client: FlaskClient, session: Session) -> None:
    sign_up(client, headers={"Origin": "https://evil.example"})
    assert session.scalars(select(OwedLetter.site)).one() == ""


def test_a_page_keeps_its_secret_and_a_weak_one_is_replaced(client: FlaskClient) -> None:
    for given, kept in ((REF, True), ("", False), ("short", False), ("with blanks and <b>brackets</b>", False)):
        answer = sign_up(client, JSON, ref=given).json
        assert answer is not None
        assert (answer["ref"] == given) is kept
        assert len(answer["ref"]) >= 22


def test_the_answer_speaks_the_language_of_the_reader_then_of_the_form_then_of_the_newsletter(
    client: FlaskClient, session: Session, newsletter: Newsletter
) -> None:
    newsletter.language, newsletter.forms[0].language = "de", "ar"
    session.commit()
    assert '<html lang="ar" dir="rtl">' in sign_up(client).text
    assert '<html lang="ru" dir="ltr">' in sign_up(client, language="ru").text
    newsletter.forms[0].language = ""
    session.commit()
    page = sign_up(client, headers={"Accept-Language": "fr"}, language="xx")
    assert '<html lang="de" dir="ltr">' in page.text
    assert session.scalars(select(Subscription.language)).one() == ""


def test_what_a_form_ticks_beforehand_is_ticked_on_its_page(
    client: FlaskClient, session: Session, newsletter: Newsletter
) -> None:
    assert " checked" not in client.get("/s/morning").text
    newsletter.forms[0].topics = 2
    session.commit()
    assert 'value="sport" checked' in client.get("/s/morning").text


def test_hostile_fields_store_text_and_nothing_else(client: FlaskClient, session: Session) -> None:
    topics = ["", "\0", "city' OR 1=1"]
    answer = sign_up(
        client, page="javascript:alert(1)\0", form="x" * 5000, topic=topics, language='"><b>', ref="../../etc/passwd"
    )
    assert answer.status_code == 200
    assert '"><b>' not in answer.text
    assert "passwd" not in answer.text
    record = session.scalars(select(ConsentRecord)).one()
    assert (record.page, record.form) == ("javascript:alert(1)", "main")


def test_the_first_page_names_every_newsletter(app: Flask, client: FlaskClient, session: Session) -> None:
    make_newsletter(session, "weekly", "The Week <3")
    page = client.get("/").text
    assert 'href="/s/morning"' in page
    assert "The Week &lt;3" in page
    assert client.get("/privacy").status_code == 200

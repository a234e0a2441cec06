"""Questions about an address: another one was meant, or this one will be thrown away. Who insists is believed."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from mailer.newsletters.models import Disposable, Newsletter
from mailer.subscriptions.models import OwedLetter, Subscriber
from tests.subscriptions.making import make_newsletter

JSON = {"Accept": "application/json"}
REF = "a-secret-of-this-page-123"
PASSING = "mara@mailinator.com"


@pytest.fixture(autouse=True)
def newsletter(session: Session) -> Newsletter:
    return make_newsletter(session)


def sign_up(client: FlaskClient, email: str, headers: dict[str, str] | None = None, **fields: str) -> TestResponse:
    return client.post("/s/morning", data={"email": email, "ref": REF, **fields}, headers=headers)


def letters(session: Session) -> int:
    count = session.scalar(select(func.count()).select_from(OwedLetter)) or 0
    session.commit()
    return count


def test_a_script_is_told_what_was_probably_meant(client: FlaskClient, session: Session) -> None:
    answer = sign_up(client, "mara@gmial.com", JSON)
    assert answer.json == {
        "state": "suggest",
        "ref": REF,
        "email": "mara@gmial.com",
        "message": "Did you mean this one?",
        "suggestion": "mara@gmail.com",
    }
    assert letters(session) == 0


def test_the_page_has_a_button_that_takes_it_and_one_that_insists(client: FlaskClient, session: Session) -> None:
    page = sign_up(client, "mara@gmial.com", topic="sport", page="https://ledger.example/story").text
    assert 'name="email" value="mara@gmail.com"' in page
    assert 'name="sure" value="mara@gmial.com"' in page
    assert page.count('name="topic" value="sport"') == page.count("<form") == 3
    assert page.count('name="page" value="https://ledger.example/story"') == 3
    assert letters(session) == 0


def test_the_same_address_sent_a_second_time_is_taken(client: FlaskClient, session: Session) -> None:
    assert "One more step" in sign_up(client, "mara@gmial.com", sure="mara@gmial.com").text
    assert session.scalars(select(Subscriber.address)).one() == "mara@gmial.com"


def test_insisting_on_one_address_says_nothing_about_another(client: FlaskClient) -> None:
    assert "Did you mean" in sign_up(client, "mara@gmial.com", sure="mara@gamil.com").text


def test_a_mailbox_that_is_thrown_away_is_asked_about(client: FlaskClient, session: Session) -> None:
    page, data = sign_up(client, PASSING), sign_up(client, PASSING, JSON)
    assert "Is that a mailbox you will keep?" in page.text
    assert data.json is not None
    assert data.json["state"] == "suggest"
    assert "suggestion" not in data.json
    assert letters(session) == 0
    assert "One more step" in sign_up(client, PASSING, sure=PASSING).text


def test_a_newsletter_may_refuse_mailboxes_that_are_thrown_away(
    client: FlaskClient, session: Session, newsletter: Newsletter
) -> None:
    newsletter.disposable = Disposable.REFUSE
    session.commit()
    page, data = sign_up(client, PASSING, sure=PASSING), sign_up(client, PASSING, JSON, sure=PASSING)
    assert page.status_code == 422
    assert "Take one that you will keep" in page.text
    assert data.json is not None
    assert data.json["state"] == "invalid"
    assert letters(session) == 0


def test_a_newsletter_may_take_them(client: FlaskClient, session: Session, newsletter: Newsletter) -> None:
    newsletter.disposable = Disposable.ALLOW
    session.commit()
    assert "One more step" in sign_up(client, PASSING).text
    assert letters(session) == 1

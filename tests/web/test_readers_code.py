"""On the page that asked: six digits instead of the link, the mail once more, and "You're in" after the link."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from mailer.links import Links
from mailer.newsletters.models import Newsletter
from mailer.subscriptions import code, consent, suppression
from mailer.subscriptions.models import OwedLetter, Subscription, SubscriptionState
from tests.conftest import SECRET
from tests.subscriptions.making import NOW, join, make_newsletter

JSON = {"Accept": "application/json"}
REF = "a-secret-of-this-page-123"
MARA = "mara@ledger.example"
IN = "You&#39;re in"
SINCE = re.compile(r"Sent (just now|\w+ seconds? ago)")


@pytest.fixture(autouse=True)
def newsletter(session: Session) -> Newsletter:
    return make_newsletter(session)


def post(client: FlaskClient, door: str = "", *, json: bool = False, **fields: str) -> TestResponse:
    data = {"email": MARA, "ref": REF, **fields}
    return client.post(f"/s/morning{door}", data=data, headers=JSON if json else {})


def right_code(session: Session) -> str:
    """The code of the newest letter."""
    letter_id = session.scalars(select(OwedLetter.id).order_by(OwedLetter.id.desc())).first()
    session.commit()
    assert letter_id is not None
    return code.code(SECRET.encode(), letter_id)


def wrong_code(session: Session) -> str:
    return str((int(right_code(session)) + 1) % 10**6).zfill(6)


def subscription(session: Session) -> Subscription:
    session.expire_all()
    found = session.scalars(select(Subscription)).one()
    session.commit()
    return found


def letters(session: Session) -> int:
    found = session.scalars(select(OwedLetter.id)).all()
    session.commit()
    return len(found)


def age(session: Session, seconds: int) -> None:
    """Make the page's letters look older."""
    then = datetime.now(UTC) - timedelta(seconds=seconds)
    session.execute(update(OwedLetter).values(created_at=then))
    session.commit()


def test_the_right_code_makes_a_reader_and_opens_the_preferences(client: FlaskClient, session: Session) -> None:
    post(client)
    page = post(client, "/code", code=code.spaced(right_code(session)))
    assert IN in page.text
    assert "/p/" in page.text
    assert subscription(session).state == SubscriptionState.ACTIVE
    records = consent.history(session, subscription(session).id)
    assert [record.event for record in records] == ["requested", "confirmed"]


def test_a_script_is_told_the_same(client: FlaskClient, session: Session, links: Links) -> None:
    post(client, json=True)
    answer = post(client, "/code", json=True, code=right_code(session))
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.json is not None
    assert (answer.json["state"], answer.json["email"]) == ("confirmed", MARA)
    assert answer.json["preferences"].startswith(f"{links.base_url}/p/")
    assert answer.json["text"]["title"] == "You're in"


def test_a_wrong_code_says_how_many_tries_are_left_and_the_sixth_wants_a_new_mail(
    client: FlaskClient, session: Session
) -> None:
    post(client)
    wrong = wrong_code(session)
    for said in ("4 tries left", "3 tries left", "2 tries left", "One try left"):
        page = post(client, "/code", code=wrong).text
        assert said in page
        assert 'name="code"' in page
    for typed in (wrong, right_code(session)):
        page = post(client, "/code", code=typed).text
        assert "one wrong code too many" in page
        assert 'name="code"' not in page
        assert "Send a new one" in page
    assert subscription(session).state == SubscriptionState.PENDING
    error = post(client, "/code", json=True, code=wrong).json
    assert error is not None
    assert (error["state"], error["error"][:23]) == ("pending", "That was one wrong code")


def test_a_new_mail_brings_new_tries(client: FlaskClient, session: Session) -> None:
    post(client)
    for _ in range(5):
        post(client, "/code", code=wrong_code(session))
    age(session, 31)
    assert "Sent again" in post(client, "/again").text
    assert IN in post(client, "/code", code=right_code(session)).text


def test_after_the_second_mail_only_its_button_is_left(client: FlaskClient, session: Session) -> None:
    post(client)
    age(session, 31)
    post(client, "/again")
    for _ in range(5):
        page = post(client, "/code", code=wrong_code(session)).text
    assert "Press the button in the e-mail instead" in page
    assert "Send a new one" not in page


def test_a_code_is_good_only_on_the_page_that_asked(client: FlaskClient, session: Session) -> None:
    post(client)
    page = post(client, "/code", ref="another-secret-of-another-page", code=right_code(session))
    assert IN not in page.text
    assert subscription(session).state == SubscriptionState.PENDING


def test_after_half_an_hour_the_code_is_too_old(client: FlaskClient, session: Session) -> None:
    post(client)
    age(session, 30 * 60 + 5)
    page = post(client, "/code", code=right_code(session)).text
    assert "older than 30 minutes" in page
    assert "Sent 30 minutes ago." in page


def test_the_mail_is_not_sent_again_before_half_a_minute(client: FlaskClient, session: Session) -> None:
    post(client)
    age(session, 12)
    page = post(client, "/again").text
    assert "Sent 12 seconds ago." in page or "Sent 13 seconds ago." in page
    assert "Send it again" in page
    assert letters(session) == 1
    age(session, 31)
    page = post(client, "/again").text
    assert "Sent again. That was the last one for today." in page
    assert "Send it again" not in page
    assert letters(session) == 2
    age(session, 31)
    assert "That was the last one" in post(client, "/again").text
    assert letters(session) == 2


def test_a_script_is_told_how_long_to_wait(client: FlaskClient, session: Session) -> None:
    first = post(client, json=True).json
    age(session, 31)
    second = post(client, "/again", json=True).json
    assert first is not None
    assert second is not None
    assert first["wait"] == 30
    assert first["text"]["sent"] == "Sent just now."
    assert second["wait"] > 3600
    assert second["text"]["sent"] == "Sent again. That was the last one for today."


def test_a_page_that_asked_for_nothing_gets_the_form(client: FlaskClient, session: Session) -> None:
    page = post(client, "/again")
    assert page.status_code == 422
    assert f'value="{MARA}"' in page.text
    assert letters(session) == 0


def test_known_and_unknown_readers_see_the_same_after_a_wrong_code_and_after_again(
    client: FlaskClient, session: Session, newsletter: Newsletter
) -> None:
    join(session, newsletter, "active@ledger.example")
    suppression.suppress(session, "never@ledger.example", "complained", NOW)
    session.commit()
    answers = []
    for name in ("mara", "active", "never"):
        email, ref = f"{name}@ledger.example", f"the-secret-of-the-page-of-{name}"
        post(client, email=email, ref=ref)
        wrong = post(client, "/code", email=email, ref=ref, code=wrong_code(session))
        age(session, 31)
        again = post(client, "/again", email=email, ref=ref)
        answers.append([SINCE.sub("Sent", answer.text.replace(name, "X")) for answer in (wrong, again)])
    assert answers[0] == answers[1] == answers[2]


def test_after_the_link_the_first_page_says_so_at_its_next_press(
    client: FlaskClient, session: Session, links: Links
) -> None:
    post(client)
    link = links.confirm(subscription(session).id, 1).removeprefix(links.base_url)
    assert IN in client.post(link).text
    for door in ("/again", "/code"):
        page = post(client, door, code="")
        assert IN in page.text
        assert "/p/" not in page.text  # whoever sits there has proved nothing
        assert MARA not in page.text.replace(f'value="{MARA}"', "")
    assert letters(session) == 1


def test_a_reader_since_before_never_shows_on_the_page_of_a_stranger(
    client: FlaskClient, session: Session, newsletter: Newsletter
) -> None:
    join(session, newsletter, MARA)
    post(client)
    assert IN not in post(client, "/code", code=right_code(session)).text
    age(session, 31)
    assert IN not in post(client, "/again").text

"""From an issue to the preference centre: only its owner gets there, whoever holds the mail."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.links import Links, Purpose
from mailer.newsletters.models import Newsletter
from mailer.subscriptions import letters
from mailer.subscriptions.models import LetterKind, OwedLetter, Subscription
from tests.subscriptions.making import join, make_newsletter

ISSUE = 12


@pytest.fixture(autouse=True)
def newsletter(session: Session) -> Newsletter:
    return make_newsletter(session)


@pytest.fixture
def reader(session: Session, newsletter: Newsletter) -> Subscription:
    return join(session, newsletter)


def preference_letters(session: Session) -> list[OwedLetter]:
    found = list(session.scalars(select(OwedLetter).where(OwedLetter.kind == LetterKind.PREFERENCES)).all())
    session.commit()
    return found


def test_a_press_owes_the_owner_a_link_and_says_so(
    client: FlaskClient, session: Session, links: Links, reader: Subscription
) -> None:
    link = links.unsubscribe(reader.id, ISSUE).removeprefix(links.base_url) + "/change"
    asked = client.get(link).text
    assert "m•••@ledger.example" in asked
    assert f'action="{link}"' in asked
    assert preference_letters(session) == []
    said = client.post(link).text
    assert "A link is on its way to m•••@ledger.example. It works for 2 days." in said
    (letter,) = preference_letters(session)
    assert letter.subscriber_id == reader.subscriber_id
    assert letter.due_at is not None


def test_nobody_is_flooded_with_links(
    client: FlaskClient, session: Session, links: Links, reader: Subscription
) -> None:
    link = links.unsubscribe(reader.id, ISSUE).removeprefix(links.base_url) + "/change"
    pages = [client.post(link).text for _ in range(10)]
    assert ["is on its way" in page for page in pages].count(True) == letters.LINKS_A_DAY
    assert "had enough links today" in pages[-1]
    assert [letter.due_at is not None for letter in preference_letters(session)].count(True) == letters.LINKS_A_DAY


@pytest.mark.parametrize(
    "path", ["/p/{}", "/p/{}/data.json", "/p/{}/erase", "/p/{}/move", "/m/{}", "/c/{}", "/i/{}", "/desk/login/{}"]
)
def test_the_token_of_an_issue_opens_nothing_but_the_way_out(
    client: FlaskClient, session: Session, links: Links, reader: Subscription, path: str
) -> None:
    address = path.format(links.leaving_token(reader.id, ISSUE))
    for answer in (client.get(address), client.post(address)):
        assert answer.status_code in (400, 404, 405, 410)
        assert "mara" not in answer.text
    for purpose in set(Purpose) - {Purpose.UNSUBSCRIBE}:
        other = links.token(purpose, reader.id, ISSUE)
        assert client.get(f"/u/{other}/change").status_code == 400
        assert client.post(f"/u/{other}/change").status_code == 400
    assert preference_letters(session) == []

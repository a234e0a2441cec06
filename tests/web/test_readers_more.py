"""Further newsletters, offered to a reader who has just confirmed one: unticked boxes, and no second mail."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.links import Links
from mailer.newsletters.models import Newsletter
from mailer.subscriptions import consent, suppression, unsubscribe
from mailer.subscriptions.models import Subscription, SubscriptionState
from tests.subscriptions.making import NOW, ask, join, make_newsletter

ACTIVE, PENDING, LEFT = SubscriptionState.ACTIVE, SubscriptionState.PENDING, SubscriptionState.UNSUBSCRIBED


@pytest.fixture
def newsletter(session: Session) -> Newsletter:
    for slug in ("evening", "full", "weekend", "weather", "zodiac"):
        make_newsletter(session, slug, slug.title()).takes_readers = slug != "full"
    session.commit()
    return make_newsletter(session)


def path(links: Links, subscription: Subscription, request: int = 1) -> str:
    return links.confirm(subscription.id, request).removeprefix(links.base_url)


def states(session: Session) -> dict[str, str]:
    """What the reader gets, but for the first newsletter."""
    rows = session.execute(select(Newsletter.slug, Subscription.state).join(Subscription.newsletter)).all()
    session.commit()
    return {slug: state for slug, state in rows if slug != "morning"}


def test_three_others_are_offered_and_none_is_ticked(
    client: FlaskClient, session: Session, links: Links, newsletter: Newsletter
) -> None:
    page = client.post(path(links, ask(session, newsletter))).text
    assert [slug in page for slug in ("Evening", "Full", "Weather", "Weekend", "Zodiac")] == [1, 0, 1, 1, 0]
    assert " checked" not in page


def test_what_is_ticked_comes_at_once_with_its_own_proof(
    client: FlaskClient, session: Session, links: Links, newsletter: Newsletter
) -> None:
    reader = join(session, newsletter)
    page = client.post(path(links, reader) + "/more", data={"newsletter": ["weekend", "full", "nonsense"]})
    assert "You get these too" in page.text
    assert "Weekend" in page.text
    assert states(session) == {"weekend": ACTIVE}
    added = session.scalars(
        select(Subscription).join(Subscription.newsletter).where(Newsletter.slug == "weekend")
    ).one()
    requested, confirmed = consent.history(session, added.id)
    assert (requested.event, confirmed.event) == ("requested", "confirmed")
    assert requested.wording in client.get(path(links, reader)).text
    assert (requested.form, requested.address) == ("confirmed", "mara@ledger.example")


def test_it_happens_once_and_nothing_ticked_is_nothing_done(
    client: FlaskClient, session: Session, links: Links, newsletter: Newsletter
) -> None:
    address = path(links, join(session, newsletter)) + "/more"
    assert "You&#39;re in" in client.post(address).text
    for _ in range(2):
        client.post(address, data={"newsletter": "weekend"})
    assert states(session) == {"weekend": ACTIVE}
    assert len(consent.history(session, 2)) == 2


def test_a_name_that_no_database_can_hold_adds_nothing(
    client: FlaskClient, session: Session, links: Links, newsletter: Newsletter
) -> None:
    answer = client.post(path(links, join(session, newsletter)) + "/more", data={"newsletter": ["\0", "x" * 5_000]})
    assert "You&#39;re in" in answer.text
    assert states(session) == {}


def test_who_has_not_confirmed_adds_nothing(
    client: FlaskClient, session: Session, links: Links, newsletter: Newsletter
) -> None:
    address = path(links, ask(session, newsletter)) + "/more"
    client.post(address, data={"newsletter": "weekend"})
    assert states(session) == {}


def test_the_link_of_an_older_sign_up_adds_nothing(
    client: FlaskClient, session: Session, links: Links, newsletter: Newsletter
) -> None:
    reader = join(session, newsletter)
    unsubscribe.leave(session, reader.id, issue_id=None, network="", now=NOW)
    session.commit()
    assert client.post(path(links, reader) + "/more", data={"newsletter": "weekend"}).status_code == 410
    join(session, newsletter)
    client.post(path(links, reader) + "/more", data={"newsletter": "weekend"})
    assert states(session) == {}


def test_a_suppressed_address_gets_nothing_more(
    client: FlaskClient, session: Session, links: Links, newsletter: Newsletter
) -> None:
    reader = join(session, newsletter)
    suppression.suppress(session, "mara@ledger.example", "complained", NOW)
    session.commit()
    client.post(path(links, reader) + "/more", data={"newsletter": "weekend"})
    assert states(session) == {"weekend": PENDING}

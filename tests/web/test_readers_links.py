"""The links in our mails: they act when a button is pressed, for what they were made for, and for nobody else."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from itsdangerous import TimestampSigner
from sqlalchemy import MetaData, select
from sqlalchemy.orm import Session

from mailer.links import CONFIRM_MAX_AGE, Links, Purpose
from mailer.newsletters.models import Newsletter
from mailer.subscriptions import audience, consent, suppression, unsubscribe
from mailer.subscriptions.models import Subscription, SubscriptionState
from tests.conftest import SECRET
from tests.subscriptions.making import NOW, ask, fresh, join, make_newsletter

ISSUE = 12


@pytest.fixture(autouse=True)
def newsletter(session: Session) -> Newsletter:
    return make_newsletter(session)


def path(links: Links, address: str) -> str:
    return address.removeprefix(links.base_url)


def everything(session: Session) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    tables = MetaData()
    tables.reflect(session.connection())
    rows = {name: list(map(tuple, session.execute(select(table)).all())) for name, table in tables.tables.items()}
    session.commit()
    return rows


def state(session: Session, subscription: Subscription) -> str:
    return fresh(session, subscription.id).state


def old_confirmation(age: int, *ids: int) -> str:
    class Past(TimestampSigner):
        def get_timestamp(self) -> int:
            return int(time.time()) - age

    signer = Past(SECRET, salt=Purpose.CONFIRM.value, key_derivation="hmac")
    return "/c/" + signer.sign("-".join(map(str, ids))).decode()


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_whoever_only_looks_changes_nothing(
    client: FlaskClient, session: Session, links: Links, newsletter: Newsletter, method: str
) -> None:
    pending = ask(session, newsletter, "pending@ledger.example")
    active = join(session, newsletter, "active@ledger.example")
    before = everything(session)
    for _ in range(20):
        for address in (
            links.confirm(pending.id, 1),
            links.unsubscribe(active.id, ISSUE),
            links.unsubscribe(pending.id, ISSUE),
            links.unsubscribe(active.id, ISSUE) + "/undo",
            links.base_url + "/s/morning",
        ):
            assert client.open(path(links, address), method=method).status_code in (200, 405)
    assert everything(session) == before


def test_the_confirmation_link_shows_a_button_and_the_press_makes_a_reader(
    client: FlaskClient, session: Session, links: Links, newsletter: Newsletter
) -> None:
    subscription = ask(session, newsletter)
    address = path(links, links.confirm(subscription.id, 1))
    asked = client.get(address)
    assert '<form method="post">' in asked.text
    assert "mara@ledger.example" in asked.text
    assert "You're in" in client.post(address).text
    assert state(session, subscription) == SubscriptionState.ACTIVE
    assert "You're in" in client.get(address).text
    assert "You're in" in client.post(address).text
    assert [record.event for record in consent.history(session, subscription.id)] == ["requested", "confirmed"]


def test_a_link_older_than_seven_days_says_so_and_how_to_get_a_new_one(
    client: FlaskClient, session: Session, newsletter: Newsletter
) -> None:
    subscription = ask(session, newsletter)
    address = old_confirmation(CONFIRM_MAX_AGE + 60, subscription.id, 1)
    for answer in (client.get(address), client.post(address)):
        assert answer.status_code == 410
        assert "older than 7 days" in answer.text
        assert 'action="/s/morning"' in answer.text
        assert 'value="mara@ledger.example"' in answer.text
    assert state(session, subscription) == SubscriptionState.PENDING


def test_a_link_of_almost_seven_days_works(client: FlaskClient, session: Session, newsletter: Newsletter) -> None:
    subscription = ask(session, newsletter)
    assert client.post(old_confirmation(CONFIRM_MAX_AGE - 60, subscription.id, 1)).status_code == 200
    assert state(session, subscription) == SubscriptionState.ACTIVE


def test_an_old_link_of_a_reader_says_that_they_are_in(
    client: FlaskClient, session: Session, newsletter: Newsletter
) -> None:
    reader = join(session, newsletter)
    assert "You're in" in client.get(old_confirmation(CONFIRM_MAX_AGE * 9, reader.id, 1)).text


def test_the_link_of_an_older_sign_up_does_not_undo_a_leaving(
    client: FlaskClient, session: Session, links: Links, newsletter: Newsletter
) -> None:
    reader = join(session, newsletter)
    unsubscribe.leave(session, reader.id, issue_id=None, network="", now=NOW)
    session.commit()
    answer = client.post(path(links, links.confirm(reader.id, 1)))
    assert answer.status_code == 410
    assert state(session, reader) == SubscriptionState.UNSUBSCRIBED


def test_a_suppressed_reader_cannot_confirm(
    client: FlaskClient, session: Session, links: Links, newsletter: Newsletter
) -> None:
    subscription = ask(session, newsletter)
    suppression.suppress(session, "mara@ledger.example", "complained", NOW)
    session.commit()
    assert client.post(path(links, links.confirm(subscription.id, 1))).status_code == 410
    assert audience.count(session, newsletter.id, None) == 0


def forgeries(links: Links, subscription_id: int) -> Iterator[tuple[str, str]]:
    """(door, token) of tokens that were made for another door, by somebody else, or changed on the way."""
    doors = {"c": Purpose.CONFIRM, "u": Purpose.UNSUBSCRIBE}
    for door, purpose in doors.items():
        for other in Purpose:
            if other is not purpose:
                yield door, links.token(other, subscription_id, 1)
        good = links.token(purpose, subscription_id, 1)
        yield door, good[:-1]
        ids, dot, signature = good.rpartition(".")
        yield door, ids + dot + signature[1:] + signature[0]
        yield door, "9" + good
        yield door, good.upper()
        yield door, Links("somebody else's secret, also long", links.base_url).token(purpose, subscription_id, 1)
        yield door, "%00"
        yield door, "x"
        yield door, "é" * 2000


def test_a_token_opens_only_the_door_it_was_made_for(
    client: FlaskClient, session: Session, links: Links, newsletter: Newsletter
) -> None:
    pending = ask(session, newsletter)
    before = everything(session)
    for door, token in forgeries(links, pending.id):
        for answer in (client.get(f"/{door}/{token}"), client.post(f"/{door}/{token}")):
            assert answer.status_code == 400, (door, token)
            assert "This link does not work" in answer.text
        if door == "u":
            assert client.post(f"/u/{token}/undo").status_code == 400
    assert everything(session) == before


@pytest.mark.parametrize("kind", ["urlencoded", "multipart"])
def test_one_click_leaves_at_once_without_cookie_origin_or_page(
    client: FlaskClient, session: Session, links: Links, newsletter: Newsletter, kind: str
) -> None:
    reader = join(session, newsletter)
    address = path(links, links.unsubscribe(reader.id, ISSUE))
    content_type = "multipart/form-data" if kind == "multipart" else "application/x-www-form-urlencoded"
    answer = client.post(address, data={"List-Unsubscribe": "One-Click"}, content_type=content_type)
    assert answer.status_code == 200
    assert "Location" not in answer.headers
    assert "Set-Cookie" not in answer.headers
    assert state(session, reader) == SubscriptionState.UNSUBSCRIBED
    assert reader.unsubscribed_issue_id == ISSUE
    again = client.post(address, data={"List-Unsubscribe": "One-Click"}, content_type=content_type)
    assert again.status_code == 200
    assert audience.count(session, newsletter.id, None) == 0


def test_one_click_on_a_link_nobody_knows_is_still_answered_2xx(client: FlaskClient, links: Links) -> None:
    gone = path(links, links.unsubscribe(4711, ISSUE))
    for address in (gone, "/u/x", "/u/4711-1.tampered"):
        assert client.post(address, data={"List-Unsubscribe": "One-Click"}).status_code == 200
        assert client.post(address).status_code == 400


def test_leaving_by_the_button_and_taking_it_back(
    client: FlaskClient, session: Session, links: Links, newsletter: Newsletter
) -> None:
    reader = join(session, newsletter)
    address = path(links, links.unsubscribe(reader.id, ISSUE))
    assert "Yes, stop it" in client.get(address).text
    done = client.post(address)
    assert "Done. No more" in done.text
    assert f'action="{address}/undo"' in done.text
    assert "Done. No more" in client.get(address).text
    assert "You're in again" in client.post(f"{address}/undo").text
    assert state(session, reader) == SubscriptionState.ACTIVE
    assert audience.count(session, newsletter.id, None) == 1


def test_after_thirty_days_there_is_no_undo(
    client: FlaskClient, session: Session, links: Links, newsletter: Newsletter
) -> None:
    reader = join(session, newsletter)
    unsubscribe.leave(session, reader.id, issue_id=None, network="", now=datetime.now(UTC) - timedelta(days=31))
    session.commit()
    address = path(links, links.unsubscribe(reader.id, ISSUE))
    page = client.get(address).text
    assert "/undo" not in page
    assert 'href="/s/morning"' in page
    assert client.post(f"{address}/undo").status_code == 410
    assert state(session, reader) == SubscriptionState.UNSUBSCRIBED


def test_pages_behind_a_link_are_kept_by_nobody_and_leak_no_address(
    client: FlaskClient, session: Session, links: Links, newsletter: Newsletter
) -> None:
    reader = join(session, newsletter)
    for address in (links.confirm(reader.id, 1), links.unsubscribe(reader.id, ISSUE)):
        answer = client.get(path(links, address))
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Robots-Tag"] == "noindex"

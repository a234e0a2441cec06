"""The link in the confirmation mail: its button, what comes after it, and what becomes of an old one."""

import time
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time

import pytest
from flask.testing import FlaskClient
from itsdangerous import TimestampSigner
from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.digests.models import Issue, IssueState
from mailer.links import MAX_AGE, Links, Purpose
from mailer.newsletters.models import Newsletter, Schedule
from mailer.subscriptions import audience, consent, suppression, unsubscribe
from mailer.subscriptions.models import OwedLetter, Subscription, SubscriptionState
from tests.conftest import SECRET
from tests.subscriptions.making import NOW, ask, fresh, join, make_newsletter, sign_up

IN = "You&#39;re in"


@pytest.fixture(autouse=True)
def newsletter(session: Session) -> Newsletter:
    return make_newsletter(session)


def path(links: Links, subscription: Subscription) -> str:
    return links.confirm(subscription.id, subscription.request).removeprefix(links.base_url)


def old_link(subscription: Subscription, age: int) -> str:
    class Past(TimestampSigner):
        def get_timestamp(self) -> int:
            return int(time.time()) - age

    signer = Past(SECRET, salt=Purpose.CONFIRM.value, key_derivation="hmac")
    return "/c/" + signer.sign(f"{subscription.id}-{subscription.request}").decode()


def too_old(subscription: Subscription) -> str:
    return old_link(subscription, MAX_AGE[Purpose.CONFIRM] + 60)


def state(session: Session, subscription: Subscription) -> str:
    return fresh(session, subscription.id).state


def letters(session: Session) -> list[OwedLetter]:
    session.expire_all()
    found = list(session.scalars(select(OwedLetter).order_by(OwedLetter.id)))
    session.commit()
    return found


def sign_up_from(session: Session, newsletter: Newsletter, page: str) -> Subscription:
    letter = sign_up(session, newsletter, page=page, form="main")
    assert letter.subscription_id is not None
    return fresh(session, letter.subscription_id)


def test_the_link_shows_a_button_and_the_press_makes_a_reader(
    client: FlaskClient, session: Session, links: Links, newsletter: Newsletter
) -> None:
    subscription = ask(session, newsletter)
    address = path(links, subscription)
    asked = client.get(address)
    assert '<form method="post">' in asked.text
    assert "mara@ledger.example" in asked.text
    assert IN in client.post(address).text
    assert state(session, subscription) == SubscriptionState.ACTIVE
    assert [record.event for record in consent.history(session, subscription.id)] == ["requested", "confirmed"]


def test_only_the_press_itself_opens_the_preferences(
    client: FlaskClient, session: Session, links: Links, newsletter: Newsletter
) -> None:
    address = path(links, ask(session, newsletter))
    assert "/p/" in client.post(address).text
    for again in (client.get(address), client.post(address)):  # a mail is handed on
        assert IN in again.text
        assert "/p/" not in again.text
        assert "mara@ledger.example" not in again.text
        assert "m•••@ledger.example" in again.text


def test_an_old_link_is_renewed_by_one_press_for_the_address_it_was_mailed_to(
    client: FlaskClient, session: Session, newsletter: Newsletter
) -> None:
    subscription = ask(session, newsletter)
    page = client.get(too_old(subscription))
    assert page.status_code == 410
    assert "older than 7 days" in page.text
    assert "mara@ledger.example" not in page.text
    assert "m•••@ledger.example" in page.text
    answer = client.post(too_old(subscription))
    assert "One more step" in answer.text
    assert "mara@" not in answer.text
    assert 'name="code"' in answer.text
    assert state(session, subscription) == SubscriptionState.PENDING
    first, second = letters(session)
    assert second.subscriber_id == first.subscriber_id
    assert second.due_at is not None


def test_an_old_link_mails_no_more_than_any_other_sign_up(
    client: FlaskClient, session: Session, newsletter: Newsletter
) -> None:
    subscription = ask(session, newsletter, now=datetime.now(UTC))
    answers = {client.post(too_old(subscription)).status_code for _ in range(4)}
    assert answers == {200}
    assert sum(letter.is_mailed for letter in letters(session)) == 2


def test_of_a_sign_up_that_is_forgotten_an_old_link_says_so(
    client: FlaskClient, session: Session, newsletter: Newsletter
) -> None:
    subscription = ask(session, newsletter)
    address = too_old(subscription)
    subscription.id += 1000
    gone = too_old(subscription)
    session.rollback()
    for answer in (client.get(gone), client.post(gone)):
        assert answer.status_code == 410
        assert "we have forgotten the address" in answer.text
    assert "we have forgotten" not in client.get(address).text


def test_a_link_of_almost_seven_days_works(client: FlaskClient, session: Session, newsletter: Newsletter) -> None:
    subscription = ask(session, newsletter)
    assert client.post(old_link(subscription, MAX_AGE[Purpose.CONFIRM] - 60)).status_code == 200
    assert state(session, subscription) == SubscriptionState.ACTIVE


def test_an_old_link_of_a_reader_says_that_they_are_in(
    client: FlaskClient, session: Session, newsletter: Newsletter
) -> None:
    reader = join(session, newsletter)
    for answer in (client.get(too_old(reader)), client.post(too_old(reader))):
        assert IN in answer.text
        assert "/more" not in answer.text
    assert len(letters(session)) == 1


def test_the_link_of_an_older_sign_up_does_not_undo_a_leaving(
    client: FlaskClient, session: Session, links: Links, newsletter: Newsletter
) -> None:
    reader = join(session, newsletter)
    address = path(links, reader)
    unsubscribe.leave(session, reader.id, issue_id=None, network="", now=NOW)
    session.commit()
    answer = client.post(address)
    assert answer.status_code == 410
    assert 'href="/s/morning"' in answer.text
    assert state(session, reader) == SubscriptionState.UNSUBSCRIBED


def test_a_suppressed_reader_cannot_confirm(
    client: FlaskClient, session: Session, links: Links, newsletter: Newsletter
) -> None:
    subscription = ask(session, newsletter)
    suppression.suppress(session, "mara@ledger.example", "complained", NOW)
    session.commit()
    assert client.post(path(links, subscription)).status_code == 410
    assert audience.count(session, newsletter.id, None) == 0


def test_the_page_says_when_the_first_issue_comes_and_leads_to_the_latest(
    client: FlaskClient, session: Session, links: Links, newsletter: Newsletter
) -> None:
    issue = Issue(newsletter=newsletter, state=IssueState.SENT, subject="Today", created_at=NOW, released_at=NOW)
    every_day = Schedule(newsletter=newsletter, title="Daily", weekdays=127, hours=[clock_time(7)], starts_at=NOW)
    newsletter.timezone = "Asia/Baku"
    session.add_all([issue, every_day])
    session.commit()
    page = client.post(path(links, ask(session, newsletter))).text
    assert "comes to" in page
    assert any(f"comes {day} at 7:00" in page for day in ("today", "tomorrow"))
    assert f'href="/a/morning/{issue.id}"' in page


def test_the_day_of_the_first_issue_is_said_in_the_language_of_the_page(
    client: FlaskClient, session: Session, links: Links, newsletter: Newsletter
) -> None:
    later = datetime.now(UTC) + timedelta(days=20)
    weekly = Schedule(newsletter=newsletter, title="Weekly", weekdays=127, hours=[clock_time(7)], starts_at=later)
    session.add(weekly)
    newsletter.language = "de"
    session.commit()
    page = client.post(path(links, ask(session, newsletter))).text
    assert '<html lang="de"' in page
    assert "07:00" in page


def test_the_way_back_to_the_story_is_only_to_a_site_that_the_form_names(
    client: FlaskClient, session: Session, links: Links, newsletter: Newsletter
) -> None:
    address = path(links, sign_up_from(session, newsletter, "https://ledger.example/story?a=1"))
    assert "/story" not in client.post(address).text
    newsletter.forms[0].origins = "https://other.example\nhttps://ledger.example"
    session.commit()
    assert 'href="https://ledger.example/story?a=1"' in client.get(address).text
    newsletter.forms[0].origins = "https://other.example"
    session.commit()
    assert "/story" not in client.get(address).text


@pytest.mark.parametrize("page", ["https://[", "http://℀.com", "javascript:alert(1)"])
def test_a_page_with_no_address_keeps_nobody_out(
    client: FlaskClient, session: Session, links: Links, newsletter: Newsletter, page: str
) -> None:
    client.post("/s/morning", data={"email": "mara@ledger.example", "page": page})
    subscription = session.scalars(select(Subscription)).one()
    session.commit()
    answer = client.post(path(links, subscription))
    assert IN in answer.text
    assert page not in answer.text
    assert state(session, subscription) == SubscriptionState.ACTIVE


def test_pages_behind_the_link_are_kept_by_nobody_and_leak_no_address(
    client: FlaskClient, session: Session, links: Links, newsletter: Newsletter
) -> None:
    answer = client.get(path(links, join(session, newsletter)))
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Robots-Tag"] == "noindex"

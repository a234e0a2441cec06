"""From the form to the press: the sign-up door, the worker's task, a real SMTP server, the link in the mail."""

import importlib
import re
from collections.abc import Callable, Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.config import Settings
from mailer.embedded.ports import free as free_port
from mailer.newsletters.models import Newsletter
from mailer.subscriptions import suppression
from mailer.subscriptions.models import Subscription, SubscriptionState
from tests.conftest import SECRET
from tests.services.smtp import Mailbox
from tests.subscriptions.making import NOW, ask, fresh

pytestmark = pytest.mark.usefixtures("newsletter")

READER = "mara@ledger.example"


@pytest.fixture
def send(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], None]]:
    """The worker's task in this process, with the test's settings."""
    monkeypatch.setenv("SECRET_KEY", SECRET)
    app = importlib.import_module("worker.app")
    tasks = importlib.import_module("worker.tasks.subscriptions")
    monkeypatch.setattr(app, "settings", settings)
    monkeypatch.setattr(tasks, "settings", settings)
    for made in (app.engine, app.links):
        made.cache_clear()
    yield tasks.send_confirmation
    app.engine().dispose()
    for made in (app.engine, app.links):
        made.cache_clear()


def only(session: Session) -> Subscription:
    return fresh(session, session.scalars(select(Subscription.id)).one())


def test_a_reader_signs_up_gets_one_mail_and_confirms(
    client: FlaskClient, session: Session, smtp: Mailbox, settings: Settings, send: Callable[[int], None]
) -> None:
    assert client.post("/s/morning", data={"email": READER}).status_code == 200
    subscription_id = only(session).id
    send(subscription_id)
    send(subscription_id)  # asked twice
    (mail,) = smtp.to(READER)
    assert mail.sender == "briefing@ledger.example"
    assert mail.parsed["Auto-Submitted"] == "auto-generated"
    found = re.search(re.escape(settings.base_url) + r"(/c/\S+)", mail.text)
    assert found is not None
    assert only(session).confirmation_sent_at is not None
    assert client.get(found[1]).status_code == 200
    assert only(session).state == SubscriptionState.PENDING
    assert "You're in" in client.post(found[1]).text
    assert only(session).state == SubscriptionState.ACTIVE


def test_a_refused_mail_leaves_the_row_pending(
    session: Session, newsletter: Newsletter, smtp: Mailbox, send: Callable[[int], None]
) -> None:
    smtp.refuse[READER] = "550 5.1.1 no such mailbox"
    subscription = ask(session, newsletter)
    send(subscription.id)
    after = fresh(session, subscription.id)
    assert (after.state, after.confirmation_due_at) == (SubscriptionState.PENDING, None)
    assert after.confirmation_sent_at is None


def test_a_deferred_mail_is_owed_later(
    session: Session, newsletter: Newsletter, smtp: Mailbox, send: Callable[[int], None]
) -> None:
    smtp.refuse[READER] = "451 4.7.1 come back later"
    subscription = ask(session, newsletter)
    send(subscription.id)
    after = fresh(session, subscription.id)
    assert after.confirmation_due_at is not None
    assert (after.confirmation_attempts, after.confirmation_sent_at) == (1, None)


def test_while_the_relay_is_away_the_mail_stays_owed(
    session: Session,
    newsletter: Newsletter,
    settings: Settings,
    send: Callable[[int], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    away = settings.model_copy(update={"smtp_url": f"smtp://127.0.0.1:{free_port()}?starttls=none"})
    monkeypatch.setattr(importlib.import_module("worker.tasks.subscriptions"), "settings", away)
    subscription = ask(session, newsletter)
    send(subscription.id)
    assert fresh(session, subscription.id).confirmation_due_at is not None


def test_a_suppressed_address_gets_no_mail(
    client: FlaskClient, session: Session, smtp: Mailbox, send: Callable[[int], None]
) -> None:
    suppression.suppress(session, READER, "complained", NOW)
    session.commit()
    client.post("/s/morning", data={"email": READER})
    send(only(session).id)
    assert smtp.mails == []

"""From the form to the press: the sign-up door, the worker's task, a real SMTP server, the link and the code."""

import importlib
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.config import Settings
from mailer.embedded.ports import free as free_port
from mailer.links import Links, Purpose
from mailer.newsletters.models import Newsletter
from mailer.subscriptions import confirmation, letters, suppression
from mailer.subscriptions.confirmation import Confirmed
from mailer.subscriptions.models import LetterKind, OwedLetter, Subscription, SubscriptionState
from tests.conftest import SECRET
from tests.services.smtp import Mailbox
from tests.subscriptions.making import NOW, REF, fresh, fresh_letter, join, sign_up

READER = "mara@ledger.example"

pytestmark = pytest.mark.usefixtures("newsletter")


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
    yield tasks.send_letter
    app.engine().dispose()
    for made in (app.engine, app.links):
        made.cache_clear()


def only(session: Session) -> Subscription:
    return fresh(session, session.scalars(select(Subscription.id)).one())


def only_letter(session: Session) -> OwedLetter:
    return fresh_letter(session, session.scalars(select(OwedLetter.id)).one())


def test_a_reader_signs_up_gets_one_mail_and_confirms_by_its_link(
    client: FlaskClient, session: Session, smtp: Mailbox, settings: Settings, send: Callable[[int], None]
) -> None:
    assert client.post("/s/morning", data={"email": READER}).status_code == 200
    letter = only_letter(session)
    send(letter.id)
    send(letter.id)  # asked twice
    (mail,) = smtp.to(READER)
    assert mail.sender == "briefing@ledger.example"
    assert mail.parsed["Auto-Submitted"] == "auto-generated"
    assert "List-Unsubscribe" not in mail.parsed
    found = re.search(re.escape(settings.base_url) + r"(/c/\S+)", mail.text)
    assert found is not None
    assert only_letter(session).sent_at is not None
    assert client.get(found[1]).status_code == 200
    assert only(session).state == SubscriptionState.PENDING
    assert client.post(found[1]).status_code == 200
    assert only(session).state == SubscriptionState.ACTIVE


def test_the_code_in_the_subject_is_the_one_that_opens(
    session: Session, newsletter: Newsletter, smtp: Mailbox, send: Callable[[int], None]
) -> None:
    send(sign_up(session, newsletter, now=datetime.now(UTC)).id)
    (mail,) = smtp.to(READER)
    digits = str(mail.parsed["Subject"])[:7]
    assert digits in mail.text
    answer = confirmation.confirm_by_code(
        session, newsletter.id, REF, digits, SECRET.encode(), network="", now=datetime.now(UTC)
    )
    assert isinstance(answer, Confirmed)


def test_nothing_a_stranger_typed_stands_in_the_mail(
    client: FlaskClient, session: Session, smtp: Mailbox, send: Callable[[int], None]
) -> None:
    typed = {"page": "https://evil.example/x", "wording": "Buy now", "form": "evil", "topic": "evil", "tag": "evil"}
    client.post("/s/morning", data={"email": READER, **typed}, headers={"Referer": "https://evil.example/"})
    send(only_letter(session).id)
    (mail,) = smtp.to(READER)
    assert not re.search("evil|buy now", mail.parsed.as_string(), re.IGNORECASE)


def test_a_reader_who_is_in_already_gets_the_way_to_their_preferences(
    session: Session, newsletter: Newsletter, smtp: Mailbox, send: Callable[[int], None], links: Links
) -> None:
    joined = join(session, newsletter)
    send(sign_up(session, newsletter, now=datetime.now(UTC)).id)
    (mail,) = smtp.to(READER)
    assert mail.parsed["Subject"] == "You already get Morning Briefing"
    token = re.search(r"/p/(\S+)", mail.text)
    assert token is not None
    assert links.read(Purpose.PREFERENCES, token[1]) == (joined.subscriber_id, 1)
    assert "ledger.example (" not in mail.text


def test_a_letter_speaks_the_language_that_the_reader_chose(
    session: Session, newsletter: Newsletter, smtp: Mailbox, send: Callable[[int], None]
) -> None:
    newsletter.language = "de"
    send(sign_up(session, newsletter, "one@ledger.example", language="ar").id)
    send(sign_up(session, newsletter, "two@ledger.example", language="").id)
    send(sign_up(session, newsletter, "three@ledger.example", language="tlh").id)
    spoken = [mail.parsed["Content-Language"] for mail in smtp.mails]
    assert spoken == ["ar", "de", "de"]


@pytest.mark.parametrize("kind", [LetterKind.REMINDER, LetterKind.MOVE])
def test_every_kind_of_letter_goes_out(
    session: Session,
    newsletter: Newsletter,
    smtp: Mailbox,
    send: Callable[[int], None],
    kind: LetterKind,
    links: Links,
) -> None:
    letter = sign_up(session, newsletter)
    letter.kind, letter.new_address = kind.value, "new@ledger.example" if kind is LetterKind.MOVE else ""
    session.commit()
    send(letter.id)
    (mail,) = smtp.mails
    assert mail.recipient == ("new@ledger.example" if kind is LetterKind.MOVE else READER)
    place, purpose, ids = {
        LetterKind.REMINDER: ("/c/", Purpose.CONFIRM, (letter.subscription_id, 1)),
        LetterKind.MOVE: ("/m/", Purpose.MOVE, (letter.id,)),
    }[kind]
    token = re.search(re.escape(place) + r"(\S+)", mail.text)
    assert token is not None
    assert links.read(purpose, token[1]) == ids


def test_a_fresh_link_reaches_who_asked_for_it(
    session: Session, newsletter: Newsletter, smtp: Mailbox, send: Callable[[int], None]
) -> None:
    join(session, newsletter).subscriber.plain_text = True
    letter_id = letters.owe_link(session, READER, now=NOW)
    session.commit()
    assert letter_id is not None
    send(letter_id)
    (mail,) = smtp.to(READER)
    assert mail.parsed["Subject"] == "Your link to choose what you get"
    assert mail.parsed.get_content_type() == "text/plain"


def test_a_refused_mail_leaves_the_row_pending(
    session: Session, newsletter: Newsletter, smtp: Mailbox, send: Callable[[int], None]
) -> None:
    smtp.refuse[READER] = "550 5.1.1 no such mailbox"
    send(sign_up(session, newsletter).id)
    after = only_letter(session)
    assert (after.due_at, after.sent_at) == (None, None)
    assert only(session).state == SubscriptionState.PENDING


def test_a_deferred_mail_is_owed_later(
    session: Session, newsletter: Newsletter, smtp: Mailbox, send: Callable[[int], None]
) -> None:
    smtp.refuse[READER] = "451 4.7.1 come back later"
    send(sign_up(session, newsletter).id)
    after = only_letter(session)
    assert after.due_at is not None
    assert (after.attempts, after.sent_at) == (1, None)


def test_while_the_relay_is_away_the_mail_stays_owed(
    session: Session,
    newsletter: Newsletter,
    settings: Settings,
    send: Callable[[int], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    away = settings.model_copy(update={"smtp_url": f"smtp://127.0.0.1:{free_port()}?starttls=none"})
    monkeypatch.setattr(importlib.import_module("worker.tasks.subscriptions"), "settings", away)
    send(sign_up(session, newsletter).id)
    assert only_letter(session).due_at is not None


def test_a_suppressed_address_gets_no_mail(
    client: FlaskClient, session: Session, smtp: Mailbox, send: Callable[[int], None]
) -> None:
    suppression.suppress(session, READER, "complained", NOW)
    session.commit()
    client.post("/s/morning", data={"email": READER})
    send(only_letter(session).id)
    assert smtp.mails == []

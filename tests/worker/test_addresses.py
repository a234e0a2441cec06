"""Addresses in any script, from the form to the wire, with relays that know SMTPUTF8 and without."""

import importlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from mailer.config import Relay, Settings
from mailer.delivery import receipt
from mailer.delivery.models import Delivery, DeliveryState
from mailer.delivery.receipt import Receipt
from mailer.emails.smtp import send_many
from mailer.links import Links
from mailer.subscriptions.address import parse
from mailer.subscriptions.models import OwedLetter, Subscriber
from tests.conftest import SECRET
from tests.delivery.making import sending
from tests.newsletters.making import make_newsletter
from tests.services.scripted import ScriptedRelay, scripted_relay
from tests.services.smtp import Mailbox
from worker.sending import IssueFreight

Send = Callable[[Settings], OwedLetter]

IN_LETTERS = {
    "почта@пример.рф": "почта@xn--e1afmkfd.xn--p1ai",
    "δοκιμή@παράδειγμα.δοκιμή": "δοκιμή@xn--hxajbheg2az3al.xn--jxalpdlp",
    "straße@ledger.example": "straße@ledger.example",
    "mara@bücher.example": "mara@xn--bcher-kva.example",
}
"""As people write them, and as they go out."""


@pytest.fixture
def send(worker: None, session: Session, monkeypatch: pytest.MonkeyPatch) -> Iterator[Send]:
    """Runs the worker's task for the one letter that is owed, in this process; what is left of its row."""
    app = importlib.import_module("worker.app")
    tasks = importlib.import_module("worker.tasks.subscriptions")

    def run(settings: Settings) -> OwedLetter:
        monkeypatch.setattr(app, "settings", settings)
        monkeypatch.setattr(tasks, "settings", settings)
        app.links.cache_clear()
        letter_id = session.scalars(select(OwedLetter.id)).one()
        session.rollback()
        tasks.send_letter(letter_id)
        session.expire_all()
        return session.get_one(OwedLetter, letter_id)

    yield run
    app.links.cache_clear()


def sign_up(client: FlaskClient, session: Session, address: str) -> str:
    make_newsletter(session)
    return client.post("/s/morning", data={"email": address}).text


@pytest.mark.parametrize("written", IN_LETTERS)
def test_a_sign_up_in_any_script_is_mailed_and_shown_as_people_write_it(
    client: FlaskClient, session: Session, smtp: Mailbox, settings: Settings, send: Send, written: str
) -> None:
    assert f"<bdi>{written}</bdi>" in sign_up(client, session, written)
    letter = send(settings)
    assert (letter.sent_at is not None, letter.due_at) == (True, None)
    (mail,) = smtp.mails
    assert mail.recipient == IN_LETTERS[written]
    assert mail.data.partition(b"\r\n\r\n")[0].count(f"To: {IN_LETTERS[written]}".encode()) == 1


def test_only_an_address_that_needs_it_is_sent_under_smtputf8(
    client: FlaskClient, session: Session, settings: Settings, send: Send
) -> None:
    sign_up(client, session, "mara@bücher.example")
    with scripted_relay(ScriptedRelay(extensions=("PIPELINING", "SMTPUTF8"))) as relay:
        assert send(replace_relay(settings, relay)).sent_at is not None
    assert not any("SMTPUTF8" in command for command in relay.commands)


def test_a_letter_that_the_relay_cannot_carry_is_refused_and_not_tried_again(
    client: FlaskClient, session: Session, settings: Settings, send: Send, caplog: pytest.LogCaptureFixture
) -> None:
    sign_up(client, session, "почта@пример.рф")
    with scripted_relay(ScriptedRelay(extensions=("PIPELINING",))) as relay:
        letter = send(replace_relay(settings, relay))
    assert (letter.sent_at, letter.due_at, letter.attempts) == (None, None, 1)
    assert relay.ledger == []
    assert "the relay does not offer SMTPUTF8" in caplog.text


def replace_relay(settings: Settings, relay: ScriptedRelay) -> Settings:
    return settings.model_copy(update={"smtp_url": relay.url})


@pytest.fixture
def issue(session: Session) -> int:
    """An issue that is sending to three readers, the first of whom writes in Cyrillic."""
    made = sending(session, 3)
    first = session.scalars(select(Subscriber).order_by(Subscriber.id)).first()
    assert first is not None
    address = parse("почта@пример.рф")
    first.address, first.address_key = address.address, address.key
    session.commit()
    return made.id


def deliver(engine: Engine, links: Links, folder: Path, relay: Relay) -> None:
    freight = IssueFreight(engine, links, SECRET, folder, "here", 20)
    try:
        send_many(relay, freight, 1)
    finally:
        freight.close(relay_down=False)


def test_an_issue_reaches_readers_of_any_script(
    engine: Engine, links: Links, session: Session, smtp: Mailbox, tmp_path: Path, issue: int
) -> None:
    deliver(engine, links, tmp_path, Relay.from_url(smtp.url))
    assert receipt.read(session, issue) == Receipt(audience=3, accepted=3)
    (mail,) = smtp.to("почта@xn--e1afmkfd.xn--p1ai")
    beyond_ascii = [line for line in mail.data.split(b"\r\n") if not line.isascii()]
    assert beyond_ascii == ["To: почта@xn--e1afmkfd.xn--p1ai".encode()]  # RFC 6532 allows it there


def test_without_smtputf8_only_the_reader_who_needs_it_is_refused_with_the_reason(
    engine: Engine, links: Links, session: Session, tmp_path: Path, issue: int
) -> None:
    with scripted_relay(ScriptedRelay()) as relay:
        deliver(engine, links, tmp_path, Relay.from_url(relay.url))
    assert receipt.read(session, issue) == Receipt(audience=3, accepted=2, refused=1)
    refused = session.query(Delivery).filter_by(state=DeliveryState.REFUSED.value).one()
    assert "SMTPUTF8" in refused.answer
    assert all(recipient.isascii() for recipient in relay.recipients())

"""One run of one lane, in this process: what it sends, records and leaves behind."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from mailer.config import Relay
from mailer.delivery import receipt, recovery
from mailer.delivery.dispatch import LEASE
from mailer.delivery.models import Delivery, DeliveryState
from mailer.delivery.receipt import Receipt
from mailer.digests.models import Issue
from mailer.digests.release import pause
from mailer.emails.smtp import Answer, Outcome, RelayDown, send_many
from mailer.links import Links, Purpose
from mailer.subscriptions.models import Subscriber, Subscription
from tests.conftest import SECRET
from tests.delivery.making import sending, states
from tests.emails.wire import violations, way_out
from tests.services.smtp import Mailbox
from worker.sending import IssueFreight, Key, recover

Run = Callable[[], IssueFreight]


@pytest.fixture
def run(engine: Engine, links: Links, tmp_path: Path) -> Run:
    return lambda: IssueFreight(engine, links, SECRET, tmp_path, "here", 20)


def deliver(run: Run, relay: Relay) -> None:
    freight = run()
    try:
        send_many(relay, freight, 3)
    finally:
        freight.close(relay_down=False)


def take(freight: IssueFreight) -> Key:
    following = freight.next()
    assert following is not None
    return following[0]


def test_each_reader_receives_the_issue_with_links_of_their_own(
    run: Run, session: Session, smtp: Mailbox, links: Links, tmp_path: Path
) -> None:
    issue = sending(session, 7)
    deliver(run, Relay.from_url(smtp.url))
    assert receipt.read(session, issue.id) == Receipt(audience=7, accepted=7)
    assert sorted(mail.recipient for mail in smtp.mails) == [f"reader{n}@mail.example" for n in range(7)]
    subscriptions = set()
    for mail in smtp.mails:
        assert violations(mail.data) == []
        assert mail.parsed["To"] == mail.recipient
        link = way_out(mail.parsed)
        assert link in mail.text
        subscriptions.add(links.read(Purpose.UNSUBSCRIBE, link.rpartition("/")[2]))
    assert len(subscriptions) == len({mail.parsed["Message-ID"] for mail in smtp.mails}) == 7
    assert list(tmp_path.glob("*.journal")) == []


def test_who_wants_text_alone_gets_no_html(run: Run, session: Session, smtp: Mailbox) -> None:
    sending(session, 3)
    plain = update(Subscriber).where(Subscriber.address_key == "reader1@mail.example")
    session.execute(plain.values(plain_text=True))
    session.commit()
    deliver(run, Relay.from_url(smtp.url))
    kinds = {mail.recipient: mail.parsed.get_content_type() for mail in smtp.mails}
    assert kinds.pop("reader1@mail.example") == "text/plain"
    assert set(kinds.values()) == {"multipart/alternative"}
    (plain_mail,) = (mail for mail in smtp.mails if mail.recipient == "reader1@mail.example")
    assert violations(plain_mail.data) == []
    assert b"<html" not in plain_mail.data.lower()
    assert "List-Unsubscribe" in plain_mail.parsed


@pytest.mark.parametrize("hour", [time(7), None], ids=["keeps the hour", "clears it while waiting"])
def test_who_waits_for_an_hour_is_tried_for_a_day_from_then_on(
    run: Run, session: Session, smtp: Mailbox, hour: time | None
) -> None:
    issue = sending(session, 2)
    now = datetime.now(UTC)
    session.execute(update(Issue).values(released_at=now - timedelta(hours=26)))
    session.execute(update(Subscription).values(delivery_hour=hour))
    session.execute(update(Delivery).values(due_at=now))
    tried = select(Subscriber.id).where(Subscriber.address_key == "reader1@mail.example").scalar_subquery()
    session.execute(update(Delivery).where(Delivery.subscriber_id == tried).values(attempts=27))
    session.commit()
    smtp.refuse = {f"reader{n}@mail.example": "451 4.7.1 Later" for n in range(2)}
    deliver(run, Relay.from_url(smtp.url))
    assert receipt.read(session, issue.id) == Receipt(audience=2, refused=1, deferred=1)


def test_a_refusal_and_a_deferral_are_recorded_with_the_relays_words(run: Run, session: Session, smtp: Mailbox) -> None:
    issue = sending(session, 3)
    smtp.refuse = {"reader0@mail.example": "550 5.1.1 Unknown", "reader1@mail.example": "451 4.7.1 Later"}
    deliver(run, Relay.from_url(smtp.url))
    assert receipt.read(session, issue.id) == Receipt(audience=3, accepted=1, refused=1, deferred=1)
    refused = session.query(Delivery).filter_by(state=DeliveryState.REFUSED.value).one()
    deferred = session.query(Delivery).filter_by(state=DeliveryState.DEFERRED.value).one()
    assert refused.answer == "550 5.1.1 Unknown"
    assert deferred.due_at is not None
    assert timedelta(seconds=50) < deferred.due_at - datetime.now(UTC) < timedelta(seconds=80)


def test_an_address_that_makes_no_header_is_refused_alone(run: Run, session: Session, smtp: Mailbox) -> None:
    issue = sending(session, 3)
    broken = update(Subscriber).where(Subscriber.address_key == "reader1@mail.example")
    session.execute(broken.values(address="reader1@mail.example\r\nBcc: all@mail.example"))
    session.commit()
    deliver(run, Relay.from_url(smtp.url))
    assert receipt.read(session, issue.id) == Receipt(audience=3, accepted=2, refused=1)
    assert b"Bcc" not in b"".join(mail.data for mail in smtp.mails)


def test_a_relay_that_is_down_leaves_everything_open(run: Run, session: Session) -> None:
    issue = sending(session, 3)
    with pytest.raises(RelayDown):
        deliver(run, Relay("127.0.0.1", 1))
    assert set(states(session, issue).values()) == {DeliveryState.QUEUED}


def test_a_claim_that_was_settled_by_others_is_not_recorded(run: Run, session: Session) -> None:
    issue = sending(session, 3)
    freight = run()
    first = take(freight)
    freight.handed(first)
    assert recovery.settle_lost(session, datetime.now(UTC) + LEASE + timedelta(minutes=1)) == 3
    session.commit()
    freight.tick()
    freight.answered(first, Answer(Outcome.ACCEPTED, 250, "Ok"))
    freight.close(relay_down=False)
    assert receipt.read(session, issue.id) == Receipt(audience=3, uncertain=3)


def test_a_paused_issue_is_left_after_a_second(run: Run, session: Session) -> None:
    issue = sending(session, 3)
    freight = run()
    first = take(freight)
    pause(session, issue.id)
    session.commit()
    freight.tick()
    assert freight.next() is None
    freight.answered(first, Answer(Outcome.ACCEPTED, 250, "Ok"))
    freight.close(relay_down=False)
    assert receipt.read(session, issue.id) == Receipt(audience=3, accepted=1, open=2)


def test_what_broke_off_is_settled_by_the_next_holder_of_the_lane(
    run: Run, session: Session, engine: Engine, tmp_path: Path
) -> None:
    issue = sending(session, 3)
    freight = run()
    first = take(freight)
    second = take(freight)
    freight.handed(first)
    freight.handed(second)
    freight.answered(second, Answer(Outcome.ACCEPTED, 250, "Ok"))
    del freight  # as if the process were gone
    assert recover(engine, tmp_path) == 1
    assert receipt.read(session, issue.id) == Receipt(audience=3, accepted=1, uncertain=1, open=1)


def test_a_claim_whose_last_answer_came_before_the_next_question_is_recorded_once(run: Run, session: Session) -> None:
    issue = sending(session, 1)
    freight = run()
    freight.answered(take(freight), Answer(Outcome.ACCEPTED, 250, "Ok"))
    assert freight.next() is None
    freight.close(relay_down=False)
    assert receipt.read(session, issue.id) == Receipt(audience=1, accepted=1)

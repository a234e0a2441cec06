"""Issues on their way through real workers, and what happens when these are killed."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, literal, select
from sqlalchemy.orm import Session

from mailer.config import load_settings
from mailer.delivery import receipt
from mailer.delivery.receipt import Receipt
from mailer.digests.models import Issue, IssueState
from mailer.digests.release import release
from mailer.newsletters.models import EVERY_TOPIC, Newsletter
from mailer.queue import Job, configure, enqueue
from mailer.subscriptions.models import Subscriber, Subscription, SubscriptionState
from tests.conftest import SECRET
from tests.delivery.making import draft_of
from tests.flows.processes import Process, Sink, eventually, running, sink
from tests.services.valkey import Valkey, valkey
from tests.subscriptions.making import make_newsletter

CONNECTIONS = 8
LANES = 2


def crowd(session: Session, newsletter: Newsletter, readers: int) -> None:
    """Active readers in bulk."""
    now = datetime.now(UTC)
    for first in range(0, readers, 10_000):
        addresses = [f"reader{number}@mail.example" for number in range(first, min(first + 10_000, readers))]
        session.execute(insert(Subscriber), [{"address": a, "address_key": a, "created_at": now} for a in addresses])
    one = literal(1)
    state = literal(SubscriptionState.ACTIVE.value)
    names = ["subscriber_id", "newsletter_id", "state", "topics", "created_at", "requested_at", "request"]
    created = Subscriber.created_at
    row = (Subscriber.id, literal(newsletter.id), state, literal(EVERY_TOPIC), created, created, one)
    session.execute(insert(Subscription).from_select(names, select(*row)))
    session.commit()


class Sending:
    """One issue to many readers, through a worker and a beat of their own."""

    def __init__(self, engine: Engine, environ: dict[str, str], readers: int) -> None:
        self.engine = engine
        with Session(engine) as session:
            newsletter = make_newsletter(session)
            crowd(session, newsletter, readers)
            self.issue_id = draft_of(session, newsletter).id
            session.commit()
        configure(load_settings(environ))

    def release(self) -> None:
        with Session(self.engine) as session:
            assert release(session, self.issue_id, 1, "lea@ledger.example", datetime.now(UTC))
            session.commit()
        enqueue(Job.FAN_OUT, self.issue_id)

    def books(self) -> Receipt:
        with Session(self.engine) as session:
            return receipt.read(session, self.issue_id)

    def sent(self) -> bool:
        with Session(self.engine) as session:
            return session.scalar(select(Issue.state).where(Issue.id == self.issue_id)) == IssueState.SENT


def environ(database_url: str, broker: Valkey, relay: Sink, folder: Path) -> dict[str, str]:
    return {
        "DATABASE_URL": database_url,
        "REDIS_URL": broker.url,
        "SMTP_URL": relay.url,
        "DATA_DIR": str(folder / "data"),
        "SECRET_KEY": SECRET,
        "SMTP_CONNECTIONS": str(CONNECTIONS),
        "SEND_LANES": str(LANES),
        "LOG_LEVEL": "WARNING",
    }


def check_promise(sending: Sending, relay: Sink, readers: int, killed: int) -> None:
    """Nobody is lost; copies only among the uncertain, of which a killed process leaves one per connection at most."""
    books, copies = sending.books(), relay.copies()
    assert books.audience == readers
    assert books.balanced
    assert books.accepted + books.uncertain == readers
    assert books.uncertain <= killed * CONNECTIONS * LANES
    # Each accepted one is in the ledger exactly once, each uncertain one at most once: it is never sent again.
    assert max(copies.values()) == 1
    assert books.accepted <= len(copies) <= books.accepted + books.uncertain


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_a_killed_worker_and_a_broker_that_lost_everything_lose_nobody(
    engine: Engine, database_url: str, tmp_path: Path
) -> None:
    readers = 20_000
    with valkey() as broker, sink(tmp_path) as relay:
        settings = environ(database_url, broker, relay, tmp_path)
        sending = Sending(engine, settings, readers)
        with running(settings, tmp_path, "worker", "beat") as processes:
            sending.release()
            eventually(lambda: relay.taken() > readers * 0.3, 60, "30 % sent")
            kill_and_restart(processes["worker"])
            eventually(lambda: relay.taken() > readers * 0.6, 90, "60 % sent")
            broker.kill()
            broker.start()
            eventually(sending.sent, 120, "the issue is sent")
            check_promise(sending, relay, readers, killed=1)
            assert list((tmp_path / "data" / "journal").glob("*/*.journal")) == []


def kill_and_restart(worker: Process) -> None:
    worker.kill()
    worker.start()


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_worker_that_is_killed_again_and_again_sends_nobody_two(
    engine: Engine, database_url: str, tmp_path: Path
) -> None:
    readers = 1_500
    with valkey() as broker, sink(tmp_path) as relay:
        settings = environ(database_url, broker, relay, tmp_path)
        sending = Sending(engine, settings, readers)
        with running(settings, tmp_path, "worker", "beat") as processes:
            sending.release()
            for share in (0.1, 0.4, 0.7):
                eventually(lambda share=share: relay.taken() > readers * share, 60, f"{share:.0%} sent")  # type: ignore[misc]
                kill_and_restart(processes["worker"])
            eventually(sending.sent, 120, "the issue is sent")
            check_promise(sending, relay, readers, killed=3)

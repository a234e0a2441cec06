"""Readers who leave while an issue is on its way to thousands: none of them gets it a minute later."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from mailer.app import create_app
from mailer.config import load_settings
from mailer.links import Links
from mailer.subscriptions.models import Subscriber, Subscription
from tests.conftest import SECRET
from tests.flows.processes import Sink, eventually, running, sink
from tests.flows.test_sending import Sending, environ
from tests.services.valkey import valkey

READERS = 3_000
EVERY = 8
"""One reader in so many leaves."""
SECONDS_A_MAIL = 1.0
"""So slow is the relay that a batch takes longer than a claim may stay fresh."""
MINUTE = 60.0


def leave_one_by_one(client: FlaskClient, links: Links, session: Session, relay: Sink) -> Iterator[tuple[str, float]]:
    """One-click for readers who did not get the issue yet: each address, and when it had its answer."""
    rows = session.execute(select(Subscription.id, Subscriber.address).join(Subscriber).order_by(Subscription.id)).all()
    session.commit()
    got = {address for address, _ in relay.arrivals()}
    for subscription_id, address in rows[::EVERY]:
        if address not in got:
            path = links.unsubscribe(subscription_id, 1).removeprefix(links.base_url)
            assert client.post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 200
            yield address, time.time()


@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # it takes long, by the clock
def test_nobody_gets_an_issue_a_minute_after_they_left(
    engine: Engine, session: Session, database_url: str, tmp_path: Path
) -> None:
    with valkey() as broker, sink(tmp_path, SECONDS_A_MAIL) as relay:
        settings = environ(database_url, broker, relay, tmp_path)
        sending = Sending(engine, settings, READERS)
        client = create_app(load_settings(settings)).test_client()
        links = Links(SECRET, load_settings(settings).base_url)
        with running(settings, tmp_path, "worker", "beat"):
            sending.release()
            eventually(lambda: relay.taken() > 50, 60, "the issue is on its way")
            left = dict(leave_one_by_one(client, links, session, relay))
            over = max(left.values()) + MINUTE
            eventually(lambda: relay.arrivals()[-1][1] > over, 2 * MINUTE, "the relay takes mail a minute later")
        arrived = dict(relay.arrivals())
    late = {address: arrived[address] - moment for address, moment in left.items() if address in arrived}
    assert max(late.values(), default=0) < MINUTE, late
    assert sending.books().skipped["unsubscribed"] > len(left) / 8, "their turn came while they were gone"

"""Readers back from a pause, through the tick and real sending: each gets their own edition, once."""

from datetime import UTC, datetime, timedelta
from importlib import import_module

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mailer.digests.models import Issue, IssueKind
from mailer.subscriptions.models import Subscription
from tests.delivery.making import add_readers
from tests.digests.test_away import come_back, rest, sent
from tests.services.smtp import Mailbox
from tests.subscriptions.making import make_newsletter

pytestmark = pytest.mark.usefixtures("worker")


def run(module: str, task: str, *ids: int) -> None:
    import_module(f"worker.tasks.{module}").__dict__[task](*ids)


def test_the_tick_tells_who_was_away_what_they_missed_and_nothing_else(session: Session, smtp: Mailbox) -> None:
    now = datetime.now(UTC)
    newsletter = make_newsletter(session)
    newsletter.timezone = f"Etc/GMT{now.hour - 12:+d}"  # it is noon there; these names count the other way
    city, sport = add_readers(session, newsletter, 2, topics=1)
    session.execute(update(Subscription).where(Subscription.subscriber_id == sport).values(topics=2))
    for reader in (city, sport):
        rest(session, reader, now - timedelta(days=3))
    sent(session, newsletter, now - timedelta(days=2), 1, 2, 0)
    for reader in (city, sport):
        come_back(session, reader, now)
    run("upkeep", "tick")
    run("upkeep", "tick")
    run("upkeep", "sweep")
    issue_id = session.scalars(select(Issue.id).where(Issue.kind == IssueKind.AWAY)).one()
    session.commit()
    run("delivery", "fan_out", issue_id)
    run("delivery", "send")
    told = {mail.recipient: [n for n in range(3) if f"Story 0 {n}" in mail.text] for mail in smtp.mails}
    assert told == {"reader0@mail.example": [0, 2], "reader1@mail.example": [1, 2]}

"""`postroom subscribers leave`: an operator acts on a mail that unsubscribes."""

import json

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.cli.subscribers import subscribers
from mailer.links import Links, Purpose
from mailer.staff.models import AuditEvent
from mailer.subscriptions import consent
from mailer.subscriptions.models import Subscription, SubscriptionState
from tests.conftest import SECRET
from tests.subscriptions.making import fresh, join, make_newsletter

LINKS = Links(SECRET, "https://news.example.org")
ISSUE = 12


@pytest.fixture
def reader(session: Session) -> Subscription:
    return join(session, make_newsletter(session))


def leave(database_url: str, *subject: str) -> Result:
    environment = {"DATABASE_URL": database_url, "SECRET_KEY": SECRET}
    return CliRunner().invoke(subscribers, ["leave", *subject, "--json"], env=environment)


@pytest.mark.parametrize("subject", ["{}", "unsubscribe {}", "Re: unsubscribe {}", "Fwd: unsubscribe%20{}", "<{}>"])
def test_the_subject_of_the_mail_is_enough(
    session: Session, database_url: str, reader: Subscription, subject: str
) -> None:
    run = leave(database_url, subject.format(LINKS.leaving_token(reader.id, ISSUE)))
    assert run.exit_code == 0, run.output
    assert json.loads(run.stdout) == {"address": "mara@ledger.example", "newsletter": "morning"}
    left = fresh(session, reader.id)
    assert (left.state, left.unsubscribed_issue_id) == (SubscriptionState.UNSUBSCRIBED, ISSUE)
    record = consent.history(session, reader.id)[-1]
    assert (record.event, record.form) == ("unsubscribed", "mail")
    event = session.scalars(select(AuditEvent)).one()
    assert (event.action, event.subject, event.detail) == ("subscription.left", "mara@ledger.example", "morning")


def test_words_without_quotes_are_one_subject(session: Session, database_url: str, reader: Subscription) -> None:
    assert leave(database_url, "unsubscribe", LINKS.leaving_token(reader.id, ISSUE)).exit_code == 0
    assert fresh(session, reader.id).state == SubscriptionState.UNSUBSCRIBED


def test_what_was_not_made_here_ends_nothing(session: Session, database_url: str, reader: Subscription) -> None:
    for purpose in set(Purpose) - {Purpose.UNSUBSCRIBE}:
        run = leave(database_url, f"unsubscribe {LINKS.token(purpose, reader.id, ISSUE)}")
        assert run.exit_code == 1
        assert "no token of ours" in run.output
    assert "nothing to do" in leave(database_url, LINKS.leaving_token(4711, ISSUE)).output
    assert fresh(session, reader.id).state == SubscriptionState.ACTIVE
    assert session.scalars(select(AuditEvent)).all() == []

"""`postroom issues correct` and `postroom issues break`."""

from datetime import UTC, datetime
from typing import Any

import pytest
from click import Command
from sqlalchemy import update
from sqlalchemy.orm import Session

from mailer.articles.models import Article, Correction
from mailer.cli import corrections, issues
from mailer.delivery.models import Delivery, DeliveryState
from mailer.digests.models import Issue, IssueKind
from mailer.staff.models import AuditEvent
from mailer.subscriptions.models import Subscription
from tests.cli.conftest import Postroom
from tests.delivery.making import sending


@pytest.fixture
def digest(session: Session) -> Issue:
    """Received by two of three readers, one of whom asked for breaking news."""
    issue = sending(session, 3)
    session.execute(update(Delivery).where(Delivery.subscriber_id > 1).values(state=DeliveryState.ACCEPTED.value))
    session.execute(update(Subscription).where(Subscription.subscriber_id == 1).values(breaking=True))
    session.commit()
    return issue


@pytest.fixture
def postroom(postroom: Postroom) -> Postroom:
    own: list[Command] = corrections.commands
    for each in own:
        issues.issues.add_command(each)
    return postroom


def actions(session: Session) -> list[str]:
    session.expire_all()
    found = [event.action for event in session.query(AuditEvent).order_by(AuditEvent.id)]
    session.commit()
    return found


def test_a_correction_is_said_and_mailed_to_who_received_the_article(
    postroom: Postroom, session: Session, digest: Issue
) -> None:
    article: Any = digest.articles[0]
    asked = postroom.run("issues", "correct", article.article_id, "It was Tuesday.", "--mail", "morning")
    assert "Mail it to those who received it? Readers: 2." in asked.stderr
    assert session.query(Correction).count() == 0
    session.commit()
    done = postroom.answers("issues", "correct", article.url, "It was Tuesday.", "--mail", "morning", "--yes")
    assert (done["readers"], len(done["issues"])) == (2, 1)
    assert session.query(Issue).filter_by(kind=IssueKind.CORRECTION).count() == 1
    session.commit()
    again = postroom.answers("issues", "correct", article.url, "It was Tuesday.", "--mail", "morning", "--yes")
    assert again["issues"] == []
    assert actions(session) == ["article.corrected"] * 2


def test_an_article_is_taken_back_without_a_mail(postroom: Postroom, session: Session, digest: Issue) -> None:
    article_id = digest.articles[0].article_id
    assert postroom.says("issues", "correct", article_id, "Never.", "--retract") == "The archive says it now.\n"
    session.expire_all()
    assert session.get_one(Article, article_id).retracted_at is not None
    session.commit()
    assert "neither the number nor the address" in postroom.refuses("issues", "correct", "bridge", "Never.")
    assert "no article 4711" in postroom.refuses("issues", "correct", 4711, "Never.")
    assert "evening did not send" in postroom.refuses("issues", "correct", article_id, "N", "--mail", "evening")


def test_breaking_news_is_sent_after_a_question_and_within_its_number(
    postroom: Postroom, session: Session, digest: Issue
) -> None:
    article_id = digest.articles[0].article_id
    assert "brings no breaking news" in postroom.refuses("issues", "break", "morning", article_id)
    digest.newsletter.breaking_cap = 1
    session.commit()
    asked = postroom.run("issues", "break", "morning", article_id)
    assert "Send it? Readers: 1, after their quiet hours: 0. 1 of 1 can still leave today." in asked.stderr
    done = postroom.answers("issues", "break", "morning", article_id, "--yes")
    assert (done["readers"], done["quiet"]) == (1, 0)
    session.expire_all()
    sent = session.get_one(Issue, done["id"])
    assert sent.released_at is not None
    assert sent.released_at <= datetime.now(UTC)
    session.commit()
    assert "All 1 of today have left." in postroom.refuses("issues", "break", "morning", article_id, "--yes")

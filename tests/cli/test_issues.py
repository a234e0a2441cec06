"""`postroom issues …`"""

import json

import pytest
import redis
from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.delivery.models import Delivery, DeliveryState
from mailer.digests.models import Issue, IssueState
from mailer.newsletters.models import Newsletter
from mailer.queue import Job, Queue
from mailer.staff.models import AuditEvent
from tests.cli.conftest import Postroom
from tests.digests.making import NOW, make_issue, make_source, see
from tests.newsletters.making import make_newsletter
from tests.services.valkey import Valkey

RECEIPT_KEYS = ["audience", "accepted", "deferred", "refused", "uncertain", "open", "skipped", "own_hour"]


@pytest.fixture
def newsletter(session: Session) -> Newsletter:
    """With two articles to read."""
    newsletter = make_newsletter(session)
    source = make_source(session, newsletter)
    for title in ("Ferry", "Tram"):
        see(session, source, title, NOW)
    return newsletter


@pytest.fixture
def issue(session: Session, newsletter: Newsletter) -> Issue:
    return make_issue(session, newsletter)


@pytest.fixture
def rung(broker: Valkey) -> redis.Redis:
    """The queue, empty, where the command line asks for jobs."""
    queue = redis.Redis.from_url(broker.url)
    queue.flushall()
    return queue


def jobs(queue: redis.Redis) -> list[str]:
    waiting = [json.loads(text) for name in Queue for text in queue.lrange(name, 0, -1)]
    return [message["headers"]["task"] for message in waiting]


def state(session: Session, issue: Issue) -> str:
    session.expire_all()
    return issue.state


def test_a_draft_is_made_and_shown(postroom: Postroom, session: Session, newsletter: Newsletter) -> None:
    made = postroom.answers("issues", "draft", "morning")
    assert (made["state"], made["subject"]) == ("draft", "Ferry")
    assert [article["title"] for article in made["articles"]] == ["Ferry", "Tram"]
    assert postroom.answers("issues", "show", made["id"]) == made
    assert postroom.says("issues", "show", made["id"]) == (
        f"Issue {made['id']} of morning, draft: Ferry\n  1. Ferry\n  2. Tram\n"
    )
    assert session.scalars(select(AuditEvent.action)).all() == ["issue.drafted"]


def test_no_draft_is_made_of_nothing(postroom: Postroom, newsletter: Newsletter) -> None:
    postroom.says("issues", "draft", "morning")
    assert postroom.refuses("issues", "draft", "morning").startswith("There was no new article.")
    assert postroom.refuses("issues", "draft", "evening").startswith("There is no newsletter evening.")


def test_send_releases_and_asks_for_the_fan_out(
    postroom: Postroom, session: Session, issue: Issue, rung: redis.Redis
) -> None:
    assert postroom.answers("issues", "send", issue.id) == {
        "id": issue.id,
        "state": "sending",
        "readers": 0,
        "asked": True,
    }
    assert state(session, issue) == IssueState.SENDING
    assert issue.released_by == "command line"
    assert jobs(rung) == [Job.FAN_OUT]
    assert session.scalars(select(AuditEvent.subject)).all() == [f"issue {issue.id}"]


def test_an_issue_is_sent_once(postroom: Postroom, issue: Issue, rung: redis.Redis) -> None:
    postroom.says("issues", "send", issue.id)
    assert postroom.refuses("issues", "send", issue.id) == f"Issue {issue.id} is sending. Only a draft can be sent."
    assert jobs(rung) == [Job.FAN_OUT]


def test_send_works_while_the_broker_is_away_and_says_so(
    postroom: Postroom, session: Session, issue: Issue, broker: Valkey
) -> None:
    broker.kill()
    try:
        assert "The queue is away" in postroom.says("issues", "send", issue.id)
    finally:
        broker.start()
    assert state(session, issue) == IssueState.SENDING


def test_an_issue_without_articles_is_not_sent(postroom: Postroom, session: Session, issue: Issue) -> None:
    issue.articles.clear()
    session.commit()
    assert postroom.refuses("issues", "send", issue.id) == "There is no article in this issue."
    assert state(session, issue) == IssueState.DRAFT


def test_an_issue_is_held_goes_on_and_is_called_off(
    postroom: Postroom, session: Session, issue: Issue, rung: redis.Redis
) -> None:
    assert postroom.refuses("issues", "pause", issue.id).startswith(f"Issue {issue.id} is draft.")
    postroom.says("issues", "send", issue.id)
    assert postroom.answers("issues", "pause", issue.id) == {"id": issue.id, "state": "paused"}
    issue.fanned_out_at = NOW
    session.commit()
    assert postroom.answers("issues", "resume", issue.id)["state"] == "sending"
    assert jobs(rung) == [Job.SEND, Job.FAN_OUT]
    assert postroom.refuses("issues", "resume", issue.id).startswith(f"Issue {issue.id} is sending.")
    assert postroom.answers("issues", "cancel", issue.id) == {"id": issue.id, "state": "cancelled"}
    assert postroom.refuses("issues", "cancel", issue.id).startswith(f"Issue {issue.id} is cancelled.")
    assert session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all() == [
        "issue.released",
        "issue.paused",
        "issue.resumed",
        "issue.cancelled",
    ]


def test_an_issue_paused_before_its_fan_out_is_fanned_out_when_it_goes_on(
    postroom: Postroom, issue: Issue, rung: redis.Redis
) -> None:
    for verb in ("send", "pause"):
        postroom.says("issues", verb, issue.id)
    rung.flushall()
    postroom.says("issues", "resume", issue.id)
    assert jobs(rung) == [Job.FAN_OUT]


def test_the_receipt_has_exactly_its_keys_and_adds_up(postroom: Postroom, session: Session, issue: Issue) -> None:
    states = [DeliveryState.ACCEPTED, DeliveryState.ACCEPTED, DeliveryState.QUEUED, DeliveryState.UNCERTAIN]
    session.add_all(Delivery(issue_id=issue.id, subscriber_id=n, state=s.value) for n, s in enumerate(states, 1))
    session.add(Delivery(issue_id=issue.id, subscriber_id=9, state=DeliveryState.SKIPPED.value, answer="topics"))
    issue.audience = 5
    session.commit()
    receipt = postroom.answers("issues", "receipt", issue.id)
    assert list(receipt) == RECEIPT_KEYS
    assert receipt == {
        "audience": 5,
        "accepted": 2,
        "deferred": 0,
        "refused": 0,
        "uncertain": 1,
        "open": 1,
        "skipped": {"topics": 1},
        "own_hour": 0,
    }
    assert "skipped           1  topics" in postroom.says("issues", "receipt", issue.id)


def test_the_list_is_newest_first_and_can_be_of_one_newsletter(
    postroom: Postroom, session: Session, issue: Issue
) -> None:
    evening = make_newsletter(session, "evening")
    see(session, make_source(session, evening), "Opera", NOW)
    other = make_issue(session, evening)
    assert [i["id"] for i in postroom.answers("issues", "list")] == [other.id, issue.id]
    assert [i["newsletter"] for i in postroom.answers("issues", "list", "morning")] == ["morning"]
    assert "Opera" in postroom.says("issues", "list")


def test_an_issue_that_is_not_there_is_refused(postroom: Postroom) -> None:
    for verb in ("show", "send", "pause", "resume", "cancel", "receipt"):
        assert postroom.refuses("issues", verb, 4711).startswith("There is no issue 4711.")

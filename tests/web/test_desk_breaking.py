"""The desk's way to breaking news: pick, read the question, press once."""

import re
from datetime import UTC, datetime, time, timedelta

import pytest
from flask.testing import FlaskClient
from redis import Redis
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from mailer.articles.models import Article
from mailer.digests.models import Issue, IssueKind, IssueState
from mailer.links import Links
from mailer.newsletters.models import Newsletter
from mailer.queue import Queue
from mailer.staff.models import AuditEvent
from mailer.subscriptions.models import Subscription
from tests.services.valkey import Valkey
from tests.web.newsroom import HEADLINES, fresh, open_newsroom
from tests.web.staffroom import log_in, press


@pytest.fixture
def newsletter(session: Session) -> Newsletter:
    """Two readers who asked for breaking news, one of them in quiet hours."""
    made = open_newsroom(session)
    made.breaking_cap = 1
    hour = datetime.now(UTC).hour
    quiet = {"quiet_from": time(hour), "quiet_until": time((hour + 2) % 24), "timezone": "UTC"}
    session.execute(update(Subscription).values(breaking=True))
    session.execute(update(Subscription).where(Subscription.subscriber_id == 1).values(quiet))
    session.commit()
    return made


@pytest.fixture
def lea(client: FlaskClient, session: Session, links: Links) -> FlaskClient:
    log_in(client, session, links)
    return client


@pytest.fixture
def page(newsletter: Newsletter) -> str:
    return f"/desk/newsletters/{newsletter.slug}/breaking"


def article(session: Session, title: str = HEADLINES[0]) -> int:
    found = session.scalars(select(Article.id).where(Article.title == title)).one()
    session.commit()
    return found


def begin(lea: FlaskClient, session: Session, page: str, title: str = HEADLINES[0]) -> str:
    """Pick an article; the path of the question."""
    answer = press(lea, page, page, article=article(session, title))
    assert answer.status_code == 303
    return answer.location


def send(lea: FlaskClient, question: str, **fields: int | str) -> TestResponse:
    return press(lea, question, question, **{"version": 1, **fields})


def rung(broker: Valkey, *queues: Queue) -> list[int]:
    """How often the worker was asked since the last look, by queue."""
    with Redis.from_url(broker.url) as redis:
        counts = [int(redis.llen(queue.value)) for queue in queues]
        redis.delete(*(queue.value for queue in queues))
    return counts


def news(session: Session) -> Issue:
    return fresh(session, session.scalars(select(Issue).where(Issue.kind == IssueKind.BREAKING)).one())


def test_the_page_says_what_may_leave_and_offers_the_newest_articles(
    lea: FlaskClient, session: Session, newsletter: Newsletter, page: str
) -> None:
    shown = lea.get(page).text
    assert "1 of 1 can still leave today." in shown
    assert "2 readers asked for it. 1 of them has quiet hours now" in shown
    assert all(headline in shown for headline in HEADLINES)
    session.execute(update(Article).where(Article.title == HEADLINES[1]).values(held_at=datetime.now(UTC)))
    newsletter.breaking_cap = 0
    session.commit()
    shown = lea.get(page).text
    assert HEADLINES[1] not in shown
    assert "This newsletter brings no breaking news." in shown


def test_the_question_names_readers_quiet_hours_and_what_is_left(lea: FlaskClient, session: Session, page: str) -> None:
    question = begin(lea, session, page)
    shown = lea.get(question).text
    assert "Send to 2 readers" in shown
    assert "1 reader, when their quiet hours are over." in shown
    assert "1 of 1 can still leave today." in shown
    assert HEADLINES[0] in shown
    assert news(session).state == IssueState.DRAFT
    assert lea.get(f"/desk/issues/{news(session).id}/send").location == question
    assert begin(lea, session, page) == question


def test_one_press_sends_it_on_its_own_queue_and_a_second_does_nothing(
    lea: FlaskClient, session: Session, page: str, broker: Valkey
) -> None:
    question = begin(lea, session, page)
    rung(broker, Queue.BREAKING, Queue.SEND)
    assert send(lea, question).status_code == 303
    issue = news(session)
    assert issue.state == IssueState.SENDING
    assert rung(broker, Queue.BREAKING, Queue.SEND) == [1, 0]
    again = lea.post(question, data={"version": 1, "csrf_token": "x"})
    assert again.status_code == 400
    press(lea, page, question, version=1)
    assert "Somebody changed or sent this while you looked." in lea.get(f"/desk/issues/{issue.id}").text
    actions = session.scalars(select(AuditEvent.action).where(AuditEvent.action.startswith("breaking."))).all()
    assert actions == ["breaking.drafted", "breaking.sent"]


def test_beyond_the_daily_number_it_is_refused_with_a_sentence(
    lea: FlaskClient, session: Session, newsletter: Newsletter, page: str
) -> None:
    first, second = begin(lea, session, page), begin(lea, session, page, HEADLINES[1])
    send(lea, first)
    assert send(lea, second).location == second
    assert "All 1 of today have left." in lea.get(second).text
    assert session.query(Issue).filter_by(state=IssueState.DRAFT.value).count() == 1


def test_an_article_that_is_embargoed_is_not_taken(lea: FlaskClient, session: Session, page: str) -> None:
    later = datetime.now(UTC) + timedelta(hours=1)
    session.execute(update(Article).values(embargo_until=later))
    session.commit()
    press(lea, "/desk/forms", page, article=article(session))
    assert "This article may not be mailed now" in lea.get(page).text
    press(lea, "/desk/forms", page, article=4711)
    assert "There is no article 4711." in lea.get(page).text


def test_a_link_is_read_and_becomes_breaking_news(
    lea: FlaskClient, session: Session, page: str, live: str, newsletter: Newsletter
) -> None:
    link = f"{live}/demo/article-that-is-not-there"
    assert press(lea, page, f"{page}/link", link=link).location == page
    assert link in lea.get(page).text
    press(lea, page, f"{page}/link", link="ferry")
    assert "That is no address of an article" in lea.get(page).text
    story = re.search(r'href="(/demo/article/[^"]+)"', lea.get("/demo/").text)
    assert story is not None
    question = press(lea, page, f"{page}/link", link=live + story[1]).location
    assert question.endswith("/break")
    assert news(session).subject in lea.get(question).text

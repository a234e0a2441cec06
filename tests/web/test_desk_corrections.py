"""The desk's way to a correction: said in the archive at once, mailed once if an editor presses for it."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mailer.articles.models import Article, Correction
from mailer.delivery.models import Delivery, DeliveryState
from mailer.digests.models import Issue, IssueKind
from mailer.links import Links
from mailer.queue import Queue
from mailer.staff.models import AuditEvent
from tests.delivery.making import sending
from tests.services.valkey import Valkey
from tests.web.staffroom import log_in, press
from tests.web.test_desk_breaking import rung


@pytest.fixture
def lea(client: FlaskClient, session: Session, links: Links) -> FlaskClient:
    log_in(client, session, links)
    return client


@pytest.fixture
def digest(session: Session) -> Issue:
    """Received by two of three readers."""
    issue = sending(session, 3)
    session.execute(update(Delivery).where(Delivery.subscriber_id > 1).values(state=DeliveryState.ACCEPTED.value))
    session.commit()
    return issue


@pytest.fixture
def page(digest: Issue) -> str:
    return f"/desk/articles/{digest.articles[0].article_id}/correct"


def said(session: Session) -> Correction:
    session.expire_all()
    found = session.scalars(select(Correction)).one()
    session.commit()
    return found


def test_the_page_of_a_sent_issue_leads_to_the_correction(lea: FlaskClient, digest: Issue, page: str) -> None:
    assert f'href="{page}"' in lea.get(f"/desk/issues/{digest.id}").text
    shown = lea.get(page).text
    assert digest.articles[0].title in shown
    assert "2 readers of Morning Briefing have it and can be told." in shown


def test_a_correction_is_said_once_and_mailed_once(
    lea: FlaskClient, session: Session, page: str, broker: Valkey
) -> None:
    rung(broker, Queue.SEND)
    for _ in range(2):
        assert press(lea, page, page, text="It was Tuesday.").status_code == 303
    shown = lea.get(page).text
    assert "It was Tuesday." in shown
    assert "Mail it to 2 readers" in shown
    mail = f"/desk/corrections/{said(session).id}/mail/morning"
    press(lea, page, mail)
    assert "It is on its way." in lea.get(page).text
    press(lea, page, mail)
    assert "It was mailed already. It goes out once." in lea.get(page).text
    assert session.query(Issue).filter_by(kind=IssueKind.CORRECTION.value).count() == 1
    session.commit()
    assert rung(broker, Queue.SEND) == [1]
    actions = session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert actions[-3:] == ["article.corrected", "article.corrected", "correction.mailed"]


def test_an_article_is_taken_back(lea: FlaskClient, session: Session, digest: Issue, page: str) -> None:
    press(lea, page, page, text="It never happened.", retracted="yes")
    assert said(session).retracted
    assert session.get_one(Article, digest.articles[0].article_id).retracted_at is not None
    session.commit()
    shown = lea.get(page).text
    assert "It is taken back." in shown
    assert "It was taken back" in shown


@pytest.mark.parametrize(("text", "sentence"), [(" ", "Write what was wrong"), ("a" * 1001, "Say it in 1,000")])
def test_what_says_nothing_or_too_much_is_not_said(
    lea: FlaskClient, session: Session, page: str, text: str, sentence: str
) -> None:
    answer = press(lea, page, page, text=text)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert session.query(Correction).count() == 0


def test_what_is_not_there_is_not_corrected_or_mailed(lea: FlaskClient, session: Session, page: str) -> None:
    assert lea.get("/desk/articles/4711/correct").status_code == 404
    press(lea, page, page, text="It was Tuesday.")
    number = said(session).id
    for path in (f"/desk/corrections/{number}/mail/evening", "/desk/corrections/4711/mail/morning"):
        assert press(lea, page, path).status_code == 404

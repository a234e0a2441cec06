"""From the desk to the worker: the test-send, the one press that sends, and the page that says how far it is."""

from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from redis import Redis
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from mailer.delivery.fanout import fan_out
from mailer.delivery.models import Delivery, DeliveryState
from mailer.digests.models import Issue, IssueState
from mailer.links import Links
from mailer.queue import Queue
from mailer.staff import audit
from mailer.staff.models import AuditEvent
from mailer.subscriptions import unsubscribe
from mailer.web.editors.testing import PER_HOUR
from tests.emails.wire import way_out
from tests.services.smtp import Mailbox
from tests.services.valkey import Valkey
from tests.web.newsroom import HEADLINES, draft_issue, fresh, open_newsroom
from tests.web.staffroom import LEA, log_in, press


@pytest.fixture
def lea(client: FlaskClient, session: Session, links: Links) -> FlaskClient:
    """An editor's browser."""
    log_in(client, session, links)
    return client


@pytest.fixture
def issue(session: Session) -> Issue:
    return draft_issue(session, open_newsroom(session))


def test_mail(lea: FlaskClient, issue: Issue, address: str) -> str:
    """Send a test and read what the desk says."""
    page = f"/desk/issues/{issue.id}"
    assert press(lea, page, f"{page}/test", address=address).status_code == 303
    return lea.get(page).text


test_mail.__test__ = False  # type: ignore[attr-defined]  # a helper


def send(lea: FlaskClient, issue: Issue, **fields: str | int) -> TestResponse:
    page = f"/desk/issues/{issue.id}/send"
    return press(lea, page, page, **{"version": issue.version, **fields})


def rung(broker: Valkey) -> int:
    """How often the worker was asked to send since the last look."""
    with Redis.from_url(broker.url) as redis:
        count = redis.llen(Queue.SEND.value)
        redis.delete(Queue.SEND.value)
    return int(count)


def test_a_test_send_arrives_and_says_what_the_relay_answered(lea: FlaskClient, issue: Issue, smtp: Mailbox) -> None:
    said = test_mail(lea, issue, "jo@else.example")
    assert "Sent to jo@else.example" in said
    assert "accepted by the relay" in said
    (mail,) = smtp.to("jo@else.example")
    assert mail.sender == "briefing@ledger.example"
    assert mail.parsed["Subject"] == HEADLINES[0]
    assert all(headline in mail.text and headline in mail.html for headline in HEADLINES)
    assert mail.parsed["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_two_tests_are_two_mails(lea: FlaskClient, issue: Issue, smtp: Mailbox) -> None:
    for _ in range(2):
        test_mail(lea, issue, LEA)
    assert len({mail.parsed["Message-ID"] for mail in smtp.to(LEA)}) == 2


def test_a_refusal_is_shown_in_the_relays_words(lea: FlaskClient, issue: Issue, smtp: Mailbox) -> None:
    smtp.refuse["gone@else.example"] = "550 5.1.1 no such mailbox"
    said = test_mail(lea, issue, "gone@else.example")
    assert "The relay refused gone@else.example: 550 5.1.1 no such mailbox." in said


def test_what_is_no_address_is_not_tried(lea: FlaskClient, issue: Issue, smtp: Mailbox) -> None:
    assert "An e-mail address has an @ in it" in test_mail(lea, issue, "jo")
    assert smtp.mails == []


def test_the_unsubscribe_link_of_a_test_ends_nobodys_subscription(
    lea: FlaskClient, issue: Issue, smtp: Mailbox, session: Session
) -> None:
    test_mail(lea, issue, LEA)
    link = way_out(smtp.to(LEA)[0].parsed)
    lea.post(link.replace("http://localhost:8000", ""), data={"List-Unsubscribe": "One-Click"})
    assert unsubscribe.left_from(session, issue.id) == 0
    session.commit()
    assert "Send to 2 readers" in lea.get(f"/desk/issues/{issue.id}").text


def test_tests_are_limited_by_the_hour(lea: FlaskClient, issue: Issue, smtp: Mailbox, session: Session) -> None:
    for _ in range(PER_HOUR):
        audit.record(session, LEA, "issue.tested", f"issue {issue.id}", "", datetime.now(UTC))
    session.commit()
    assert f"{PER_HOUR} tests an hour are the limit" in test_mail(lea, issue, LEA)
    assert smtp.mails == []


def test_the_question_names_the_number_and_the_subject(lea: FlaskClient, issue: Issue) -> None:
    question = lea.get(f"/desk/issues/{issue.id}/send").text
    assert "Send to 2 readers" in question
    assert HEADLINES[0] in question
    assert "briefing@ledger.example" in question


def test_one_press_releases_the_issue_and_rings_the_worker(
    lea: FlaskClient, issue: Issue, session: Session, broker: Valkey
) -> None:
    rung(broker)
    assert send(lea, issue).location == f"/desk/issues/{issue.id}"
    issue = fresh(session, issue)
    assert (issue.state, issue.released_by) == (IssueState.SENDING, LEA)
    assert rung(broker) == 1
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "issue.sent")).one()
    assert event.detail == "version 1, 2 readers"


def test_a_second_press_says_who_sent_it_already(
    lea: FlaskClient, issue: Issue, session: Session, broker: Valkey
) -> None:
    send(lea, issue)
    rung(broker)
    page = f"/desk/issues/{issue.id}"
    assert press(lea, page, f"{page}/send", version=issue.version).location == page
    assert f"{LEA} sent it already, at " in lea.get(page).text
    assert rung(broker) == 0


def test_an_older_version_is_not_sent(lea: FlaskClient, issue: Issue, session: Session) -> None:
    page, stale = f"/desk/issues/{issue.id}", issue.version
    press(lea, page, f"{page}/head", version=stale, subject="Newer", preview_line="", note="")
    send(lea, issue, version=stale)
    assert "Somebody changed this issue while you looked" in lea.get(page).text
    assert fresh(session, issue).state == IssueState.DRAFT


def test_an_issue_that_fails_a_check_needs_a_tick_which_is_written_down(
    lea: FlaskClient, issue: Issue, session: Session
) -> None:
    issue.subject = ""
    session.commit()
    refused = send(lea, issue)
    assert refused.status_code == 422
    assert "There is no subject." in refused.text
    assert fresh(session, issue).state == IssueState.DRAFT
    assert send(lea, issue, override="yes").status_code == 303
    assert fresh(session, issue).state == IssueState.SENDING
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "issue.sent")).one()
    assert "against the checks" in event.detail


def test_an_issue_without_readers_is_not_sent(lea: FlaskClient, session: Session) -> None:
    issue = draft_issue(session, open_newsroom(session, readers=0))
    assert "Nobody to send to" in lea.get(f"/desk/issues/{issue.id}").text
    send(lea, issue)
    assert fresh(session, issue).state == IssueState.DRAFT


def test_with_the_queue_away_the_issue_is_released_and_the_desk_says_so(
    lea: FlaskClient, issue: Issue, session: Session, broker: Valkey
) -> None:
    broker.kill()
    try:
        send(lea, issue)
    finally:
        broker.start()
    assert "The queue cannot be reached just now" in lea.get(f"/desk/issues/{issue.id}").text
    assert fresh(session, issue).state == IssueState.SENDING


def test_a_released_issue_cannot_be_changed(lea: FlaskClient, issue: Issue, session: Session) -> None:
    send(lea, issue)
    page = f"/desk/issues/{issue.id}"
    press(lea, page, f"{page}/head", version=issue.version, subject="Too late", preview_line="", note="")
    assert "its text stays as it is" in lea.get(page).text
    assert fresh(session, issue).subject == HEADLINES[0]


def sending(session: Session, lea: FlaskClient, issue: Issue) -> None:
    """Send it, and name its readers as the worker does."""
    send(lea, issue)
    fan_out(session, issue.id, datetime.now(UTC) - timedelta(seconds=20))
    session.commit()


def settle(session: Session, state: DeliveryState, answer: str = "") -> None:
    """Let the next waiting delivery come to this end."""
    first = session.scalars(select(Delivery.subscriber_id).where(Delivery.state == DeliveryState.QUEUED.value)).first()
    session.execute(update(Delivery).where(Delivery.subscriber_id == first).values(state=state.value, answer=answer))
    session.commit()


def test_the_page_of_a_sending_issue_shows_its_receipt(lea: FlaskClient, session: Session) -> None:
    issue = draft_issue(session, open_newsroom(session, readers=4))
    sending(session, lea, issue)
    settle(session, DeliveryState.ACCEPTED)
    settle(session, DeliveryState.UNCERTAIN, "no answer to the final dot")
    settle(session, DeliveryState.SKIPPED, "unsubscribed")
    page = lea.get(f"/desk/issues/{issue.id}").text
    assert "75%" in page
    assert "3 of 4 handed over" in page
    assert "Skipped: left the list before it was their turn" in page
    assert "reader1@readers.example" in page
    assert "no answer to the final dot" in page
    assert "3 of 4 handed over" in lea.get("/desk/").text


def test_an_unchanged_progress_is_not_sent_twice(lea: FlaskClient, issue: Issue, session: Session) -> None:
    sending(session, lea, issue)
    path = f"/desk/issues/{issue.id}/progress"
    etag = lea.get(path).headers["ETag"]
    assert lea.get(path, headers={"If-None-Match": etag}).status_code == 304
    settle(session, DeliveryState.ACCEPTED)
    assert lea.get(path, headers={"If-None-Match": etag}).status_code == 200


def test_pause_and_resume(lea: FlaskClient, issue: Issue, session: Session, broker: Valkey) -> None:
    sending(session, lea, issue)
    page = f"/desk/issues/{issue.id}"
    press(lea, page, f"{page}/pause")
    assert fresh(session, issue).state == IssueState.PAUSED
    paused = lea.get(page).text
    assert "Resume" in paused
    assert "nothing else leaves until somebody resumes it" in paused
    rung(broker)
    press(lea, page, f"{page}/resume")
    assert fresh(session, issue).state == IssueState.SENDING
    assert rung(broker) == 1
    press(lea, page, f"{page}/resume")
    assert "It is not paused." in lea.get(page).text


def test_cancelling_the_rest_asks_first_and_names_the_number(lea: FlaskClient, session: Session) -> None:
    issue = draft_issue(session, open_newsroom(session, readers=3))
    sending(session, lea, issue)
    settle(session, DeliveryState.ACCEPTED)
    page = f"/desk/issues/{issue.id}"
    question = lea.get(f"{page}/cancel").text
    assert "Cancel for the 2 who do not have it?" in question
    assert "1 reader already has" in question
    press(lea, f"{page}/cancel", f"{page}/cancel")
    assert fresh(session, issue).state == IssueState.CANCELLED
    press(lea, page, f"{page}/cancel")
    assert "It is over already" in lea.get(page).text

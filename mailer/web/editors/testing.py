"""The test-send: one mail, now, with the relay's own answer."""

import secrets
from datetime import timedelta

from flask import request
from werkzeug.wrappers import Response

from mailer.db import db
from mailer.digests import editions
from mailer.digests.models import EVERY_ARTICLE, Issue
from mailer.emails.compiled import Slot
from mailer.emails.headers import BadHeader, address_header, letter_id
from mailer.emails.smtp import Answer, Envelope, Outcome, send_one
from mailer.staff import audit
from mailer.staff.models import Role
from mailer.subscriptions.address import BadAddress, parse
from mailer.web.access import requires, visitor
from mailer.web.editors import words
from mailer.web.editors.blueprint import back, desk, find, note
from mailer.web.editors.preview import NOBODY
from mailer.web.house import links, now, settings

PER_HOUR = 20
TIMEOUT = 15.0
"""Seconds an editor waits for the relay at the most."""

ACTION = "issue.tested"

ANSWERS = {
    Outcome.ACCEPTED: ("Sent to {address} {at}, accepted by the relay.", "good"),
    Outcome.DEFERRED: ("The relay does not take it just now: {said}. Nothing was sent to {address}.", "warn"),
    Outcome.REFUSED: ("The relay refused {address}: {said}.", "bad"),
    Outcome.UNCERTAIN: ("The relay took the text and did not answer in time. It may arrive at {address}.", "warn"),
    Outcome.UNSENT: ("The relay cannot be reached: {said}. Nothing was sent.", "bad"),
}


@desk.post("/issues/<int:issue_id>/test")
@requires(Role.EDITOR)
def test_send(issue_id: int) -> Response:
    """Send the issue as it stands to one address, and say what the relay answered."""
    issue, moment = find(issue_id), now()
    timezone = issue.newsletter.timezone
    if audit.count(db.session(), visitor().address, ACTION, moment - timedelta(hours=1)) >= PER_HOUR:
        return back(issue_id, f"{PER_HOUR} tests an hour are the limit. Wait a little.", "warn")
    try:
        address = parse(request.form.get("address", "")).address
        envelope = _envelope(issue, address)
    except (BadAddress, BadHeader) as error:
        return back(issue_id, str(error), "bad")
    note(ACTION, issue_id, address)
    db.session.commit()  # before the relay is asked: no transaction stays open while the network talks
    answer = send_one(settings().relay, envelope, timeout=TIMEOUT)
    return back(issue_id, *_said(answer, address, words.to_the_second(now(), timezone)))


def _envelope(issue: Issue, address: str) -> Envelope:
    content = editions.content(db.session(), issue.id, EVERY_ARTICLE)
    domain = content.sender_address.rpartition("@")[2]
    identity = f"test-{issue.id}-{secrets.token_hex(8)}"  # each test is a mail of its own
    values = {
        Slot.TO: address_header("", address),
        Slot.MESSAGE_ID: letter_id(identity, domain, settings().secret.encode()),
        Slot.TOKEN: links().leaving_token(NOBODY, issue.id),
    }
    return Envelope(content.sender_address, address, editions.compile_edition(content, links()).fill(values))


def _said(answer: Answer, address: str, at: str) -> tuple[str, str]:
    sentence, category = ANSWERS[answer.outcome]
    said = f"{answer.code or ''} {answer.text}".strip().rstrip(".")
    return sentence.format(address=address, said=said, at=at), category

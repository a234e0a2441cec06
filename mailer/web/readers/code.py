"""On the page that asked: the six digits from the mail, and the mail once more."""

from datetime import timedelta

from flask import Response

from mailer.db import db
from mailer.queue import Job, enqueue
from mailer.subscriptions import confirmation, signup, waiting
from mailer.subscriptions.address import BadAddress, parse
from mailer.subscriptions.confirmation import CodeAnswer, Confirmed, Expired, Spent, Wrong
from mailer.subscriptions.waiting import Waiting
from mailer.web.house import now, settings
from mailer.web.readers import abuse, asking, pages, welcome
from mailer.web.readers.asking import Asking
from mailer.web.readers.blueprint import field, network, readers
from mailer.web.speech import say, say_n


@readers.post("/s/<slug>/code")
def code(slug: str) -> Response:
    """Try a code. A wrong one is counted, so the page is made first and the row is committed then."""
    may_try = abuse.may_try_code(field("ref"))
    asked = asking.read(slug)
    if asked is None:
        return pages.closed()
    session = db.session()
    page = waiting.find(session, asked.newsletter.id, asked.ref, now=now())
    if not may_try:
        return _once_more(asked, page, error=say("That was too often. Wait a minute, then try again."))
    key = settings().secret.encode()
    tried = confirmation.confirm_by_code(
        session, asked.newsletter.id, asked.ref, field("code"), key, network=network(), now=now()
    )
    answer = _after(asked, page, tried)
    session.commit()
    return answer


@readers.post("/s/<slug>/again")
def again(slug: str) -> Response:
    """Send the mail once more, to the same address, if it is time."""
    asked = asking.read(slug)
    if asked is None:
        return pages.closed()
    session = db.session()
    page = waiting.find(session, asked.newsletter.id, asked.ref, now=now())
    if page is None:
        return pages.form(asked, say("This page is too old. Send the address once more."))
    if page.confirmed or _has_had_two(page) or _ago(page) < pages.AGAIN_AFTER:
        return _once_more(asked, page)
    session.commit()  # no transaction is open while the limits are asked
    if not _may_ask(asked):
        return _once_more(asked, page)
    answer = pages.pending(asked, letters=page.letters + 1)
    letter_id = signup.again(session, asked.newsletter.id, asked.ref, now=now())
    session.commit()
    if letter_id is not None:
        enqueue(Job.SEND_LETTER, letter_id)
    return answer


def _after(asked: Asking, page: Waiting | None, tried: CodeAnswer) -> Response:
    match tried:
        case Confirmed(subscription):
            return welcome.confirmed(subscription, proven=True, ref=asked.ref)
        case Wrong(tries_left):
            left = say_n(
                "That is not the code. One try left.", "That is not the code. %(number)s tries left.", tries_left
            )
            return _once_more(asked, page, error=left)
        case Spent() if _has_had_two(page):
            error = say("That was one wrong code too many. Press the button in the e-mail instead.")
        case Spent():
            error = say("That was one wrong code too many. Send a new one, or press the button in the e-mail.")
        case Expired() if _has_had_two(page):
            error = say("The code is older than 30 minutes. Press the button in the e-mail instead.")
        case Expired():
            error = say("The code is older than 30 minutes. Send a new one, or press the button in the e-mail.")
    return _once_more(asked, page, error=error, takes_code=False)


def _once_more(asked: Asking, page: Waiting | None, *, error: str = "", takes_code: bool = True) -> Response:
    """The same page again; where the reader has confirmed since by the link, "You're in"."""
    if page is None:
        return pages.pending(asked, error=error, takes_code=takes_code)
    if page.confirmed:
        return welcome.confirmed(page.confirmed, proven=False, ref=asked.ref)
    return pages.pending(asked, error=error, letters=page.letters, ago=_ago(page), takes_code=takes_code)


def _has_had_two(page: Waiting | None) -> bool:
    return page is not None and page.letters >= pages.MAILS_OF_A_PAGE


def _ago(page: Waiting) -> timedelta:
    return max(now() - page.last_at, timedelta())


def _may_ask(asked: Asking) -> bool:
    """Whether there have been too many; the page behind an old link knows no address, and its two mails are enough."""
    try:
        return abuse.may_ask_again(asked.ref, parse(asked.email))
    except BadAddress:
        return True

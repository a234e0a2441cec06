"""From an issue to the preference centre: not by the issue's own link, which may be forwarded, but by a fresh one."""

from flask import Response, render_template

from mailer.db import db
from mailer.links import MAX_AGE, Purpose
from mailer.queue import Job, enqueue
from mailer.subscriptions import letters
from mailer.subscriptions.masked import masked
from mailer.subscriptions.models import OwedLetter, Subscription
from mailer.web.house import now
from mailer.web.readers import pages
from mailer.web.readers.blueprint import readers
from mailer.web.readers.leaving import find
from mailer.web.speech import say, say_n

DAYS = MAX_AGE[Purpose.PREFERENCES] // (24 * 3600)


@readers.get("/u/<token>/change")
def change_page(token: str) -> str:
    """One button that mails a link to the owner of the address, whoever presses it."""
    subscription, _ = find(token)
    email = masked(subscription.subscriber.address)
    return render_template(
        "readers/change.html", newsletter=subscription.newsletter, email=email, token=token, days=DAYS
    )


@readers.post("/u/<token>/change")
def change(token: str) -> Response:
    """Owe the owner a fresh link; a few a day are mailed, so that nobody is flooded with them."""
    subscription, _ = find(token)
    session = db.session()
    letter_id = letters.owe_link(session, subscription.subscriber.address_key, now=now())
    letter = session.get(OwedLetter, letter_id)
    page = _answer(subscription, mailed=bool(letter and letter.due_at))
    session.commit()
    if letter_id:
        enqueue(Job.SEND_LETTER, letter_id)
    return page


def _answer(subscription: Subscription, mailed: bool) -> Response:
    email, newsletter = masked(subscription.subscriber.address), subscription.newsletter
    if mailed:
        text = say_n(
            "A link is on its way to %(address)s. It works for one day.",
            "A link is on its way to %(address)s. It works for %(number)s days.",
            DAYS,
            address=email,
        )
        return pages.message(say("Look into your mailbox"), text, 200, newsletter)
    text = say("%(address)s had enough links today. Take the last one, or ask again tomorrow.", address=email)
    return pages.message(say("No new link today"), text, 200, newsletter)

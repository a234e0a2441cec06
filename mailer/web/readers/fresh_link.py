"""A fresh link to the preference centre, for whoever comes with an old one or with none.

The link goes to the owner of the address that was typed. The page does not say whether there is one.
"""

from flask import Response, make_response, render_template

from mailer.db import db
from mailer.links import MAX_AGE, Purpose
from mailer.ops import heartbeat
from mailer.queue import Job, enqueue
from mailer.subscriptions import letters
from mailer.subscriptions.address import Address, BadAddress, parse, readable
from mailer.web.house import now
from mailer.web.readers import abuse, pages
from mailer.web.readers.blueprint import field, readers
from mailer.web.speech import say, say_n

DAYS = MAX_AGE[Purpose.PREFERENCES] // (24 * 3600)

ASKED = "preferences.asked"


@readers.get("/p")
def ask_for_link() -> Response:
    """Ask for the address."""
    return _form()


@readers.post("/p")
def mail_link() -> Response:
    """Mail a link, if there is somebody to mail it to. Known or not, the work is the same and so is the answer."""
    try:
        address = parse(field("email"))
    except BadAddress as error:
        return _form(error=say(str(error)), email=field("email"))
    text = say_n(
        "If %(address)s gets newsletters from us, a link is on its way. It works for one day.",
        "If %(address)s gets newsletters from us, a link is on its way. It works for %(number)s days.",
        DAYS,
        address=readable(address.address),
    )
    answer = pages.message(say("Look into your mailbox"), text, 200)
    if abuse.may_mail_link(address):
        _owe(address)
    return answer


def dead() -> Response:
    """A link that is too old, that was used up by a move, or that was not made here."""
    return _form(dead=True)


def _owe(address: Address) -> None:
    session = db.session()
    letter_id = letters.owe_link(session, address.key, now=now())
    # Written for strangers too, who leave no letter: a commit with nothing in it would be quicker than theirs.
    heartbeat.beat(session, ASKED, now())
    session.commit()
    enqueue(Job.SEND_LETTER, letter_id or 0)


def _form(*, dead: bool = False, error: str = "", email: str = "") -> Response:
    page = render_template("readers/fresh_link.html", newsletter=None, dead=dead, error=error, email=email)
    return make_response(page, 410 if dead else 422 if error else 200)

"""A reader moves to a new address: asked for in the preference centre, proven by code there or by the link mailed."""

from dataclasses import dataclass

from flask import Response, make_response, render_template

from mailer.db import db
from mailer.delivery import received
from mailer.links import ExpiredToken, Purpose
from mailer.queue import Job, enqueue
from mailer.subscriptions import erasure, move, preferences, typos
from mailer.subscriptions.address import Address, BadAddress, parse
from mailer.subscriptions.models import Subscriber
from mailer.subscriptions.move import Moved
from mailer.web.house import links, now, settings
from mailer.web.readers import fresh_link, preference_page
from mailer.web.readers.asking import REF, new_ref
from mailer.web.readers.blueprint import field, ids, network, readers
from mailer.web.readers.preferences import of_link
from mailer.web.speech import say, say_n, speak


@dataclass(frozen=True)
class Moving:
    """What the page says about a move: that a code was sent to `email`, or what is wrong with it."""

    email: str
    asked: bool = False
    error: str = ""
    suggestion: str = ""


@readers.post("/p/<token>/move")
def ask_to_move(token: str) -> Response:
    """Mail a code and a link to the new address. Whose it is now, or that nobody may mail it, is not said."""
    session, wanted = db.session(), of_link(token)
    reader = wanted and preferences.hold(session, *wanted)
    if not reader:
        return fresh_link.dead()
    new = _address(reader)
    if isinstance(new, Moving):
        answer = preference_page.show(reader, token, status=422, moving=new)
        session.rollback()
        return answer
    ref, at = _ref(), now()
    erasure.keep_suppressed(session, settings().secret.encode(), [new.key], at)
    letter_id = move.ask(session, reader, new, ref, now=at)
    answer = preference_page.show(reader, token, ref=ref, moving=Moving(new.address, asked=True))
    session.commit()
    enqueue(Job.SEND_LETTER, letter_id)
    return answer


@readers.post("/p/<token>/move/code")
def move_by_code(token: str) -> Response:
    """The code from the new mailbox, typed on the page that asked."""
    session, wanted = db.session(), of_link(token)
    reader = wanted and preferences.hold(session, *wanted)
    if not reader:
        return fresh_link.dead()
    ref, key = _ref(), settings().secret.encode()
    tried = move.by_code(session, reader, ref, field("code", 40), key, network=network(), now=now())
    if isinstance(tried, Moved):
        answer = _moved(tried)
    else:
        moving = Moving(field("email"), asked=True, error=_wrong(tried.tries_left))
        answer = preference_page.show(reader, token, status=422, ref=ref, moving=moving)
    session.commit()
    return answer


@readers.get("/m/<token>")
def moving_page(token: str) -> Response:
    """One button, and nothing happens before it is pressed."""
    letter_id = _letter(token)
    found = move.standing(db.session(), letter_id) if letter_id else None
    if found is None:
        return fresh_link.dead()
    if isinstance(found, Moved):
        return _page(found.subscriber, found.subscriber.address, moved=True)
    return _page(found.subscriber, found.new_address, moved=False, token=token)


@readers.post("/m/<token>")
def move_by_link(token: str) -> Response:
    """The owner of the new address pressed the button."""
    session, letter_id = db.session(), _letter(token)
    moved = move.by_link(session, letter_id, network=network(), now=now()) if letter_id else None
    if moved is None:
        session.rollback()
        return fresh_link.dead()
    answer = _moved(moved)
    session.commit()
    return answer


def _address(reader: Subscriber) -> Address | Moving:
    """The new address, or what is wrong with it; a slip is asked about once."""
    typed = field("suggestion") or field("email")
    try:
        new = parse(typed)
    except BadAddress as error:
        return Moving(typed, error=say(str(error)))
    if new.key == reader.address_key:
        return Moving(typed, error=say("Your newsletters come to this address already."))
    meant = typos.suggestion(new)
    if meant and typed not in (field("sure"), field("suggestion")):
        return Moving(typed, error=say("Is that right? Send it once more if it is."), suggestion=meant)
    return new


def _moved(moved: Moved) -> Response:
    """Whose link or code it was reads the new mailbox, and may go on."""
    if moved.merged is not None:
        received.follow(db.session(), moved.merged, moved.subscriber.id)
    reader = moved.subscriber
    return _page(reader, reader.address, moved=True, link=links().preferences(reader.id, reader.generation))


def _page(reader: Subscriber, email: str, **more: object) -> Response:
    mine = preferences.subscriptions(db.session(), reader)
    newsletter = mine[0].newsletter if mine else None
    speak(next((each.language for each in mine if each.language), ""), newsletter.language if newsletter else "")
    return make_response(render_template("readers/moving.html", newsletter=newsletter, email=email, **more))


def _letter(token: str) -> int | None:
    try:
        found = ids(Purpose.MOVE, token)
    except ExpiredToken:
        return None
    return found[0] if found else None


def _ref() -> str:
    ref = field("ref")
    return ref if REF.fullmatch(ref) else new_ref()


def _wrong(tries_left: int) -> str:
    if tries_left:
        return say_n("That is not the code. One try left.", "That is not the code. %(number)s tries left.", tries_left)
    return say("This code is too old, or was tried too often. Type the new address once more.")

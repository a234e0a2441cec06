"""What is kept of a reader: take it along, or have it forgotten."""

import json

from flask import Response, make_response, render_template, request

from mailer.db import db
from mailer.delivery import received
from mailer.subscriptions import erasure, preferences
from mailer.subscriptions.models import Subscriber
from mailer.web.house import now, settings
from mailer.web.readers import fresh_link, pages
from mailer.web.readers.blueprint import readers
from mailer.web.readers.preferences import of_link
from mailer.web.speech import say, speak


@readers.get("/p/<token>/data.json")
def download(token: str) -> Response:
    """Everything that is kept, as one file."""
    session, wanted = db.session(), of_link(token)
    reader = wanted and preferences.find(session, *wanted)
    if not reader:
        return fresh_link.dead()
    held = received.file_of(session, reader.address, reader.address_key)
    answer = Response(json.dumps(held, ensure_ascii=False, default=str, indent=2), mimetype="application/json")
    answer.headers["Content-Disposition"] = 'attachment; filename="newsletters.json"'
    return answer


@readers.get("/p/<token>/erase")
def ask_to_erase(token: str) -> Response:
    """One question, one button."""
    wanted = of_link(token)
    reader = wanted and preferences.find(db.session(), *wanted)
    if not reader:
        return fresh_link.dead()
    _speak_to(reader)
    return make_response(render_template("readers/erase.html", newsletter=None, reader=reader, token=token))


@readers.post("/p/<token>/erase")
def erase(token: str) -> Response:
    """Forget the reader, and say so."""
    session, wanted = db.session(), of_link(token)
    reader = wanted and preferences.hold(session, *wanted)
    if not reader:
        return fresh_link.dead()
    _speak_to(reader)
    never_again = bool(request.form.get("never"))
    received.forget(session, reader.id)
    erasure.erase(session, reader, settings().secret.encode(), never_again=never_again, now=now())
    text = say("All that we kept of you is gone. A mail that has already left may still arrive.")
    answer = pages.message(say("You are deleted"), text, 200)
    session.commit()
    return answer


def _speak_to(reader: Subscriber) -> None:
    mine = preferences.subscriptions(db.session(), reader)
    speak(next((each.language for each in mine if each.language), ""), mine[0].newsletter.language if mine else "")

"""What readers are shown on the way in: one function per page, and the same in JSON where a script asks for it."""

from datetime import timedelta
from typing import Any

from flask import Response, make_response, render_template, request, url_for

from mailer.newsletters import forms
from mailer.newsletters.models import Newsletter
from mailer.subscriptions import mailboxes
from mailer.subscriptions.address import BadAddress, parse
from mailer.subscriptions.mailboxes import Mailbox
from mailer.web.errors import wants_json
from mailer.web.house import settings
from mailer.web.readers.asking import Asking
from mailer.web.speech import say, say_n

AGAIN_AFTER = timedelta(seconds=30)
"""How long a page waits before it may ask for a second mail."""

MAILS_OF_A_PAGE = 2

A_DAY = timedelta(days=1)


def form(asking: Asking, error: str = "") -> Response:
    """The plain form; with `error` 422 and the sentence beside the field."""
    if error and wants_json():
        return make_response(_state("invalid", asking, message=error))
    page = render_template(
        "readers/form.html",
        newsletter=asking.newsletter,
        asking=asking,
        words=forms.words(asking.form, asking.language),
        error=error,
    )
    return make_response(page, 422 if error else 200)


def doubt(asking: Asking, suggestion: str | None) -> Response:
    """A question about the address: whether another one was meant, else whether this one will last."""
    if not wants_json():
        page = render_template("readers/doubt.html", newsletter=asking.newsletter, asking=asking, suggestion=suggestion)
        return make_response(page)
    if suggestion:
        return make_response(_state("suggest", asking, message=say("Did you mean this one?"), suggestion=suggestion))
    question = say("This mailbox will be thrown away. Send it once more to use it all the same.")
    return make_response(_state("suggest", asking, message=question))


def pending(
    asking: Asking, *, error: str = "", letters: int = 1, ago: timedelta = timedelta(), takes_code: bool = True
) -> Response:
    """The answer to every sign-up, whoever asks.

    `letters` is how many the page has asked for, the last one `ago`; `takes_code` whether a code can still be typed.
    """
    sent, mailbox, more = _sent(letters, ago), _mailbox(asking), letters < MAILS_OF_A_PAGE
    if wants_json():
        return make_response(_pending(asking, error, sent, ago, mailbox, more))
    page = render_template(
        "readers/pending.html",
        newsletter=asking.newsletter,
        asking=asking,
        error=error,
        sent=sent,
        mailbox=mailbox,
        takes_code=takes_code,
        may_ask_again=more,
    )
    return make_response(page)


def closed() -> Response:
    """Nobody can sign up here."""
    title, body = say("Nobody can sign up here"), say("There is no such newsletter, or it takes no new readers.")
    if wants_json():
        return _closed(title, body)
    return message(title, body, 404)


def elsewhere(asking: Asking) -> Response:
    """The form is not for the site that sent it; our own page is."""
    title, body = say("Nobody can sign up here"), say("This form is not made for the page that it stands on.")
    if wants_json():
        return _closed(title, body)
    ours = (url_for("readers.form", slug=asking.newsletter.slug), say("Sign up on our own page"))
    return message(title, body, 404, asking.newsletter, way_out=ours)


def cut_off() -> Response:
    """A link that was not made here, or not all of it came along."""
    text = say("Some of it is missing. Open the e-mail again and press the link there, or copy the whole of it.")
    return message(say("This link does not work"), text, 400)


def message(
    title: str, text: str, status: int, newsletter: Newsletter | None = None, way_out: tuple[str, str] | None = None
) -> Response:
    """A page that only says something; `way_out` is the address and the words of a link that goes on."""
    page = render_template("readers/message.html", title=title, text=text, newsletter=newsletter, way_out=way_out)
    return make_response(page, status)


def _state(state: str, asking: Asking, **more: Any) -> dict[str, Any]:
    return {"state": state, "ref": asking.ref, "email": asking.email, **more}


def _pending(
    asking: Asking, error: str, sent: str, ago: timedelta, mailbox: Mailbox | None, more: bool
) -> dict[str, Any]:
    slug, base = asking.newsletter.slug, settings().base_url
    text = {
        "title": say("One more step"),
        "body": say("We sent a code and a link to %(address)s.", address=asking.email),
        "code": say("Code from the e-mail"),
        "ok": say("Confirm"),
        "again": say("Send it again"),
        "wrong": say("Wrong address"),
        "sent": sent,
    }
    answer = _state("pending", asking, message=text["body"], text=text)
    answer["code_url"] = base + url_for("readers.code", slug=slug)
    answer["again_url"] = base + url_for("readers.again", slug=slug)
    answer["wait"] = max(0, int((AGAIN_AFTER - ago if more else A_DAY).total_seconds()))
    if mailbox:
        answer["mailbox"] = {"url": mailbox.url, "label": say("Open %(mailbox)s", mailbox=mailbox.name)}
    return answer | ({"error": error} if error else {})


def _sent(letters: int, ago: timedelta) -> str:
    seconds = int(ago.total_seconds())
    if letters >= MAILS_OF_A_PAGE:
        return say("Sent again. That was the last one for today.")
    if seconds < 1:
        return say("Sent just now.")
    if seconds < 100:
        return say_n("Sent one second ago.", "Sent %(number)s seconds ago.", seconds)
    return say_n("Sent one minute ago.", "Sent %(number)s minutes ago.", round(seconds / 60))


def _mailbox(asking: Asking) -> Mailbox | None:
    try:
        address = parse(asking.email)
    except BadAddress:
        return None
    return mailboxes.find(address, asking.newsletter.sender_address, request.user_agent.string)


def _closed(title: str, body: str) -> Response:
    return make_response({"state": "closed", "message": body, "text": {"title": title, "body": body}}, 404)

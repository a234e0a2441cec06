"""What readers are shown: one function per page, and the same in JSON where a script asks for it."""

from datetime import UTC, datetime

from flask import Response, make_response, render_template

from mailer.newsletters.models import Newsletter
from mailer.subscriptions import unsubscribe
from mailer.subscriptions.address import Address
from mailer.subscriptions.confirmation import Standing
from mailer.subscriptions.models import Subscription, SubscriptionState
from mailer.web.errors import wants_json

CUT_OFF = "Some of it is missing. Open the e-mail again and press the link there, or copy the whole of it."


def wording(newsletter: Newsletter) -> str:
    """The sentence on our own form: what the reader agrees to, and what is kept as the proof of it."""
    return f"Send me {newsletter.title} by e-mail. I can stop any time, with one press in every issue."


def form(newsletter: Newsletter, error: str = "", email: str = "") -> Response:
    """The plain form; with `error` 422 and the sentence beside the field."""
    if error and wants_json():
        return make_response({"state": "invalid", "message": error})
    page = render_template(
        "readers/form.html", newsletter=newsletter, wording=wording(newsletter), error=error, email=email
    )
    return make_response(page, 422 if error else 200)


def one_more_step(newsletter: Newsletter, address: Address) -> Response:
    """The answer to every sign-up, whoever asks."""
    if wants_json():
        text = {"title": "One more step", "body": "Press the button in the e-mail we sent to"}
        message = f"{text['body']} {address.address}."
        return make_response({"state": "pending", "email": address.address, "message": message, "text": text})
    return make_response(render_template("readers/pending.html", newsletter=newsletter, address=address))


def closed() -> Response:
    """Nobody can sign up here."""
    title, body = "Nobody can sign up here", "There is no such newsletter, or it takes no new readers."
    if wants_json():
        return make_response({"state": "closed", "message": body, "text": {"title": title, "body": body}}, 404)
    return message(title, body, 404)


def confirmation(subscription: Subscription | None, standing: Standing, expired: bool) -> Response:
    """Where a confirmation link leads: to the button, to "You're in", or to why it does not work any more."""
    newsletter = subscription.newsletter if subscription else None
    if standing is Standing.ACTIVE:
        name = "confirmed"
    elif standing is Standing.PENDING and not expired:
        name = "confirm"
    else:
        email = subscription.subscriber.address if subscription else ""
        return stale(newsletter, expired, email)
    page = render_template(f"readers/{name}.html", subscription=subscription, newsletter=newsletter)
    return make_response(page)


def stale(newsletter: Newsletter | None, expired: bool = False, email: str = "") -> Response:
    """A link that was good once, and one press to a new one."""
    page = render_template(
        "readers/stale.html",
        newsletter=newsletter,
        expired=expired,
        email=email,
        wording=wording(newsletter) if newsletter else "",
    )
    return make_response(page, 410)


def leave(subscription: Subscription, token: str) -> Response:
    """The button that stops a newsletter; for who has left already, what happened and how to take it back."""
    left = subscription.state == SubscriptionState.UNSUBSCRIBED
    page = render_template(
        "readers/left.html" if left else "readers/leave.html",
        subscription=subscription,
        newsletter=subscription.newsletter,
        token=token,
        undo=unsubscribe.can_undo(subscription, datetime.now(UTC)),
    )
    return make_response(page)


def back(subscription: Subscription) -> Response:
    """The reader took the leaving back."""
    page = render_template("readers/back.html", subscription=subscription, newsletter=subscription.newsletter)
    return make_response(page)


def cut_off() -> Response:
    """A link that was not made here, or not all of it came along."""
    return message("This link does not work", CUT_OFF, 400)


def message(title: str, text: str, status: int) -> Response:
    """A page that only says something."""
    return make_response(render_template("readers/message.html", title=title, text=text), status)

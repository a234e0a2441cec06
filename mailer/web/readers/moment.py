"""“One moment”: the answer to a sign-up that has to be proven or waited for. Every field that was sent comes back."""

from flask import Response, make_response, render_template, request

from mailer.newsletters.models import Newsletter
from mailer.web.errors import wants_json
from mailer.web.readers.abuse import Proof
from mailer.web.readers.blueprint import clean, field
from mailer.web.readers.policy import policy
from mailer.web.speech import say

CARRIED = ("email", "topic", "form", "wording", "language", "sure")
"""Fields of a sign-up that the reader has seen or chosen. Two more are known better here: `ref` and `page`."""


def one_moment(newsletter: Newsletter, asked: Proof, *, ref: str) -> Response:
    """The challenge for a script; else a page that solves it by itself, or takes waiting instead."""
    title, body = say("One moment"), say("We check that you are not a machine.")
    if wants_json():
        text = {"title": title, "body": body}
        email = field("email")
        return make_response(
            {"state": "proof", "ref": ref, "email": email, "message": body, "text": text, "challenge": asked.challenge}
        )
    seconds = int(asked.wait.total_seconds())
    page = render_template(
        "readers/proof.html",
        newsletter=newsletter,
        fields=[*_carried(), ("ref", ref), ("page", _page()), ("ticket", asked.ticket)],
        challenge=asked.challenge,
        seconds=seconds,
        again=bool(field("ticket")),
    )
    answer = make_response(page)
    answer.headers["Content-Security-Policy"] = policy(scripts="'self'")
    return answer


def _carried() -> list[tuple[str, str]]:
    found = [(name, value) for name in CARRIED for value in request.form.getlist(name)]
    return [(name, clean(value)) for name, value in found]


def _page() -> str:
    """Where the form stood: the next post comes from here."""
    return field("page") or clean(request.referrer or "")

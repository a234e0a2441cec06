"""The readers' blueprint, and what all its doors share.

No cookies: what may be done stands in the signed link. GET shows a button, POST acts. A page is made before the commit
that makes it true, so that nothing is read between the commit and the doorbell.
"""

from flask import Blueprint, Response, g, request
from sqlalchemy import select

from mailer.db import db
from mailer.links import BadToken, ExpiredToken, Purpose
from mailer.newsletters.models import Newsletter
from mailer.subscriptions.address import readable
from mailer.subscriptions.network import kept
from mailer.web.house import links, settings
from mailer.web.speech import in_templates

readers = Blueprint("readers", __name__)
readers.app_context_processor(in_templates)
readers.add_app_template_filter(readable)

LONGEST_TEXT = 2_000
LONGEST_NAME = 120


@readers.after_request
def _for_strangers(response: Response) -> Response:
    if request.view_args and "token" in request.view_args:
        response.headers["Referrer-Policy"] = "no-referrer"  # the address is the key to the door
        response.headers["X-Robots-Tag"] = "noindex"
    if "language" in g:
        response.vary.add("Accept-Language")
    return response


def newsletter_of(slug: str) -> Newsletter | None:
    """The newsletter of this name."""
    return db.session.scalar(select(Newsletter).where(Newsletter.slug == clean(slug, LONGEST_NAME)))


def clean(text: str, longest: int = LONGEST_TEXT) -> str:
    """What a stranger sent, cut to a length. PostgreSQL keeps no NUL in texts."""
    return text.replace("\0", "").strip()[:longest]


def field(name: str, longest: int = LONGEST_TEXT) -> str:
    """What a form field holds."""
    return clean(request.form.get(name, ""), longest)


def ids(purpose: Purpose, token: str) -> tuple[int, ...] | None:
    """The ids of a token, None when it was not made here for this purpose. Raises ExpiredToken."""
    try:
        return links().read(purpose, token)
    except ExpiredToken:
        raise
    except BadToken:
        return None


def network() -> str:
    """What the proofs keep of the IP address that the visitor comes from: all of it, its network, or nothing."""
    return kept(request.remote_addr or "", settings().network_precision)

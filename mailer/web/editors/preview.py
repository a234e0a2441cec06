"""What readers will see: the preview in its four ways, and what the checks say of it."""

import re

from flask import make_response, render_template, request
from werkzeug.wrappers import Response

from mailer.db import db
from mailer.digests import checks, editions, examination
from mailer.digests.models import EVERY_ARTICLE, Issue
from mailer.emails.rendering import Rendered
from mailer.staff.models import Role
from mailer.web.access import requires
from mailer.web.editors.blueprint import desk, find
from mailer.web.house import links

WAYS = ("desktop", "phone", "dark", "text")

POLICY = (
    "default-src 'none'; img-src 'self' https: http: data:; style-src 'self' 'unsafe-inline'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)
"""Nothing in the e-mail runs, whatever a feed has put there."""

DARK_RULES = re.compile(r"@media\s*\(\s*prefers-color-scheme\s*:\s*dark\s*\)")

NOBODY = 0
"""The subscription whose links stand in a preview: they unsubscribe no one."""


LAST_READER = 10**12
"""A subscription whose links are as long as any reader's."""


def way(wanted: str) -> str:
    """One of the four ways to look at an issue; the first when `wanted` is none of them."""
    return wanted if wanted in WAYS else WAYS[0]


def examine(issue: Issue) -> tuple[list[checks.Finding], int]:
    """What an editor should know of a draft, and the size of its HTML in bytes."""
    content = editions.content(db.session(), issue.id, EVERY_ARTICLE)
    printed = editions.print_edition(content, links(), token=links().leaving_token(LAST_READER, issue.id))
    size = len((printed.mail.html or "").encode())
    return examination.examine(db.session(), issue, content, printed, size), size


@desk.get("/issues/<int:issue_id>/preview")
@requires(Role.EDITOR)
def preview(issue_id: int) -> Response:
    """The e-mail with every article, on a desktop, on a phone, in the dark, or as plain text (`as`)."""
    issue, as_ = find(issue_id), way(request.args.get("as", ""))
    rendered = _render(issue)
    if as_ == "text":
        page = render_template("desk/plain.html", rendered=rendered, language=issue.newsletter.language)
    else:
        page = force(rendered.html or "", dark=as_ == "dark")
    response = make_response(page)
    response.headers["Content-Security-Policy"] = POLICY
    return response


def _render(issue: Issue) -> Rendered:
    content = editions.content(db.session(), issue.id, EVERY_ARTICLE)
    return editions.render(content, links(), token=links().leaving_token(NOBODY, issue.id))


def force(html: str, *, dark: bool) -> str:
    """Show the light or the dark rules, whatever the editor's own screen prefers; links open beside the desk."""
    forced = DARK_RULES.sub("@media all" if dark else "@media not all", html)
    return forced.replace("</title>", '</title><base target="_blank">', 1)

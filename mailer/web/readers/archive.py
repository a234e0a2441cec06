"""Issues in the browser."""

from flask import Response

from mailer.db import db
from mailer.digests import editions
from mailer.digests.models import Issue, IssueState
from mailer.links import Purpose
from mailer.web.readers import pages
from mailer.web.readers.blueprint import ids, readers
from mailer.web.speech import say

RELEASED = (IssueState.SENDING, IssueState.PAUSED, IssueState.SENT)

MAIL_POLICY = (
    "default-src 'none'; img-src https: http: data:; style-src 'unsafe-inline'; "
    "form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
)
"""The page is the mail: styles stand inside it, pictures come from the newsroom."""


@readers.get("/i/<token>")
def issue(token: str) -> Response:
    """An issue in the browser, as readers of the link's topics received it. A draft is nobody's business."""
    wanted = ids(Purpose.VIEW, token)
    if wanted is None:
        return pages.cut_off()
    session = db.session()
    found = session.get(Issue, wanted[0])
    if found is None or found.state not in RELEASED:
        return pages.message(say("This issue is not to be seen"), say("It has not been sent, or it is gone."), 404)
    answer = Response(editions.web_page(editions.content(session, *wanted)), mimetype="text/html")
    answer.headers["Content-Security-Policy"] = MAIL_POLICY
    return answer

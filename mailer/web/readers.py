"""The doors of readers: sign up, confirm, leave, an issue in the browser.

No cookies: what may be done stands in the signed link. GET shows a button, POST acts. A page is made before the commit
that makes it true, so that nothing is read between the commit and the doorbell.
"""

from datetime import UTC, datetime
from functools import reduce
from operator import or_

from flask import Blueprint, Response, current_app, render_template, request
from sqlalchemy import select

from mailer.db import db
from mailer.digests import editions
from mailer.digests.models import Issue, IssueState
from mailer.links import BadToken, ExpiredToken, Links, Purpose
from mailer.newsletters.models import EVERY_TOPIC, Newsletter
from mailer.queue import Job, enqueue
from mailer.subscriptions import confirmation, signup, unsubscribe
from mailer.subscriptions.address import BadAddress, parse
from mailer.subscriptions.models import Subscription, SubscriptionState
from mailer.web import reader_pages as pages

readers = Blueprint("readers", __name__)

RELEASED = (IssueState.SENDING, IssueState.PAUSED, IssueState.SENT)

MAIL_POLICY = (
    "default-src 'none'; img-src https: http: data:; style-src 'unsafe-inline'; "
    "form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
)
"""The page is the mail: styles stand inside it, pictures come from the newsroom."""

LONGEST_TEXT = 2_000
LONGEST_NAME = 120


@readers.get("/")
def home() -> str:
    """What this is, for somebody who came by, and the way to every form."""
    newsletters = db.session.scalars(select(Newsletter).order_by(Newsletter.title)).all()
    sample = current_app.extensions["settings"].newsroom
    return render_template("readers/home.html", newsletters=newsletters, sample=sample)


@readers.get("/privacy")
def privacy() -> str:
    """What is kept about a reader."""
    return render_template("readers/privacy.html")


@readers.get("/s/<slug>")
def form(slug: str) -> Response:
    """The form as a page, for a plain link."""
    newsletter = _newsletter(slug)
    return pages.form(newsletter) if newsletter else pages.closed()


@readers.post("/s/<slug>")
def sign_up(slug: str) -> Response:
    """Take a sign-up from any page of any site. 2xx means the row is committed; nobody learns who is known here."""
    newsletter = _newsletter(slug)
    if newsletter is None:
        return pages.closed()
    try:
        address = parse(_field("email"))
    except BadAddress as error:
        return pages.form(newsletter, str(error), _field("email"))
    answer = pages.one_more_step(newsletter, address)
    if _field("website"):  # people do not see this field
        return answer
    session = db.session()
    subscription_id = signup.request(
        session,
        newsletter,
        address,
        wording=_field("wording") or pages.wording(newsletter),
        page=_field("page") or (request.referrer or "")[:LONGEST_TEXT],
        form=_field("form", LONGEST_NAME),
        network=_network(),
        now=_now(),
        topics=_topics(newsletter),
    )
    session.commit()
    enqueue(Job.SEND_CONFIRMATION, subscription_id)
    return answer


@readers.get("/c/<token>")
def confirm_page(token: str) -> Response:
    """One button, and nothing happens before it is pressed: mail scanners open every link."""
    ids, expired = _confirmation(token)
    if ids is None:
        return pages.cut_off()
    subscription = db.session.get(Subscription, ids[0])
    return pages.confirmation(subscription, confirmation.standing(subscription, ids[1]), expired)


@readers.post("/c/<token>")
def confirm(token: str) -> Response:
    """The reader pressed the button."""
    ids, expired = _confirmation(token)
    if ids is None:
        return pages.cut_off()
    session = db.session()
    if expired:
        subscription = session.get(Subscription, ids[0])
        return pages.confirmation(subscription, confirmation.standing(subscription, ids[1]), expired)
    standing = confirmation.confirm(session, *ids, network=_network(), now=_now())
    page = pages.confirmation(session.get(Subscription, ids[0]), standing, expired)
    session.commit()
    return page


@readers.get("/u/<token>")
def leave_page(token: str) -> Response:
    """One button; for who has left, what happened and how to take it back."""
    ids = _ids(Purpose.UNSUBSCRIBE, token)
    subscription = db.session.get(Subscription, ids[0]) if ids else None
    return pages.leave(subscription, token) if subscription else pages.cut_off()


@readers.post("/u/<token>")
def leave(token: str) -> Response:
    """Leave, by our button or by the mail program's own (RFC 8058: no cookie, no redirect, always 2xx)."""
    ids = _ids(Purpose.UNSUBSCRIBE, token)
    session = db.session()
    subscription = None
    if ids:
        subscription = unsubscribe.leave(session, ids[0], issue_id=ids[1] or None, network=_network(), now=_now())
    if "List-Unsubscribe" in request.form:
        answer = Response("Done.\n", mimetype="text/plain")
    else:
        answer = pages.leave(subscription, token) if subscription else pages.cut_off()
    session.commit()
    return answer


@readers.post("/u/<token>/undo")
def undo(token: str) -> Response:
    """Take the leaving back, within the time that `unsubscribe` allows."""
    ids = _ids(Purpose.UNSUBSCRIBE, token)
    session = db.session()
    subscription = session.get(Subscription, ids[0]) if ids else None
    if subscription is None:
        return pages.cut_off()
    unsubscribe.undo(session, subscription.id, network=_network(), now=_now())
    back = subscription.state == SubscriptionState.ACTIVE
    page = pages.back(subscription) if back else pages.stale(subscription.newsletter)
    session.commit()
    return page


@readers.get("/i/<token>")
def issue(token: str) -> Response:
    """An issue in the browser, as readers of the link's topics received it. A draft is nobody's business."""
    ids = _ids(Purpose.VIEW, token)
    if ids is None:
        return pages.cut_off()
    session = db.session()
    found = session.get(Issue, ids[0])
    if found is None or found.state not in RELEASED:
        return pages.message("This issue is not to be seen", "It has not been sent, or it is gone.", 404)
    answer = Response(editions.web_page(editions.content(session, *ids)), mimetype="text/html")
    answer.headers["Content-Security-Policy"] = MAIL_POLICY
    return answer


@readers.after_request
def _for_strangers(response: Response) -> Response:
    if request.endpoint == "readers.sign_up":
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.vary.add("Accept")
    elif request.view_args and "token" in request.view_args:
        response.headers["Referrer-Policy"] = "no-referrer"  # the address is the key to the door
        response.headers["X-Robots-Tag"] = "noindex"
    return response


def _newsletter(slug: str) -> Newsletter | None:
    return db.session.scalar(select(Newsletter).where(Newsletter.slug == slug))


def _topics(newsletter: Newsletter) -> int:
    """The mask of the topics that were ticked; none means all."""
    ticked = set(request.form.getlist("topic"))
    return reduce(or_, (topic.mask for topic in newsletter.topics if topic.slug in ticked), 0) or EVERY_TOPIC


def _field(name: str, longest: int = LONGEST_TEXT) -> str:
    """What a form field holds. PostgreSQL keeps no NUL in texts."""
    return request.form.get(name, "").replace("\0", "").strip()[:longest]


def _confirmation(token: str) -> tuple[tuple[int, int] | None, bool]:
    """What a confirmation link is for, and whether it is too old."""
    try:
        return _ids(Purpose.CONFIRM, token), False
    except ExpiredToken as error:
        return (error.ids[0], error.ids[1]), True


def _ids(purpose: Purpose, token: str) -> tuple[int, int] | None:
    links: Links = current_app.extensions["links"]
    try:
        first, second = links.read(purpose, token)
    except ExpiredToken:
        raise
    except BadToken:
        return None
    return first, second


def _network() -> str:
    return request.remote_addr or ""


def _now() -> datetime:
    return datetime.now(UTC)

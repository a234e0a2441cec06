"""The archive: the issues of a newsletter on pages of their own, and each mail as its readers received it."""

from datetime import datetime
from typing import Any

from flask import Response, abort, make_response, render_template, request, url_for

from mailer.db import db
from mailer.digests import archive as room
from mailer.digests import editions
from mailer.digests.archive import Archived
from mailer.emails.languages import day_and_hour
from mailer.links import Purpose
from mailer.newsletters.models import Archive, Newsletter
from mailer.web.house import now, settings
from mailer.web.readers import pages
from mailer.web.readers.blueprint import ids, newsletter_of, readers
from mailer.web.readers.policy import policy
from mailer.web.speech import language, say, speak

FRESH_SECONDS = 300
"""How long a copy of a page or of a feed may be shown without asking: a correction waits no longer."""

LARGEST = 2**63 - 1
"""The largest number a row can have."""

MAIL_POLICY = (
    "default-src 'none'; img-src https: http: data:; style-src 'self' 'unsafe-inline'; "
    "form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
)
"""The page is the mail: styles stand inside it, pictures come from the newsroom. What we add has a sheet of ours."""


@readers.get("/a/<slug>")
def archive(slug: str) -> Response:
    """The issues that went out, the newest first, so many to a page."""
    newsletter, before = shown(slug), asked_before()
    issues = room.newest(db.session(), newsletter, now(), before=before)
    page = render_template(
        "readers/archive.html",
        newsletter=newsletter,
        issues=issues,
        first=before is None,
        older=issues[-1].issue.id if len(issues) == room.PAGE else None,
        canonical=address("readers.archive", slug=slug, before=before),
        listed=is_listed(newsletter),
    )
    return cached(make_response(page), newsletter)


@readers.get("/a/<slug>/<int:issue_id>")
def archived_issue(slug: str, issue_id: int) -> Response:
    """One issue with everything that was in it, and what was corrected since."""
    newsletter = shown(slug)
    issue = room.find(db.session(), newsletter, issue_id, now()) if issue_id <= LARGEST else None
    if issue is None:
        return _nothing(newsletter)
    page = render_template(
        "readers/archive_issue.html",
        newsletter=newsletter,
        archived=issue,
        canonical=address_of(newsletter, issue_id),
        listed=is_listed(newsletter),
    )
    answer = make_response(page)
    answer.headers["Content-Security-Policy"] = policy(pictures="'self' https:")
    return cached(answer, newsletter)


@readers.get("/i/<token>")
def issue(token: str) -> Response:
    """An issue in the browser, as readers of the link's edition received it. A draft is nobody's business."""
    wanted = ids(Purpose.VIEW, token)
    if wanted is None:
        return pages.cut_off()
    found = room.edition(db.session(), wanted[0], wanted[1], now())
    if found is None:
        return _nothing()
    answer = make_response(_mail(found))
    answer.headers["Content-Security-Policy"] = MAIL_POLICY
    return answer


def shown(slug: str) -> Newsletter:
    """The newsletter whose archive may be seen, in whose language the page speaks; else 404."""
    newsletter = newsletter_of(slug)
    if newsletter is None or newsletter.archive == Archive.PRIVATE:
        abort(404)
    speak(newsletter.language)
    return newsletter


def asked_before() -> int | None:
    """The number of the issue that the page before ended with, if the address names one."""
    number = request.args.get("before", type=int)
    return number if number is not None and 0 <= number <= LARGEST else None


def is_listed(newsletter: Newsletter) -> bool:
    """Whether search engines and our own front page may know of it."""
    return newsletter.archive == Archive.PUBLIC


def cached(answer: Response, newsletter: Newsletter) -> Response:
    """The answer, to be kept for a while and asked for again by its ETag."""
    answer.cache_control.public = True
    answer.cache_control.max_age = FRESH_SECONDS
    if not is_listed(newsletter):
        answer.headers["X-Robots-Tag"] = "noindex"
    answer.add_etag()
    answer.make_conditional(request)
    return answer


@readers.app_template_filter()
def moment(at: datetime, newsletter: Newsletter) -> str:
    """November 24, 2026, 05:58: on the newsletter's clock, in the language of the answer."""
    return day_and_hour(at, language(), newsletter.timezone)


def address(endpoint: str, **values: Any) -> str:
    """The one absolute address of a page of ours."""
    return settings().base_url + url_for(endpoint, **values)


def address_of(newsletter: Newsletter, issue_id: int) -> str:
    """The absolute address of an issue in the archive."""
    return address("readers.archived_issue", slug=newsletter.slug, issue_id=issue_id)


def _nothing(newsletter: Newsletter | None = None) -> Response:
    title, text = say("This issue is not to be seen"), say("It has not been sent, or it is gone.")
    others = (url_for("readers.archive", slug=newsletter.slug), say("All issues")) if newsletter else None
    return pages.message(title, text, 404, newsletter, way_out=others)


def _mail(found: Archived) -> str:
    """The mail as a page, with its address in the archive, and above it what was corrected since."""
    newsletter = found.issue.newsletter
    speak(newsletter.language)
    in_archive = found.listed and newsletter.archive != Archive.PRIVATE
    given = {
        "archived": found,
        "newsletter": newsletter,
        "canonical": address_of(newsletter, found.issue.id) if in_archive else "",
    }
    before, end_of_head, rest = editions.web_page(found.content).partition("</head>")
    body, closed, after = rest.partition(">")
    head = render_template("readers/archive_mail_head.html", **given)
    notes = render_template("readers/archive_mail_notes.html", **given) if found.corrected else ""
    return "".join((before, head, end_of_head, body, closed, notes, after))

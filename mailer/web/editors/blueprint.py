"""The desk's blueprint, and what all its doors share."""

from flask import Blueprint, abort, flash, redirect, url_for
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload
from werkzeug.wrappers import Response

from mailer.db import db
from mailer.digests.models import Issue
from mailer.newsletters import catalogue
from mailer.newsletters.models import Newsletter
from mailer.staff import audit
from mailer.web import access
from mailer.web.editors import words
from mailer.web.house import now

desk = Blueprint("desk", __name__, url_prefix="/desk")
for _word in (
    words.number,
    words.amount,
    words.clock,
    words.to_the_second,
    words.day,
    words.when,
    words.state,
    words.skipped,
):
    desk.app_template_filter()(_word)
desk.app_template_global("moment")(now)


def newsletter_named(slug: str) -> Newsletter:
    """The newsletter of this name; else 404."""
    return catalogue.by_slug(db.session(), slug) or abort(404, description="There is no such newsletter.")


def write_down(action: str, subject: str, detail: str = "") -> None:
    """Keep in the audit log that the visitor did `action` to `subject`."""
    audit.record(db.session(), access.visitor().address, action, subject, detail, now())


def find(issue_id: int) -> Issue:
    """The issue with its newsletter and its articles, fresh from the database; else 404."""
    query = select(Issue).where(Issue.id == issue_id).execution_options(populate_existing=True)
    issue = db.session.scalars(query.options(joinedload(Issue.newsletter), selectinload(Issue.articles))).one_or_none()
    return issue or abort(404, description="There is no such issue.")


def note(action: str, issue_id: int, detail: str = "") -> None:
    """Write down that the visitor did `action` to the issue."""
    write_down(action, f"issue {issue_id}", detail)


def back(issue_id: int, sentence: str = "", category: str = "message", anchor: str | None = None) -> Response:
    """To the issue's page, with a sentence to read there."""
    if sentence:
        flash(sentence, category)
    return redirect(url_for("desk.issue", issue_id=issue_id, _anchor=anchor), 303)

"""Breaking news: pick an article, read the question, press once."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from mailer.articles.canonical import uri
from mailer.articles.source import FetchFailed
from mailer.db import db
from mailer.digests import breaking as room
from mailer.digests.breaking import Refused
from mailer.digests.checks import Level
from mailer.digests.models import Issue, IssueState
from mailer.queue import Job, enqueue
from mailer.staff.models import Role
from mailer.web.access import requires, visitor
from mailer.web.editors import pasting, preview, words
from mailer.web.editors.blueprint import back, desk, find, newsletter_named, note
from mailer.web.house import now

QUEUE_AWAY = "The queue cannot be reached just now. Nothing is lost: it starts by itself once it can."
CHANGED = "Somebody changed or sent this while you looked. Read it again."


@desk.get("/newsletters/<slug>/breaking")
@requires(Role.EDITOR)
def breaking(slug: str) -> str:
    """What may still leave today, who would get it, and the newest articles to pick from."""
    newsletter, session = newsletter_named(slug), db.session()
    return render_template(
        "desk/breaking.html",
        newsletter=newsletter,
        budget=room.budget(session, newsletter, now()),
        reach=room.reach(session, newsletter, now()),
        fresh_hours=room.FRESH.seconds // 3600,
        articles=room.newest(session, newsletter, now()),
        issues=room.latest(session, newsletter),
    )


@desk.post("/newsletters/<slug>/breaking")
@requires(Role.EDITOR)
def begin_breaking(slug: str) -> Response:
    """Make it of one article; the question comes next."""
    return _begin(slug, request.form.get("article", 0, type=int))


@desk.post("/newsletters/<slug>/breaking/link")
@requires(Role.EDITOR)
def begin_breaking_by_link(slug: str) -> Response:
    """The same with an article by its address, whose page is read now."""
    newsletter_named(slug)
    address = uri(request.form.get("link", "").replace("\0", ""))
    entry = pasting.read(address) if address else FetchFailed(pasting.NO_ADDRESS)
    if isinstance(entry, FetchFailed):
        flash(f"{address}: {entry.sentence}" if address else entry.sentence, "bad")
        return redirect(url_for("desk.breaking", slug=slug), 303)
    return _begin(slug, pasting.keep(newsletter_named(slug), entry, address))


def _begin(slug: str, article_id: int) -> Response:
    try:
        issue = room.draft(db.session(), newsletter_named(slug), article_id, now())
    except (Refused, LookupError) as reason:
        db.session.rollback()
        flash(str(reason), "warn")
        return redirect(url_for("desk.breaking", slug=slug), 303)
    issue_id = issue.id
    note("breaking.drafted", issue_id, issue.subject)
    db.session.commit()
    return _to_question(issue_id)


@desk.get("/issues/<int:issue_id>/break")
@requires(Role.EDITOR)
def ask_to_break(issue_id: int) -> Response | str:
    """How many get it, how many of them later, and what is left for today, with one button."""
    issue = find(issue_id)
    return _question(issue) if _is_waiting(issue) else back(issue_id)


@desk.post("/issues/<int:issue_id>/break")
@requires(Role.EDITOR)
def break_news(issue_id: int) -> Response | tuple[str, int]:
    """Send this version, once."""
    issue, version = find(issue_id), request.form.get("version", 0, type=int)
    if not _is_waiting(issue):
        return back(issue_id, CHANGED, "warn")
    against_checks = any(finding.level is Level.FIX for finding in preview.examine(issue)[0])
    if against_checks and "override" not in request.form:
        return _question(issue, must_tick=True), 422
    try:
        sent = room.send(db.session(), issue, version, visitor().address, now())
    except Refused as reason:
        db.session.rollback()
        flash(str(reason), "warn")
        return _to_question(issue_id)
    if not sent:
        db.session.rollback()
        return back(issue_id, CHANGED, "warn")
    readers = room.reach(db.session(), issue.newsletter, now()).readers
    note(
        "breaking.sent",
        issue_id,
        f"{words.amount(readers, 'reader')}{', against the checks' if against_checks else ''}",
    )
    db.session.commit()
    return back(issue_id) if enqueue(Job.FAN_OUT_BREAKING, issue_id) else back(issue_id, QUEUE_AWAY, "warn")


def _is_waiting(issue: Issue) -> bool:
    return issue.kind == room.KIND and issue.state == IssueState.DRAFT


def _to_question(issue_id: int) -> Response:
    return redirect(url_for("desk.ask_to_break", issue_id=issue_id), 303)


def _question(issue: Issue, *, must_tick: bool = False) -> str:
    findings, _ = preview.examine(issue)
    return render_template(
        "desk/breaking_ask.html",
        issue=issue,
        budget=room.budget(db.session(), issue.newsletter, now()),
        reach=room.reach(db.session(), issue.newsletter, now()),
        findings=findings,
        to_fix=any(finding.level is Level.FIX for finding in findings),
        must_tick=must_tick,
    )

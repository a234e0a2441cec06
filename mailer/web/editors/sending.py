"""The send: the question before it, the one press that starts it, and how far it is."""

import hashlib

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from mailer.db import db
from mailer.delivery import receipt
from mailer.digests import release
from mailer.digests.checks import Level
from mailer.digests.models import Issue, IssueKind, IssueState
from mailer.queue import Job, enqueue
from mailer.staff.models import Role
from mailer.subscriptions import audience, unsubscribe
from mailer.web.access import requires, visitor
from mailer.web.editors import preview, words
from mailer.web.editors.blueprint import back, desk, find, note
from mailer.web.editors.progress import describe
from mailer.web.house import now

MOST_IN_DOUBT = 50
"""Uncertain deliveries shown on the page."""

QUEUE_AWAY = (
    "The queue cannot be reached just now. Nothing is lost: it starts by itself, within a minute of its return."
)
CHANGED = "Somebody changed this issue while you looked. This is the newer one: read it, then send."


@desk.get("/issues/<int:issue_id>/send")
@requires(Role.EDITOR)
def ask_to_send(issue_id: int) -> Response | str:
    """The number, the subject and the open problems, with one button. Breaking news has a question of its own."""
    issue = find(issue_id)
    if issue.kind == IssueKind.BREAKING:
        return redirect(url_for("desk.ask_to_break", issue_id=issue_id))
    return _question(issue) if issue.state == IssueState.DRAFT else back(issue_id)


@desk.post("/issues/<int:issue_id>/send")
@requires(Role.EDITOR)
def send(issue_id: int) -> Response | tuple[str, int]:
    """Release this version, once. Whoever comes second is told who came first."""
    issue, version = find(issue_id), request.form.get("version", 0, type=int)
    if issue.state != IssueState.DRAFT or issue.version != version or issue.kind == IssueKind.BREAKING:
        return _too_late(issue_id)
    against_checks = any(finding.level is Level.FIX for finding in preview.examine(issue)[0])
    if against_checks and "override" not in request.form:
        return _question(issue, must_tick=True), 422
    readers = audience.count(db.session(), issue.newsletter_id, issue.schedule_id)
    if not readers:
        return back(issue_id, "There is nobody to send it to yet.", "warn")
    if not release.release(db.session(), issue_id, version, visitor().address, now()):
        return _too_late(issue_id)
    detail = f"version {version}, {words.amount(readers, 'reader')}{', against the checks' if against_checks else ''}"
    note("issue.sent", issue_id, detail)
    db.session.commit()
    return _ring(issue_id, Job.FAN_OUT, issue_id)


@desk.get("/issues/<int:issue_id>/progress")
@requires(Role.EDITOR)
def progress(issue_id: int) -> Response:
    """The moving part of the page; 304 when the numbers are those of the ETag."""
    issue = find(issue_id)
    facts = _facts(issue)
    numbers = repr((issue.state, facts["receipt"], facts["left"]))
    response = make_response(render_template("desk/_progress.html", **facts))
    response.set_etag(hashlib.sha256(numbers.encode()).hexdigest()[:32])
    return response.make_conditional(request)


@desk.post("/issues/<int:issue_id>/pause")
@requires(Role.EDITOR)
def pause(issue_id: int) -> Response:
    """Hold it; what is in flight is finished."""
    if release.pause(db.session(), issue_id):
        note("issue.paused", issue_id)
        db.session.commit()
        return back(issue_id, "Paused. What is in flight is finished; nothing else leaves until somebody resumes it.")
    return back(issue_id, "It is not sending, so there is nothing to pause.", "warn")


@desk.post("/issues/<int:issue_id>/resume")
@requires(Role.EDITOR)
def resume(issue_id: int) -> Response:
    """Let it go on."""
    if not release.resume(db.session(), issue_id):
        return back(issue_id, "It is not paused.", "warn")
    fanned_out = find(issue_id).fanned_out_at is not None
    note("issue.resumed", issue_id)
    db.session.commit()
    return _ring(issue_id, Job.SEND) if fanned_out else _ring(issue_id, Job.FAN_OUT, issue_id)


@desk.get("/issues/<int:issue_id>/cancel")
@requires(Role.EDITOR)
def ask_to_cancel(issue_id: int) -> Response | str:
    """The question before a draft is thrown away or the rest of an issue is cancelled; the safe answer first."""
    issue = find(issue_id)
    if issue.state in (IssueState.SENT, IssueState.CANCELLED):
        return back(issue_id)
    return render_template("desk/ask_to_cancel.html", issue=issue, receipt=receipt.read(db.session(), issue_id))


@desk.post("/issues/<int:issue_id>/cancel")
@requires(Role.EDITOR)
def cancel(issue_id: int) -> Response:
    """Who has it keeps it, nobody else gets it."""
    was_draft = find(issue_id).state == IssueState.DRAFT
    if not release.cancel(db.session(), issue_id):
        return back(issue_id, "It is over already; there is nothing to cancel.", "warn")
    note("issue.cancelled", issue_id)
    db.session.commit()
    if was_draft:
        flash("The draft is thrown away. Its articles are free again.", "good")
        return redirect(url_for("desk.index"), 303)
    return back(issue_id, "Cancelled. Nobody else gets it.", "good")


def show(issue: Issue) -> str:
    """The page of an issue that is no draft."""
    return render_template("desk/sending.html", **_facts(issue))


def _facts(issue: Issue) -> dict[str, object]:
    books = receipt.read(db.session(), issue.id)
    return {
        "issue": issue,
        "receipt": books,
        "progress": describe(issue.state, books, issue.fanned_out_at, issue.sent_at or now()),
        "left": unsubscribe.left_from(db.session(), issue.id),
        "uncertain": receipt.uncertain(db.session(), issue.id, MOST_IN_DOUBT) if books.uncertain else (),
    }


def _question(issue: Issue, *, must_tick: bool = False) -> str:
    findings, _ = preview.examine(issue)
    return render_template(
        "desk/ask_to_send.html",
        issue=issue,
        readers=audience.count(db.session(), issue.newsletter_id, issue.schedule_id),
        findings=findings,
        to_fix=any(finding.level is Level.FIX for finding in findings),
        must_tick=must_tick,
    )


def _too_late(issue_id: int) -> Response:
    db.session.rollback()
    issue = find(issue_id)
    if issue.state == IssueState.DRAFT:
        return back(issue_id, CHANGED, "warn")
    if issue.released_at is None:
        return back(issue_id, "This issue was cancelled.", "warn")
    at = words.to_the_second(issue.released_at, issue.newsletter.timezone)
    return back(issue_id, f"{issue.released_by} sent it already, at {at}. It goes out once.", "warn")


def _ring(issue_id: int, job: Job, *ids: int) -> Response:
    return back(issue_id) if enqueue(job, *ids) else back(issue_id, QUEUE_AWAY, "warn")

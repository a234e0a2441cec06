"""The draft: read it, and change it. Each change says which version it was made from, so nobody overwrites unseen."""

from collections.abc import Callable, Sequence

from flask import abort, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from mailer.db import db
from mailer.delivery import audiences
from mailer.digests import desk as room
from mailer.digests.checks import Level
from mailer.digests.desk import Frozen, Outcome, Stale
from mailer.digests.models import Issue, IssueState
from mailer.staff.models import Role
from mailer.web.access import requires, visitor
from mailer.web.editors import looks, preview, sending, wire, words
from mailer.web.editors.blueprint import back, desk, find, note
from mailer.web.house import now

Answer = Response | tuple[str, int]
Unsaved = Sequence[tuple[str, str]]

FROZEN = "This issue is not a draft any more; its text stays as it is."


@desk.get("/issues/<int:issue_id>")
@requires(Role.EDITOR)
def issue(issue_id: int) -> str:
    """A draft to work on; from the release on, the progress of its sending."""
    found = find(issue_id)
    if found.state != IssueState.DRAFT:
        return sending.show(found)
    return _show(found)


@desk.post("/issues/<int:issue_id>/head")
@requires(Role.EDITOR)
def save_head(issue_id: int) -> Answer:
    """Subject, preview line and editor's note."""
    subject, line, text = (request.form.get(name, "") for name in ("subject", "preview_line", "note"))

    def change(session: Session, version: int) -> Outcome:
        return room.change_subject(session, issue_id, version, subject, preview_line=line, note=text)

    return apply(
        issue_id, change, "issue.subject_changed", (("Subject", subject), ("Preview line", line), ("Note", text))
    )


@desk.post("/issues/<int:issue_id>/articles/<int:item_id>/text")
@requires(Role.EDITOR)
def save_text(issue_id: int, item_id: int) -> Answer:
    """Headline and summary as this issue prints them."""
    title, summary = request.form.get("title", ""), request.form.get("summary", "")

    def change(session: Session, version: int) -> Outcome:
        return room.change_text(session, issue_id, version, item_id, title=title, summary=summary)

    return apply(
        issue_id, change, "issue.text_changed", (("Headline", title), ("Summary", summary)), f"story-{item_id}"
    )


@desk.post("/issues/<int:issue_id>/articles/<int:item_id>/<any(up, down):way>")
@requires(Role.EDITOR)
def move(issue_id: int, item_id: int, way: str) -> Answer:
    """One place up or down."""
    places = -1 if way == "up" else 1

    def change(session: Session, version: int) -> Outcome:
        return room.move(session, issue_id, version, item_id, places)

    return apply(issue_id, change, f"issue.moved_{way}", anchor=f"story-{item_id}")


@desk.post("/issues/<int:issue_id>/articles/<int:item_id>/drop")
@requires(Role.EDITOR)
def drop(issue_id: int, item_id: int) -> Answer:
    """Out of the issue; it stays on the wire."""

    def change(session: Session, version: int) -> Outcome:
        return room.drop(session, issue_id, version, item_id)

    return apply(issue_id, change, "issue.dropped")


@desk.post("/issues/<int:issue_id>/articles/<int:item_id>/<any(take, keep):decision>")
@requires(Role.EDITOR)
def decide(issue_id: int, item_id: int, decision: str) -> Answer:
    """The source changed the article: print it as it is now, or keep what the issue prints."""
    verb = room.take_changes if decision == "take" else room.keep_wording

    def change(session: Session, version: int) -> Outcome:
        return verb(session, issue_id, version, item_id)

    action = "issue.change_taken" if decision == "take" else "issue.change_left"
    return apply(issue_id, change, action, anchor=f"story-{item_id}")


@desk.post("/issues/<int:issue_id>/wire/<int:article_id>")
@requires(Role.EDITOR)
def put_back(issue_id: int, article_id: int) -> Answer:
    """From the wire to the end of the issue."""

    def change(session: Session, version: int) -> Outcome:
        return room.add(session, issue_id, version, article_id)

    return apply(issue_id, change, "issue.added")


def apply(
    issue_id: int,
    change: Callable[[Session, int], Outcome],
    action: str,
    unsaved: Unsaved = (),
    anchor: str | None = None,
) -> Answer:
    """Do it, write it down, and go back; a stale change answers 409 with both texts."""
    try:
        outcome = change(db.session(), request.form.get("version", 0, type=int))
    except LookupError as error:
        abort(404, description=str(error))
    if isinstance(outcome, Stale):
        db.session.rollback()
        newer = find(issue_id)
        return _show(newer, _lost(newer, unsaved)), 409
    if isinstance(outcome, Frozen):
        return back(issue_id, FROZEN, "warn")
    note(action, issue_id, f"version {outcome}")
    db.session.commit()
    return back(issue_id, f"Saved {words.clock(now(), find(issue_id).newsletter.timezone)}", "saved", anchor)


def _show(found: Issue, unsaved: Unsaved | None = None) -> str:
    findings, size = preview.examine(found)
    to_fix = sum(finding.level is Level.FIX for finding in findings)
    return render_template(
        "desk/draft.html",
        issue=found,
        readers=audiences.count(db.session(), found),
        **wire.facts(found),
        findings=findings,
        to_fix=to_fix,
        to_look_at=len(findings) - to_fix,
        html_bytes=size,
        edit=request.args.get("edit", type=int),
        shown=preview.way(request.args.get("shown", "")),
        test_address=visitor().address,
        unsaved=unsaved,
        looks=looks.looks(found.newsletter),
        look=looks.look_of(found),
    )


def _lost(newer: Issue, unsaved: Unsaved) -> Unsaved:
    """What of it is nowhere in the newer version."""
    kept = {newer.subject, newer.preview_line, newer.note, ""}
    kept |= {newer.ad_title, newer.ad_text}
    kept.update(text for item in newer.articles for text in (item.title, item.summary, item.heading, item.picture_alt))
    return [(label, text) for label, text in unsaved if text.strip() not in kept]

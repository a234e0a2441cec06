"""A draft that leaves by itself: hold it, let it go, give it another time."""

from flask import request
from werkzeug.wrappers import Response

from mailer.db import db
from mailer.digests import holding as room
from mailer.newsletters import written
from mailer.newsletters.written import BadInput
from mailer.staff.models import Role
from mailer.web.access import requires, visitor
from mailer.web.editors import words
from mailer.web.editors.blueprint import back, desk, find, note
from mailer.web.house import now


@desk.post("/issues/<int:issue_id>/hold")
@requires(Role.EDITOR)
def hold(issue_id: int) -> Response:
    """Keep it here."""
    find(issue_id)
    if not room.hold(db.session(), issue_id, visitor().address, now()):
        return back(issue_id, "It does not leave by itself, or has left already.", "warn")
    note("issue.held", issue_id)
    db.session.commit()
    return back(issue_id, "Held. It stays here until somebody lets it go or sends it.", "good")


@desk.post("/issues/<int:issue_id>/unhold")
@requires(Role.EDITOR)
def unhold(issue_id: int) -> Response:
    """Let it leave at its time, or at once when that is over."""
    find(issue_id)
    if not room.unhold(db.session(), issue_id):
        return back(issue_id, "Nobody holds it.", "warn")
    note("issue.let_go", issue_id)
    db.session.commit()
    return back(issue_id, "It leaves by itself again.", "good")


@desk.post("/issues/<int:issue_id>/leave-at")
@requires(Role.EDITOR)
def leave_at(issue_id: int) -> Response:
    """Let it leave at an hour, today or tomorrow, by the newsletter's clock."""
    issue, moment = find(issue_id), now()
    try:
        hour = written.hour(request.form.get("hour", ""))
    except BadInput as error:
        return back(issue_id, str(error), "bad")
    leaves_at = room.next_time(hour, issue.newsletter.timezone, moment)
    if not room.leave_at(db.session(), issue_id, leaves_at):
        return back(issue_id, "It is not a draft any more.", "warn")
    said = words.when(leaves_at, issue.newsletter.timezone, moment)
    note("issue.leaves_at", issue_id, said)
    db.session.commit()
    return back(issue_id, f"It leaves by itself: {said}.", "good")

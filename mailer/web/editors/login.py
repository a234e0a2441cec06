"""How staff come in and leave: a link by mail, one button, a cookie."""

from datetime import UTC, datetime

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from mailer.db import db
from mailer.links import BadToken, Links, Purpose
from mailer.queue import Job, enqueue
from mailer.staff import accounts, audit, login_mail, sessions
from mailer.staff.models import Role
from mailer.staff.sessions import LinkState
from mailer.web import access

NOBODY = 0
LONGEST_ADDRESS = 254

login = Blueprint("login", __name__, url_prefix="/desk")
login.app_template_global("top_bar")(access.top_bar)


@login.get("/login")
def form() -> str | Response:
    """Ask for the address; who is logged in already goes on."""
    if visitor := access.current_staff():
        return redirect(visitor.home)
    return render_template("login/form.html", next=access.local_path(request.args.get("next", "")) or "")


@login.post("/login")
def ask() -> Response:
    """Mail a login link to staff; the answer is the same for everybody else."""
    address = request.form.get("address", "").strip()[:LONGEST_ADDRESS]
    link_id = _owe_link(address, datetime.now(UTC))
    enqueue(Job.SEND_LOGIN_LINK, link_id or NOBODY)  # also for strangers, or the time of the answer tells them apart
    session["next"] = access.local_path(request.form.get("next", ""))
    flash(f"If {address} works here, a link is on its way there. It works once, within an hour.", "good")
    return redirect(url_for("login.form"))


@login.get("/login/<token>")
def ask_to_enter(token: str) -> tuple[str, int]:
    """One button. Mail scanners follow links, so this changes nothing."""
    state = sessions.link_state(db.session(), _link_id(token), datetime.now(UTC))
    return render_template("login/enter.html", state=state.name.lower()), 200 if state is LinkState.GOOD else 410


@login.post("/login/<token>")
def enter(token: str) -> tuple[str, int] | Response:
    """Use the link up, set the cookie, and go on to where the visitor wanted to be."""
    now = datetime.now(UTC)
    entered = sessions.redeem(db.session(), _link_id(token), now)
    if entered is None:
        db.session.rollback()
        return ask_to_enter(token)
    staff, cookie = entered
    visitor = access.Visitor(staff.id, staff.address, Role(staff.role))
    audit.record(db.session(), visitor.address, "staff.logged_in", visitor.address, "", now)
    db.session.commit()
    response = redirect(session.get("next") or visitor.home)
    session.clear()
    access.set_cookie(response, cookie)
    return response


@login.post("/logout")
def log_out() -> Response:
    """Forget this browser, here and there."""
    sessions.log_out(db.session(), access.cookie())
    db.session.commit()
    session.clear()
    flash("You are logged out.", "good")
    response = redirect(url_for("login.form"))
    access.clear_cookie(response)
    return response


def _owe_link(address: str, now: datetime) -> int | None:
    staff = accounts.find(db.session(), address)
    link_id = login_mail.ask(db.session(), staff, now) if staff and staff.active else None
    if link_id is not None:
        audit.record(db.session(), address, "staff.link_asked", address, "", now)
    db.session.commit()
    return link_id


def _link_id(token: str) -> int:
    links: Links = current_app.extensions["links"]
    try:
        (link_id,) = links.read(Purpose.LOGIN, token)
    except (BadToken, ValueError):
        return NOBODY
    return link_id

"""The forms: what they say, where they may stand, and the exact text that a publisher pastes."""

from dataclasses import fields
from functools import reduce
from operator import or_

from babel import Locale
from flask import abort, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from mailer import texts
from mailer.db import db
from mailer.newsletters import catalogue, written
from mailer.newsletters import forms as room
from mailer.newsletters.forms import Written
from mailer.newsletters.models import EVERY_TOPIC, Form, Newsletter
from mailer.newsletters.written import BadInput
from mailer.staff import audit
from mailer.staff.models import Role
from mailer.web.access import requires, visitor
from mailer.web.editors.blueprint import desk
from mailer.web.embed.snippets import snippets
from mailer.web.house import now, settings

Answer = str | tuple[str, int]
Problems = dict[str, str]

LONGEST = {name: getattr(Form, name).type.length for name in ("heading", "text", "button", "wording")}
"""Characters of each text."""


@desk.get("/forms")
@requires(Role.EDITOR)
def forms() -> str:
    """The forms of each newsletter."""
    return _list()


@desk.post("/newsletters/<slug>/forms")
@requires(Role.EDITOR)
def add_form(slug: str) -> Response | Answer:
    """Make a form; its name stands in the snippets."""
    newsletter = catalogue.by_slug(db.session(), slug) or abort(404, description="There is no such newsletter.")
    try:
        name = written.slug(request.form.get("name", "").strip())
    except BadInput as error:
        return _list({slug: str(error)}), 422
    made = room.add(db.session(), newsletter.id, name, Written(), now())
    if made is None:
        return _list({slug: f"{newsletter.title} has a form “{name}” already."}), 422
    form_id = made.id
    _note("form.made", made)
    db.session.commit()
    return redirect(url_for("desk.form", form_id=form_id), 303)


@desk.get("/forms/<int:form_id>")
@requires(Role.EDITOR)
def form(form_id: int) -> str:
    """One form: its words, its look, its snippets."""
    return _show(_find(form_id))


@desk.post("/forms/<int:form_id>")
@requires(Role.EDITOR)
def change_form(form_id: int) -> Response | Answer:
    """Save what the form says and where it may stand."""
    found = _find(form_id)
    decided, problems = _written(found.newsletter)
    if problems:
        return _show(found, decided, problems), 422
    changed = room.change(found, decided)
    if changed:
        _note("form.changed", found, f"version {found.version}: {', '.join(changed)}")
    db.session.commit()
    flash("Saved." if changed else "Nothing was different.", "good" if changed else "message")
    return redirect(url_for("desk.form", form_id=form_id), 303)


def _find(form_id: int) -> Form:
    return db.session.get(Form, form_id) or abort(404, description="There is no such form.")


def _note(action: str, form: Form, detail: str = "") -> None:
    subject = f"form {form.newsletter.slug}/{form.slug}"
    audit.record(db.session(), visitor().address, action, subject, detail, now())


def _written(newsletter: Newsletter) -> tuple[Written, Problems]:
    """What the editor sent, as it stands in a row, and what is wrong with it, by field."""
    given = {name: " ".join(request.form.get(name, "").replace("\0", "").split()) for name in LONGEST}
    problems = {
        name: f"At most {LONGEST[name]} characters; these are {len(text)}."
        for name, text in given.items()
        if len(text) > LONGEST[name]
    }
    origins, language = request.form.get("origins", ""), request.form.get("language", "")
    try:
        origins = written.origins(origins)
    except BadInput as error:
        problems["origins"] = str(error)
    if language and language not in texts.languages():
        problems["language"] = "Readers cannot be spoken to in this language yet."
    return Written(**given, language=language, origins=origins, topics=_topics(newsletter)), problems


def _topics(newsletter: Newsletter) -> int:
    """The topics to be ticked beforehand; every one when the form is not to ask."""
    if "ask" not in request.form:
        return EVERY_TOPIC
    ticked = request.form.getlist("topic")
    return reduce(or_, (topic.mask for topic in newsletter.topics if topic.slug in ticked), 0)


def _list(problems: Problems | None = None) -> str:
    newsletters = db.session.scalars(select(Newsletter).order_by(Newsletter.title)).all()
    return render_template("desk/forms.html", newsletters=newsletters, problems=problems or {})


def _show(form: Form, decided: Written | None = None, problems: Problems | None = None) -> str:
    value = decided or Written(**{field.name: getattr(form, field.name) for field in fields(Written)})
    asks = value.topics != EVERY_TOPIC
    return render_template(
        "desk/form.html",
        form=form,
        newsletter=form.newsletter,
        value=value,
        asks=asks,
        ticked=[topic.slug for topic in form.newsletter.topics if asks and topic.mask & value.topics],
        problems=problems or {},
        longest=LONGEST,
        says=room.words(form),
        languages=[(tag, Locale.parse(tag).get_display_name("en")) for tag in texts.languages()],
        snippets=snippets(form, settings().base_url),
    )

"""Templates that editors bring: paste one, try it on the newest issue, keep it as the next version, retire it."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from mailer.db import db
from mailer.digests import editions, own_templates, sample
from mailer.digests.editions import Printed
from mailer.digests.layout import OWN, TEMPLATES
from mailer.digests.own_templates import Brought
from mailer.digests.printed import Own
from mailer.emails.rendering import TEMPLATES as FOLDER
from mailer.newsletters import written
from mailer.newsletters.models import Newsletter
from mailer.newsletters.written import BadInput
from mailer.staff.models import Role
from mailer.web.access import requires, visitor
from mailer.web.editors import fields, look, preview
from mailer.web.editors.blueprint import desk, newsletter_named, write_down
from mailer.web.editors.fields import Problems
from mailer.web.house import links, now

Answer = Response | str | tuple[str, int]

EXAMPLES = FOLDER.parent / "own"
KINDS = {"html": "HTML", "mjml": "MJML"}
LONGEST_NAME = 60


def _name(given: str) -> str:
    name = written.slug(given.strip())
    if name in (*TEMPLATES, OWN):
        raise BadInput("The house has a look of this name. Write another one.")
    return name


FIELDS: dict[str, fields.Reader] = {
    "name": _name,
    "kind": fields.one_of(*KINDS),
    "html": lambda given: _source(given, "HTML or MJML"),
    "text": lambda given: _source(given, "plain text"),
}


@desk.get("/newsletters/<slug>/look/template")
@requires(Role.EDITOR)
def template(slug: str) -> str:
    """A template to change (`?name=…`), or an example to begin with (`?kind=mjml`)."""
    newsletter = newsletter_named(slug)
    return _page(newsletter, _stored(newsletter, request.args.get("name", "")))


@desk.post("/newsletters/<slug>/look/template")
@requires(Role.EDITOR)
def save_template(slug: str) -> Answer:
    """Keep it as the next version, if it can print the newest issue."""
    newsletter = newsletter_named(slug)
    values, problems = fields.read(FIELDS)
    if problems:
        return _page(newsletter, request.form, problems), 422
    brought = Brought(values["name"], values["kind"] == "mjml", values["html"], values["text"])
    printed = _print(newsletter, brought)
    if printed.problems:
        return _page(newsletter, request.form, found=printed), 422
    kept = own_templates.save(db.session(), newsletter, brought, visitor().address, now())
    name, version = kept.name, kept.version
    write_down("template.saved", slug, f"{name}, version {version}")
    db.session.commit()
    flash(f"{name} is there, in version {version}. Issues and schedules can take it now.", "good")
    return redirect(url_for("desk.look", slug=slug), 303)


@desk.post("/newsletters/<slug>/look/template/try")
@requires(Role.EDITOR)
def try_template(slug: str) -> Response:
    """The newest issue in this template, or what is wrong with it; for a frame. Nothing is kept."""
    newsletter = newsletter_named(slug)
    given = {name: request.form.get(name, "").replace("\0", "") for name in FIELDS}
    printed = _print(newsletter, Brought("trial", given["kind"] == "mjml", given["html"], given["text"]))
    way = preview.way(request.args.get("as", ""))
    if not printed.problems and way != "text":
        return look.mail(printed.mail.html or "", dark=way == "dark")
    page = render_template("desk/trial.html", printed=printed, language=newsletter.language)
    response = make_response(page)
    response.headers["Content-Security-Policy"] = preview.POLICY
    return response


@desk.post("/newsletters/<slug>/look/template/<name>/retire")
@requires(Role.EDITOR)
def retire_template(slug: str, name: str) -> Response:
    """Offer it no more."""
    newsletter = newsletter_named(slug)
    if not own_templates.retire(db.session(), newsletter.id, name):
        abort(404, description="There is no such template.")
    write_down("template.retired", slug, name)
    db.session.commit()
    flash(f"{name} is not offered any more. Drafts that use it keep it; its schedules make digests now.", "good")
    return redirect(url_for("desk.look", slug=slug), 303)


def _source(given: str, what: str) -> str:
    if not given.strip():
        raise BadInput(f"Paste the {what}.")
    return given.replace("\r\n", "\n")


def _print(newsletter: Newsletter, brought: Brought) -> Printed:
    content = sample.to_look_at(db.session(), newsletter, now())
    own = Own(brought.name, 1, brought.mjml, brought.html, brought.text)
    token = links().leaving_token(preview.NOBODY, content.issue_id)
    return editions.print_edition(replace(content, template=OWN, own=own), links(), token=token)


def _stored(newsletter: Newsletter, name: str) -> Mapping[str, str]:
    found = next((each for each in own_templates.newest(db.session(), newsletter.id) if each.name == name), None)
    if found:
        return {"name": name, "kind": "mjml" if found.mjml else "html", "html": found.html, "text": found.text}
    kind = "mjml" if request.args.get("kind") == "mjml" else "html"
    return {"name": "", "kind": kind, "html": _example(kind), "text": _example("txt")}


def _example(ending: str) -> str:
    return Path(EXAMPLES, f"example.{ending}").read_text(encoding="utf-8")


def _page(
    newsletter: Newsletter, value: Mapping[str, str], problems: Problems | None = None, found: Printed | None = None
) -> str:
    return render_template(
        "desk/template.html",
        newsletter=newsletter,
        value=value,
        problems=problems or {},
        found=found.problems if found else [],
        kinds=KINDS,
        longest_name=LONGEST_NAME,
    )

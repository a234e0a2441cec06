"""The newsletters: make one, see how one stands, change what it says and whom it takes."""

from dataclasses import dataclass
from typing import Any

from babel import Locale
from flask import flash, redirect, render_template, request, url_for
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from mailer import texts
from mailer.articles.models import Source
from mailer.db import db
from mailer.newsletters import catalogue, details, written
from mailer.newsletters.catalogue import NewNewsletter
from mailer.newsletters.details import Details
from mailer.newsletters.models import Archive, Disposable, Newsletter
from mailer.staff.models import Role
from mailer.subscriptions import audience
from mailer.web.access import requires
from mailer.web.editors import fields
from mailer.web.editors.blueprint import desk, newsletter_named, write_down
from mailer.web.editors.fields import Problems, Reader
from mailer.web.house import now
from mailer.web.readers import zones

Answer = Response | str | tuple[str, int]

MOST_BREAKING = 24
"""Breaking news a day."""

WHO: dict[str, Reader] = {
    "title": written.line,
    "sender_name": written.line,
    "sender_address": fields.mailbox,
    "postal_address": fields.text(300),
    "language": written.language,
    "timezone": fields.time_zone,
}
"""What a newsletter cannot be made without."""

NEW: dict[str, Reader] = {"slug": written.slug, **WHO}

DETAILS: dict[str, Reader] = {
    **WHO,
    "description": fields.text(500),
    "publisher": fields.text(120),
    "site_url": fields.site,
    "takes_readers": fields.ticked,
    "disposable": fields.one_of(*Disposable),
    "archive": fields.one_of(*Archive),
    "breaking_cap": fields.number(0, MOST_BREAKING),
}


@dataclass(frozen=True)
class Standing:
    """A newsletter, and how many readers and sources it has."""

    newsletter: Newsletter
    readers: int
    sources: int


@desk.get("/newsletters")
@requires(Role.EDITOR)
def newsletters() -> str:
    """All newsletters, and the form that makes one."""
    return _list({"language": "en", "timezone": "UTC"})


@desk.post("/newsletters")
@requires(Role.EDITOR)
def add_newsletter() -> Answer:
    """Make a newsletter; a source is what it needs next."""
    values, problems = fields.read(NEW)
    if problems:
        return _list(request.form, problems), 422
    made = catalogue.add(db.session(), NewNewsletter(**values), now())
    if made is None:
        return _list(request.form, {"slug": f"There is a newsletter “{values['slug']}” already."}), 422
    slug, title = made.slug, made.title
    write_down("newsletter.added", slug, title)
    db.session.commit()
    flash(f"{title} is there. Its articles come next.", "good")
    return redirect(url_for("desk.sources", slug=slug), 303)


@desk.get("/newsletters/<slug>")
@requires(Role.EDITOR)
def newsletter(slug: str) -> str:
    """How one newsletter stands, and everything that can be decided about it."""
    found = newsletter_named(slug)
    return _overview(found, {name: getattr(found, name) for name in DETAILS})


@desk.post("/newsletters/<slug>")
@requires(Role.EDITOR)
def change_newsletter(slug: str) -> Answer:
    """Save what an editor decided."""
    found = newsletter_named(slug)
    values, problems = fields.read(DETAILS)
    if problems:
        return _overview(found, request.form, problems), 422
    changed = details.change(db.session(), found, Details(**values), now())
    if changed:
        write_down("newsletter.changed", slug, ", ".join(changed))
    db.session.commit()
    flash("Saved." if changed else "Nothing was different.", "good" if changed else "message")
    return redirect(url_for("desk.newsletter", slug=slug), 303)


def _list(value: Any, problems: Problems | None = None) -> str:
    standings = [_standing(each) for each in catalogue.everything(db.session())]
    return render_template(
        "desk/newsletters.html", standings=standings, value=value, problems=problems or {}, **_offers()
    )


def _overview(found: Newsletter, value: Any, problems: Problems | None = None) -> str:
    return render_template(
        "desk/newsletter.html",
        standing=_standing(found),
        newsletter=found,
        value=value,
        problems=problems or {},
        most_breaking=MOST_BREAKING,
        **_offers(),
    )


def _standing(newsletter: Newsletter) -> Standing:
    sources = select(func.count()).select_from(Source).where(Source.newsletter_id == newsletter.id)
    readers = audience.count(db.session(), newsletter.id, None)
    return Standing(newsletter, readers, db.session.scalar(sources) or 0)


def _offers() -> dict[str, list[tuple[str, str]]]:
    """Languages and time zones to choose from; others may be written."""
    return {
        "languages": [(tag, Locale.parse(tag, sep="-").get_display_name("en") or tag) for tag in texts.languages()],
        "zones": zones.offers("", "en", now()),
    }

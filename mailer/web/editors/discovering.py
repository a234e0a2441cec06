"""Give a newsletter a source: by the front page of a site, which is asked what it offers, or one that pushes."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from mailer.articles import adding
from mailer.articles.adding import CannotAdd
from mailer.articles.kinds import POLLED, SourceKind
from mailer.articles.source import FetchFailed
from mailer.db import db
from mailer.queue import Job, enqueue
from mailer.staff.models import Role
from mailer.web.access import requires
from mailer.web.editors import sources
from mailer.web.editors.blueprint import desk, newsletter_named
from mailer.web.editors.waiting import ask
from mailer.web.house import now

Answer = Response | str | tuple[str, int]

CHOOSE = "Choose one of what the site offers."


@desk.post("/newsletters/<slug>/sources/find")
@requires(Role.EDITOR)
def find_sources(slug: str) -> Answer:
    """Ask the site what it offers."""
    newsletter_named(slug)
    site = request.form.get("site", "").replace("\0", "").strip()
    address = site if "://" in site else f"https://{site}"
    offers = ask("offers", address) if site else FetchFailed("Write an address.")
    newsletter = newsletter_named(slug)
    if isinstance(offers, FetchFailed):
        return sources.page(newsletter, site=site, problem=offers.sentence), 422
    return sources.page(newsletter, site=site, offers=offers, kinds=sources.KINDS)


@desk.post("/newsletters/<slug>/sources")
@requires(Role.EDITOR)
def add_source(slug: str) -> Answer:
    """Take one of the offers; it is read at once."""
    newsletter = newsletter_named(slug)
    kind, _, rest = request.form.get("offer", "").replace("\0", "").partition(" ")
    url, _, title = rest.partition(" ")
    if kind not in POLLED:
        return sources.page(newsletter, problem=CHOOSE), 422
    topic = sources.topic_chosen(newsletter)
    try:
        source = adding.add(db.session(), newsletter, SourceKind(kind), url, title, topic, now())
    except CannotAdd as error:
        return sources.page(newsletter, problem=str(error)), 422
    sources.note("source.added", source, source.url)
    source_id, name = source.id, source.title or source.url
    db.session.commit()
    read = sources.BEING_READ if enqueue(Job.POLL_SOURCE, source_id) else sources.LATER
    flash(f"{name} is added. {read}", "good")
    return redirect(url_for("desk.sources", slug=slug, _anchor=f"source-{source_id}"), 303)

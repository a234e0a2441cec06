"""Where the articles of a newsletter come from: how each source is, and what can be done about it."""

from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from mailer.articles import steering
from mailer.articles.health import Health, health
from mailer.articles.kinds import SourceKind
from mailer.articles.models import Source, Take
from mailer.db import db
from mailer.newsletters.models import Newsletter, Topic
from mailer.queue import Job, enqueue
from mailer.staff.models import Role
from mailer.web.access import requires
from mailer.web.editors.blueprint import desk, newsletter_named, write_down
from mailer.web.house import now

KINDS = {
    SourceKind.FEED: "Feed",
    SourceKind.WORDPRESS: "WordPress",
    SourceKind.SITEMAP: "News sitemap",
    SourceKind.PUSH: "Push",
    SourceKind.PASTED: "Pasted links",
}
"""What a kind of source is called."""

BEING_READ = "It is being read. What is new is on the wire in a moment."
LATER = "The queue cannot be reached just now. It is read within a minute of its return."


@dataclass(frozen=True)
class Line:
    """A source as the page shows it."""

    source: Source
    kind: str
    health: Health


@desk.get("/newsletters/<slug>/sources")
@requires(Role.EDITOR)
def sources(slug: str) -> str:
    """The sources of a newsletter, and how each is."""
    return page(newsletter_named(slug))


@desk.post("/sources/<int:source_id>/read")
@requires(Role.EDITOR)
def read_source(source_id: int) -> Response:
    """Read it now, not when it is due."""
    source = find(source_id)
    steering.read_now(source, now())
    note("source.read", source)
    return _back(source, read=True)


@desk.post("/sources/<int:source_id>/take/<any(news, known):take>")
@requires(Role.EDITOR)
def take_held(source_id: int, take: str) -> Response:
    """Say what the items are that look new at once."""
    source = find(source_id)
    if not steering.decide(source, Take(take), now()):
        flash("Nothing of this source is held any more.", "warn")
        return _back(source)
    note(f"source.taken_as_{take}", source, f"{source.held_count} items")
    return _back(source, read=True)


@desk.post("/sources/<int:source_id>/<any(sleep, wake):state>")
@requires(Role.EDITOR)
def rest_source(source_id: int, state: str) -> Response:
    """Read it no more, or again."""
    source = find(source_id)
    if state == "wake":
        steering.wake(source, now())
    else:
        steering.sleep(source)
    note("source.woken" if state == "wake" else "source.put_to_sleep", source)
    return _back(source, read=state == "wake")


@desk.post("/sources/<int:source_id>/topic")
@requires(Role.EDITOR)
def sort_source(source_id: int) -> Response:
    """Say which topic its articles belong to; none is for every reader."""
    source = find(source_id)
    topic = topic_chosen(source.newsletter)
    source.topic_id = topic.id if topic else None
    note("source.topic_changed", source, topic.slug if topic else "every reader")
    readers = f"readers of {topic.title}" if topic else "every reader"
    flash(f"From the next draft on its articles are for {readers}.", "good")
    return _back(source)


@desk.get("/sources/<int:source_id>/remove")
@requires(Role.EDITOR)
def ask_to_remove(source_id: int) -> str:
    """What goes with it, and what stays."""
    source = find(source_id)
    return render_template(
        "desk/source_remove.html",
        source=source,
        newsletter=source.newsletter,
        brought=steering.brought(db.session(), source),
    )


@desk.post("/sources/<int:source_id>/remove")
@requires(Role.EDITOR)
def remove_source(source_id: int) -> Response:
    """Take it away."""
    source = find(source_id)
    slug, name = source.newsletter.slug, source.title or source.url
    note("source.removed", source, source.url)
    steering.remove(db.session(), source)
    db.session.commit()
    flash(f"{name} is removed.", "good")
    return redirect(url_for("desk.sources", slug=slug), 303)


def page(newsletter: Newsletter, **more: Any) -> str:
    """The page of the sources, with what a form of it has to say."""
    query = select(Source).where(Source.newsletter_id == newsletter.id).options(joinedload(Source.topic))
    moment = now()
    lines = [
        Line(source, KINDS[SourceKind(source.kind)], health(source, moment))
        for source in db.session.scalars(query.order_by(Source.id))
    ]
    return render_template("desk/sources.html", **{"newsletter": newsletter, "lines": lines, "offers": None, **more})


def find(source_id: int) -> Source:
    """The source; else 404."""
    return db.session.get(Source, source_id) or abort(404, description="There is no such source.")


def note(action: str, source: Source, detail: str = "") -> None:
    """Write down that the visitor did `action` to the source."""
    write_down(action, f"source {source.id} of {source.newsletter.slug}", detail or source.title or source.url)


def topic_chosen(newsletter: Newsletter) -> Topic | None:
    """The topic that the form names; none where it names none of the newsletter's."""
    wanted = request.form.get("topic", "")
    return next((topic for topic in newsletter.topics if topic.slug == wanted), None)


def _back(source: Source, *, read: bool = False) -> Response:
    """Commit, ask for a reading, and go to the source's place on the page."""
    slug, source_id = source.newsletter.slug, source.id
    db.session.commit()
    if read:
        flash(BEING_READ if enqueue(Job.POLL_SOURCE, source_id) else LATER, "message")
    return redirect(url_for("desk.sources", slug=slug, _anchor=f"source-{source_id}"), 303)

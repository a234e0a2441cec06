"""The topics of a newsletter, and the rules that sort articles into them by the categories of their sources."""

import unicodedata
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from mailer.articles import adding
from mailer.articles import topics as room
from mailer.articles.adding import CannotAdd
from mailer.articles.models import Source
from mailer.articles.topics import CannotAddRule
from mailer.articles.trial import try_rule
from mailer.db import db
from mailer.newsletters import written
from mailer.newsletters.models import Newsletter, Topic
from mailer.newsletters.written import BadInput
from mailer.staff.models import Role
from mailer.web.access import requires
from mailer.web.editors.blueprint import desk, newsletter_named, write_down
from mailer.web.house import now

Answer = Response | tuple[str, int] | str

SHOWN = 100
"""Categories, the most frequent."""

NEEDS_A_NAME = "Write a name for it in addresses, in small Latin letters, like sport."


@desk.get("/newsletters/<slug>/topics")
@requires(Role.EDITOR)
def topics(slug: str) -> str:
    """Topics, rules, and the categories that came in lately; `category` is put into the form of a rule."""
    return _page(newsletter_named(slug), rule={"category": request.args.get("category", "")})


@desk.post("/newsletters/<slug>/topics")
@requires(Role.EDITOR)
def add_topic(slug: str) -> Answer:
    """Make a topic that readers may choose from now on."""
    newsletter = newsletter_named(slug)
    try:
        title = written.line(request.form.get("title", ""))
        name = _name(request.form.get("name", ""), title)
        if any(topic.slug == name for topic in newsletter.topics):
            raise BadInput(f"{newsletter.title} has a topic “{name}” already.")
        adding.find_or_add_topic(db.session(), newsletter, name).title = title
    except (BadInput, CannotAdd) as error:
        return _page(newsletter, problem=str(error)), 422
    write_down("topic.added", f"topic {slug}/{name}", title)
    db.session.commit()
    flash(f"Readers can choose {title} now. Give a source this topic, or make a rule for it.", "good")
    return _to(slug)


@desk.post("/topics/<int:topic_id>")
@requires(Role.EDITOR)
def rename_topic(topic_id: int) -> Answer:
    """Call a topic something else; readers keep what they chose."""
    topic = db.session.get(Topic, topic_id) or abort(404, description="There is no such topic.")
    slug = topic.newsletter.slug
    try:
        topic.title = written.line(request.form.get("title", ""))
    except BadInput as error:
        return _page(topic.newsletter, problem=str(error)), 422
    write_down("topic.renamed", f"topic {slug}/{topic.slug}", topic.title)
    db.session.commit()
    flash("Renamed. Readers keep what they chose.", "good")
    return _to(slug)


@desk.post("/newsletters/<slug>/rules/look")
@requires(Role.EDITOR)
def look_at_rule(slug: str) -> Answer:
    """What the rule would change, before it is made."""
    newsletter = newsletter_named(slug)
    topic, category, source = _rule(newsletter)
    if topic is None:
        return _page(newsletter, rule=request.form, rule_problem="Choose a topic."), 422
    try:
        trial = try_rule(db.session(), topic, category, source, now())
    except CannotAddRule as error:
        return _page(newsletter, rule=request.form, rule_problem=str(error)), 422
    return _page(newsletter, rule=request.form, trial=trial, trial_topic=topic)


@desk.post("/newsletters/<slug>/rules")
@requires(Role.EDITOR)
def add_rule(slug: str) -> Answer:
    """Make the rule; issues drafted from now on follow it."""
    newsletter = newsletter_named(slug)
    topic, category, source = _rule(newsletter)
    if topic is None:
        return _page(newsletter, rule=request.form, rule_problem="Choose a topic."), 422
    try:
        made = room.add_rule(db.session(), topic, category, source)
    except CannotAddRule as error:
        return _page(newsletter, rule=request.form, rule_problem=str(error)), 422
    write_down("rule.added", f"topic {slug}/{topic.slug}", f"category {made.category}")
    db.session.commit()
    flash("The rule holds from the next draft on.", "good")
    return _to(slug, "rules")


@desk.post("/newsletters/<slug>/rules/<int:rule_id>/remove")
@requires(Role.EDITOR)
def remove_rule(slug: str, rule_id: int) -> Response:
    """Forget a rule."""
    newsletter = newsletter_named(slug)
    gone = room.remove_rule(db.session(), newsletter.id, rule_id) or abort(404, description="There is no such rule.")
    write_down("rule.removed", f"topic {slug}/{gone.topic.slug}", f"category {gone.category}")
    db.session.commit()
    flash("The rule is gone. Drafts that are made keep their topics.", "good")
    return _to(slug, "rules")


def _rule(newsletter: Newsletter) -> tuple[Topic | None, str, Source | None]:
    """What the form of a rule says; a source that is not the newsletter's counts as none."""
    topic = next((each for each in newsletter.topics if each.slug == request.form.get("topic")), None)
    source = db.session.get(Source, request.form.get("source", 0, type=int))
    ours = source if source is not None and source.newsletter_id == newsletter.id else None
    return topic, request.form.get("category", "").replace("\0", ""), ours


def _name(given: str, title: str) -> str:
    """The name in addresses, else one made of the title."""
    if given.strip():
        return written.slug(given.strip())
    plain = unicodedata.normalize("NFKD", title.lower()).encode("ascii", "ignore").decode()
    try:
        return written.slug("-".join("".join(c if c.isalnum() else " " for c in plain).split()))
    except BadInput:
        raise BadInput(NEEDS_A_NAME) from None


def _to(slug: str, anchor: str | None = None) -> Response:
    return redirect(url_for("desk.topics", slug=slug, _anchor=anchor), 303)


def _page(newsletter: Newsletter, **more: Any) -> str:
    session = db.session()
    counted = select(Source.topic_id, func.count()).where(Source.newsletter_id == newsletter.id)
    found = room.categories(session, newsletter.id, now())
    return render_template(
        "desk/topics.html",
        newsletter=newsletter,
        counts=dict(session.execute(counted.group_by(Source.topic_id)).all()),
        sources=session.scalars(select(Source).where(Source.newsletter_id == newsletter.id).order_by(Source.id)).all(),
        rules=room.rules(session, newsletter.id),
        categories=found[:SHOWN],
        rarer=len(found[SHOWN:]),
        named=lambda mask: ", ".join(topic.title for topic in newsletter.topics if topic.mask & mask) or "every reader",
        **{"rule": {}, "trial": None, **more},
    )

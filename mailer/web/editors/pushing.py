"""A source that a program brings articles to: it is made with a key, which is shown once and can be made anew."""

import json

from flask import abort, request

from mailer.articles import push
from mailer.articles.kinds import SourceKind
from mailer.articles.models import Source
from mailer.db import db
from mailer.newsletters import written
from mailer.newsletters.written import BadInput
from mailer.staff.models import Role
from mailer.web.access import requires
from mailer.web.editors import sources
from mailer.web.editors.blueprint import desk, newsletter_named
from mailer.web.house import now, settings

Answer = str | tuple[str, int]

EXAMPLE = {"articles": [{"url": "https://www.ledger.example/port", "title": "Port expansion passes by one vote"}]}


@desk.post("/newsletters/<slug>/sources/push")
@requires(Role.EDITOR)
def add_push(slug: str) -> Answer:
    """Make the source; the answer is the only page that shows its key."""
    newsletter = newsletter_named(slug)
    try:
        title = written.line(request.form.get("title", ""))
    except BadInput as error:
        return sources.page(newsletter, push_problem=str(error)), 422
    source, key = push.add(db.session(), newsletter, title, sources.topic_chosen(newsletter), now())
    sources.note("source.added", source, f"push: {title}")
    return _show(source, key)


@desk.post("/sources/<int:source_id>/key")
@requires(Role.EDITOR)
def new_key(source_id: int) -> Answer:
    """Make another key; the one before opens nothing any more."""
    source = sources.find(source_id)
    if source.kind != SourceKind.PUSH:
        abort(404, description="No program brings articles to this source.")
    key = push.new_key(source)
    sources.note("source.key_changed", source)
    return _show(source, key)


def _show(source: Source, key: str) -> str:
    source_id, slug = source.id, source.newsletter.slug
    db.session.commit()
    example = (
        f"curl {settings().base_url}/api/sources/{source_id}/articles \\\n"
        f"  --header 'Authorization: Bearer {key}' \\\n"
        f"  --json '{json.dumps(EXAMPLE)}'"
    )
    return sources.page(newsletter_named(slug), key=key, key_of=sources.find(source_id), example=example)

"""The wire beside a draft: what it shows, and what it says of its sources."""

from typing import Any

from flask import request
from sqlalchemy import select

from mailer.articles import aliases
from mailer.articles.canonical import uri
from mailer.articles.health import ago, health
from mailer.articles.models import Article, Source
from mailer.db import db
from mailer.digests import changes
from mailer.digests.models import Issue
from mailer.digests.wire import Wire, issue_before, wire
from mailer.web.editors import words
from mailer.web.house import now


def facts(issue: Issue) -> dict[str, Any]:
    """What the wire of this issue shows, as the page's address asks: everything, or what has the words of `q`."""
    search = " ".join(request.args.get("q", "").split())
    before = issue_before(db.session(), issue)
    link = uri(search) if search.startswith(("http://", "https://")) else ""
    known = db.session.get(Article, aliases.find(db.session(), link) or 0) if link else None
    found = wire(db.session(), issue, before, known.title if known else search)
    pending = changes.pending(db.session(), issue.id)
    return {
        "wire": found,
        "wire_sentence": _found(found, search) if search else _sentence(found.unused, before),
        "before": before,
        "search": search,
        "pasted": "" if known and found.groups else link,
        "pending": pending,
        "updated": {change.article.id for change in pending.values()},
        "sources_sentence": _sources(issue.newsletter_id),
    }


def _found(found: Wire, search: str) -> str:
    return f"{sum(len(entries) for _, entries in found.groups)} found for “{search}”"


def _sentence(unused: int, before: Issue | None) -> str:
    if before is None:
        return f"{words.amount(unused, 'article')} not in this issue"
    return f"{unused} more since the issue of {words.day(before.created_at, before.newsletter.timezone)}"


def _sources(newsletter_id: int) -> str:
    """How the sources are, in a line."""
    active = db.session.scalars(select(Source).where(Source.newsletter_id == newsletter_id, Source.active)).all()
    if not active:
        return "No source yet"
    troubled = sum(health(source, now()).needs_a_look for source in active)
    if troubled:
        return f"{troubled} of {words.amount(len(active), 'source')} {'needs' if troubled == 1 else 'need'} a look"
    read = max((source.succeeded_at for source in active if source.succeeded_at), default=None)
    return f"{words.amount(len(active), 'source')}{f', read {ago(now() - read)}' if read else ''}"

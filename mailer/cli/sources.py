"""`postroom sources …`: where the articles of a newsletter come from."""

from datetime import UTC, datetime
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from mailer.articles import polling
from mailer.articles.health import health
from mailer.articles.kinds import POLLED
from mailer.articles.models import Source
from mailer.cli import new_source
from mailer.cli.console import Console, command
from mailer.cli.newsletters import find
from mailer.db import read_only


@click.group()
def sources() -> None:
    """Where the articles of a newsletter come from."""


sources.add_command(new_source.add)
commands: list[click.Command] = [sources]


@command(sources, name="poll")
@click.argument("slug", metavar="[NEWSLETTER]", required=False)
def poll(console: Console, slug: str | None) -> None:
    """Read the sources of NEWSLETTER, or of all, now and here. Exit status 1 when one of them cannot be read."""
    with console.session() as session:
        wanted = [source.id for source in _sources(session, slug) if source.active and source.kind in POLLED]
        session.commit()
        results = [result for source_id in wanted if (result := _poll(console, session, source_id))]
    lines = [f"{r['title'] or r['url']}: {r['error'] or _counts(r)}" for r in results]
    console.answer(results, "\n".join(lines) or "There is no source to read.")
    if any(result["error"] for result in results):
        raise SystemExit(1)


def _poll(console: Console, session: Session, source_id: int) -> dict[str, Any] | None:
    plan = polling.claim(session, source_id, datetime.now(UTC), early=True)
    session.commit()
    if plan is None:  # deleted or put to sleep since we listed it
        return None
    reading = polling.read(plan, **console.reach)
    polled = polling.record(session, plan, reading, datetime.now(UTC))
    session.commit()
    source = session.get_one(Source, source_id)
    stored = polled.stored
    counts = {"new": stored.new, "updated": stored.updated, "unchanged": stored.unchanged, "held": polled.held}
    return {"id": source_id, "url": source.url, "title": source.title, **counts, "error": polled.error}


@command(sources, name="list")
@click.argument("slug", metavar="[NEWSLETTER]", required=False)
def list_(console: Console, slug: str | None) -> None:
    """Every source, and how it is."""
    with console.session() as session:
        read_only(session)
        everything = [described(source, datetime.now(UTC)) for source in _sources(session, slug)]
    lines = [_line(source) for source in everything]
    console.answer(everything, "\n".join(lines) or "There is no source yet. `postroom sources add` makes one.")


def _sources(session: Session, slug: str | None) -> list[Source]:
    query = select(Source).options(joinedload(Source.newsletter), joinedload(Source.topic)).order_by(Source.id)
    return list(session.scalars(query.where(Source.newsletter_id == find(session, slug).id) if slug else query))


def described(source: Source, now: datetime) -> dict[str, Any]:
    """A source as commands answer it in JSON."""
    how = health(source, now)
    return {
        "id": source.id,
        "newsletter": source.newsletter.slug,
        "topic": source.topic.slug if source.topic else None,
        "kind": source.kind,
        "url": source.url,
        "title": source.title,
        "active": source.active,
        "state": how.state.value,
        "health": how.sentence,
        "succeeded_at": source.succeeded_at,
        "next_poll_at": source.next_poll_at,
        "newest_at": source.newest_at,
        "habit_minutes": source.habit_minutes,
        "held": source.held_count,
        "failures": source.failures,
        "error": source.error,
    }


def _line(source: dict[str, Any]) -> str:
    topic = f" ({source['topic']})" if source["topic"] else ""
    return f"{source['id']}  {source['newsletter']}{topic}  {source['title'] or source['url']}  {source['health']}"


def _counts(result: dict[str, Any]) -> str:
    if result["held"]:
        return f"{result['held']} items look new at once: held for a look"
    return f"{result['new']} new, {result['updated']} updated, {result['unchanged']} unchanged"

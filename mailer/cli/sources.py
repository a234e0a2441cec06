"""`postroom sources …`: where the articles of a newsletter come from."""

from datetime import UTC, datetime
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from mailer.articles import adding, polling
from mailer.articles.models import Source
from mailer.articles.source import FetchFailed
from mailer.cli.console import ACTOR, Console, Refusal, command
from mailer.cli.newsletters import Read, find
from mailer.db import read_only
from mailer.newsletters import written
from mailer.staff import audit


@click.group()
def sources() -> None:
    """Where the articles of a newsletter come from."""


commands: list[click.Command] = [sources]


@command(sources, name="add")
@click.argument("slug", metavar="NEWSLETTER")
@click.argument("url")
@click.option("--topic", type=Read(written.slug), help="Section for its articles, like world-news; made when new.")
def add(console: Console, slug: str, url: str, topic: str | None) -> None:
    """Read the RSS, Atom or JSON feed at URL, and make it a source of NEWSLETTER."""
    now = datetime.now(UTC)
    with console.session() as session:
        find(session, slug)
        session.commit()  # the network talks next
        feed = polling.try_out(url, **_reach(console))
        if isinstance(feed, FetchFailed):
            raise Refusal(feed.sentence)
        newsletter = find(session, slug)
        try:
            section = adding.find_or_add_topic(session, newsletter, topic) if topic else None
            added = adding.add(session, newsletter, url, feed.title, section, now)
        except adding.CannotAdd as error:
            raise Refusal(str(error)) from None
        audit.record(session, ACTOR, "source.added", slug, added.url, now)
        session.commit()
    data = {"id": added.id, "newsletter": slug, "url": added.url, "title": added.title, "topic": topic}
    count = len(feed.entries)
    console.answer(
        data | {"entries": count}, f"Added {_name(added)}: {count} {'entry' if count == 1 else 'entries'} just now."
    )


@command(sources, name="poll")
@click.argument("slug", metavar="[NEWSLETTER]", required=False)
def poll(console: Console, slug: str | None) -> None:
    """Read the sources of NEWSLETTER, or of all, now and here. Exit status 1 when one of them cannot be read."""
    with console.session() as session:
        wanted = [source.id for source in _sources(session, slug) if source.active]
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
    reading = polling.read(plan, **_reach(console))
    polled = polling.record(session, plan, reading, datetime.now(UTC))
    session.commit()
    source = session.get_one(Source, source_id)
    stored = polled.stored
    counts = {"new": stored.new, "updated": stored.updated, "unchanged": stored.unchanged}
    return {"id": source_id, "url": source.url, "title": source.title, **counts, "error": polled.error}


@command(sources, name="list")
@click.argument("slug", metavar="[NEWSLETTER]", required=False)
def list_(console: Console, slug: str | None) -> None:
    """Every source, and how its last poll went."""
    with console.session() as session:
        read_only(session)
        everything = [_described(source) for source in _sources(session, slug)]
    lines = [_line(source) for source in everything]
    console.answer(everything, "\n".join(lines) or "There is no source yet. `postroom sources add` makes one.")


def _reach(console: Console) -> dict[str, Any]:
    return {"allow_private": console.settings.private_sources, "base_url": console.settings.base_url}


def _sources(session: Session, slug: str | None) -> list[Source]:
    query = select(Source).options(joinedload(Source.newsletter), joinedload(Source.topic)).order_by(Source.id)
    return list(session.scalars(query.where(Source.newsletter_id == find(session, slug).id) if slug else query))


def _described(source: Source) -> dict[str, Any]:
    return {
        "id": source.id,
        "newsletter": source.newsletter.slug,
        "topic": source.topic.slug if source.topic else None,
        "url": source.url,
        "title": source.title,
        "active": source.active,
        "succeeded_at": source.succeeded_at,
        "next_poll_at": source.next_poll_at,
        "failures": source.failures,
        "error": source.error,
    }


def _line(source: dict[str, Any]) -> str:
    read = f"read {source['succeeded_at']:%d %b %H:%M}" if source["succeeded_at"] else "not read yet"
    topic = f" ({source['topic']})" if source["topic"] else ""
    return f"{source['newsletter']}{topic}  {source['title'] or source['url']}  {source['error'] or read}"


def _counts(result: dict[str, Any]) -> str:
    return f"{result['new']} new, {result['updated']} updated, {result['unchanged']} unchanged"


def _name(source: Source) -> str:
    return source.title or source.url

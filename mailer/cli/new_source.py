"""`postroom sources add`: give a newsletter a source."""

from datetime import UTC, datetime
from typing import Any

import click
from sqlalchemy.orm import Session

from mailer.articles import adding, child, push
from mailer.articles.discovery import Offer
from mailer.articles.kinds import POLLED
from mailer.articles.source import FetchFailed
from mailer.cli.console import ACTOR, Console, Refusal, command
from mailer.cli.newsletters import Read, find
from mailer.newsletters import written
from mailer.newsletters.models import Topic
from mailer.staff import audit

PUSHED = "Pushed articles"


@command(name="add")
@click.argument("slug", metavar="NEWSLETTER")
@click.argument("url", required=False)
@click.option("--kind", type=click.Choice([kind.value for kind in POLLED]), help="Which of several offers to take.")
@click.option("--push", "pushes", is_flag=True, help="No URL: a program sends the articles, with the key this makes.")
@click.option("--topic", type=Read(written.slug), help="Section for its articles, like world-news; made when new.")
@click.option("--title", type=Read(written.line), help="What to call it; else what the site says.")
def add(
    console: Console, slug: str, url: str | None, kind: str | None, pushes: bool, topic: str | None, title: str | None
) -> None:
    """Look what the site at URL offers, and make the best of it a source of NEWSLETTER.

    URL is the front page of a site, or a feed, a news sitemap, the REST API of a WordPress.
    """
    if pushes == bool(url):
        raise click.UsageError("Name the URL of a site, or say --push.")
    with console.session() as session:
        find(session, slug)
        session.commit()  # the network talks next
        if pushes:
            _add_push(console, session, slug, topic, title or PUSHED)
        else:
            _add_polled(console, session, slug, _offers(console, url or "", kind), topic, title)


def _offers(console: Console, url: str, kind: str | None) -> list[Offer]:
    """What there is at the address, what to take first."""
    address = url if "://" in url else f"https://{url}"
    found: list[Offer] | FetchFailed = child.run("offers", address, **console.reach)
    if isinstance(found, FetchFailed):
        raise Refusal(found.sentence)
    wanted = [offer for offer in found if kind in (None, offer.kind)]
    if not wanted:
        there = "\n".join(map(_line, found))
        raise Refusal(f"There is no {kind} at this address. There is:\n{there}")
    return [*wanted, *(offer for offer in found if offer not in wanted)]


def _add_polled(
    console: Console, session: Session, slug: str, offers: list[Offer], topic: str | None, title: str | None
) -> None:
    best, *others = offers
    now = datetime.now(UTC)
    newsletter = find(session, slug)
    try:
        section = _topic(session, slug, topic)
        added = adding.add(session, newsletter, best.kind, best.url, title or best.title, section, now)
    except adding.CannotAdd as error:
        raise Refusal(str(error)) from None
    audit.record(session, ACTOR, "source.added", slug, added.url, now)
    session.commit()
    data = {"id": added.id, "newsletter": slug, "kind": added.kind, "url": added.url, "title": added.title}
    said = f"Added {added.title or added.url}: {_count(best)} just now."
    if others:
        said += "\nAlso there, with --kind or the address itself:\n" + "\n".join(map(_line, others))
    console.answer(
        data | {"topic": topic, "entries": best.count, "others": [_described(other) for other in others]}, said
    )


def _add_push(console: Console, session: Session, slug: str, topic: str | None, title: str) -> None:
    now = datetime.now(UTC)
    try:
        added, key = push.add(session, find(session, slug), title, _topic(session, slug, topic), now)
    except adding.CannotAdd as error:
        raise Refusal(str(error)) from None
    audit.record(session, ACTOR, "source.added", slug, added.url, now)
    session.commit()
    address = f"{console.settings.base_url}/api/sources/{added.id}/articles"
    data = {"id": added.id, "newsletter": slug, "kind": added.kind, "title": added.title, "topic": topic}
    said = f"Added {added.title}. Send articles to\n  POST {address}\nwith\n  Authorization: Bearer {key}\n"
    console.answer(data | {"address": address, "key": key}, f"{said}The key is shown this once.")


def _topic(session: Session, slug: str, topic: str | None) -> Topic | None:
    return adding.find_or_add_topic(session, find(session, slug), topic) if topic else None


def _described(offer: Offer) -> dict[str, Any]:
    return {"kind": offer.kind, "url": offer.url, "title": offer.title, "entries": offer.count, "newest": offer.newest}


def _line(offer: Offer) -> str:
    newest = f", newest {offer.newest:%d %b %Y}" if offer.newest else ""
    return f"  {offer.kind}  {offer.url}  {_count(offer)}{newest}"


def _count(offer: Offer) -> str:
    return f"{offer.count} {'entry' if offer.count == 1 else 'entries'}"

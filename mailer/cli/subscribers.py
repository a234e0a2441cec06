"""`postroom subscribers …`"""

import contextlib
import sys
from datetime import UTC, datetime
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.cli.console import ACTOR, Console, Refusal, command
from mailer.db import read_only, transaction
from mailer.delivery import received
from mailer.links import BadToken, Links, Purpose
from mailer.newsletters.models import Newsletter
from mailer.staff import audit
from mailer.subscriptions import erasure, exporting, suppression, unsubscribe
from mailer.subscriptions.address import Address, BadAddress, parse


@click.group()
def subscribers() -> None:
    """Readers: take in, give out, look up."""


commands: list[click.Command] = [subscribers]


@command(subscribers, name="export")
@click.argument("newsletter")
def export(console: Console, newsletter: str) -> None:
    """Write every reader of NEWSLETTER to standard output, as CSV (with --json as one list)."""
    with console.session() as session:
        read_only(session)
        rows = exporting.readers(session, newsletter_of(session, newsletter))
        for part in exporting.json_lines(rows) if console.as_json else exporting.csv_lines(rows):
            sys.stdout.write(part)


@command(subscribers, name="suppress")
@click.argument("address")
@click.option("--reason", required=True, help="Why nobody may mail it, in words. Shown wherever it matters.")
def suppress(console: Console, address: str, reason: str) -> None:
    """Never mail ADDRESS again, from any newsletter. Holds for issues on the way, too."""
    parsed, now = _address(address), datetime.now(UTC)
    with console.session() as session, transaction(session):
        suppression.suppress(session, parsed.key, reason, now)
        audit.record(session, ACTOR, "address.suppressed", parsed.address, reason, now)
    console.answer({"address": parsed.address, "suppressed": True}, f"{parsed.address} will not be mailed again.")


@command(subscribers, name="leave")
@click.argument("subject", nargs=-1, required=True)
def leave(console: Console, subject: tuple[str, ...]) -> None:
    """End the subscription that a mail asks to end. SUBJECT is the mail's subject, or the token in it."""
    with console.session() as session, transaction(session):
        subscription_id, issue_id = _token_in(console.links, " ".join(subject))
        now = datetime.now(UTC)
        left = unsubscribe.leave(session, subscription_id, issue_id=issue_id or None, network="", now=now, form="mail")
        if left is None:
            raise Refusal("this token was made here, but its reader is gone: nothing to do")
        address, newsletter = left.subscriber.address, left.newsletter.slug
        audit.record(session, ACTOR, "subscription.left", address, newsletter, now)
    console.answer({"address": address, "newsletter": newsletter}, f"{address} does not get {newsletter} any more.")


@command(subscribers, name="show")
@click.argument("address")
def show(console: Console, address: str) -> None:
    """Show everything kept about one ADDRESS."""
    parsed = _address(address)
    with console.session() as session:
        read_only(session)
        hashed = erasure.hashed(console.settings.secret.encode(), parsed.key)
        data = received.file_of(session, parsed.address, parsed.key, hashed)
    console.answer(data, _described(data))


def _token_in(links: Links, subject: str) -> tuple[int, ...]:
    """The ids of the first word that is a token for leaving; mail programs put "Re:" and their like before it."""
    for word in subject.replace("%20", " ").split():
        with contextlib.suppress(BadToken):
            return links.read(Purpose.UNSUBSCRIBE, word.strip("<>\"'"))
    raise Refusal("no token of ours is in this: copy the whole subject of the mail")


def _address(text: str) -> Address:
    try:
        return parse(text)
    except BadAddress as error:
        raise Refusal(str(error)) from None


def _described(data: dict[str, Any]) -> str:
    lines = [data["address"]]
    if suppressed := data["suppressed"]:
        lines.append(f"  suppressed since {suppressed['since']:%Y-%m-%d %H:%M}: {suppressed['reason']}")
    for subscription in data["subscriptions"]:
        lines.append(f"  {subscription['newsletter']}: {subscription['state']}")
        lines += [f"    {proof['at']:%Y-%m-%d %H:%M} {_proof(proof)}" for proof in subscription["consent"]]
    return "\n".join(lines) if len(lines) > 1 else f"Nothing is kept about {data['address']}."


def _proof(proof: dict[str, Any]) -> str:
    parts = (
        proof["event"],
        proof["detail"],
        proof["page"],
        proof["network"] and f"from {proof['network']}",
        proof["wording"],
    )
    return ", ".join(part for part in parts if part)


def newsletter_of(session: Session, slug: str) -> Newsletter:
    """The newsletter of this name. Raises Refusal."""
    newsletter = session.scalar(select(Newsletter).where(Newsletter.slug == slug))
    if newsletter is None:
        raise Refusal(f"there is no newsletter {slug!r}: `postroom newsletters list` names them all")
    return newsletter

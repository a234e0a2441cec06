"""`postroom subscribers …`"""

import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.cli.console import ACTOR, Console, Refusal, command
from mailer.db import read_only, transaction
from mailer.newsletters.models import Newsletter
from mailer.staff import audit
from mailer.subscriptions import dossier, exporting, sheet, suppression
from mailer.subscriptions.address import Address, BadAddress, parse
from mailer.subscriptions.importing import CHUNK, Import, Tally, chunks

PROGRESS_EVERY = 10 * CHUNK


@click.group()
def subscribers() -> None:
    """Readers: take in, give out, look up."""


commands: list[click.Command] = [subscribers]


@command(subscribers, name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("newsletter")
@click.option("--consent", "wording", required=True, help="Where and when these readers agreed. Kept as the proof.")
def import_(console: Console, file: Path, newsletter: str, wording: str) -> None:
    """Take the readers of a CSV file into NEWSLETTER; safe to run again.

    The first line names the columns: email, and if you like topics (slugs, separated by ;), created_at, confirmed_at.
    Who is suppressed or has left stays out.
    """
    if not wording.strip():
        raise Refusal("--consent is empty: write where and when these readers agreed, it is the proof")
    try:
        tally = _import(console, file, newsletter, wording.strip())
    except sheet.BadFile as error:
        raise Refusal(f"{file}: {error}") from None
    console.answer(asdict(tally), _in_words(tally))


def _import(console: Console, path: Path, slug: str, wording: str) -> Tally:
    with console.session() as session, path.open("rb") as file:
        newsletter = _newsletter(session, slug)
        work = Import(
            session,
            newsletter,
            wording=wording,
            file=path.name,
            report=lambda bad: console.note(f"line {bad.line}: {bad.reason}"),
        )
        session.commit()
        sheet.check(file)
        file.seek(0)
        for chunk in chunks(sheet.rows(file, datetime.now(UTC))):
            with transaction(session):
                work.store(chunk, datetime.now(UTC))
            if work.tally.rows % PROGRESS_EVERY == 0:
                console.note(f"{work.tally.rows:,} rows read, {work.tally.imported:,} readers imported")
        return work.tally


def _in_words(tally: Tally) -> str:
    return (
        f"{tally.rows:,} rows: {tally.imported:,} imported, {tally.already:,} were readers already, "
        f"{tally.unsubscribed:,} had left, {tally.suppressed:,} are suppressed, "
        f"{tally.duplicates:,} came twice in the file, {tally.bad:,} bad."
    )


@command(subscribers, name="export")
@click.argument("newsletter")
def export(console: Console, newsletter: str) -> None:
    """Write every reader of NEWSLETTER to standard output, as CSV (with --json as one list)."""
    with console.session() as session:
        read_only(session)
        rows = exporting.readers(session, _newsletter(session, newsletter))
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


@command(subscribers, name="show")
@click.argument("address")
def show(console: Console, address: str) -> None:
    """Show everything kept about one ADDRESS."""
    parsed = _address(address)
    with console.session() as session:
        read_only(session)
        data = {"address": parsed.address, **dossier.of(session, parsed.key)}
    console.answer(data, _described(data))


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
    parts = (proof["event"], proof["page"], proof["network"] and f"from {proof['network']}", proof["wording"])
    return ", ".join(part for part in parts if part)


def _newsletter(session: Session, slug: str) -> Newsletter:
    newsletter = session.scalar(select(Newsletter).where(Newsletter.slug == slug))
    if newsletter is None:
        raise Refusal(f"there is no newsletter {slug!r}: `postroom newsletters list` names them all")
    return newsletter

"""`postroom subscribers import`: readers from a file, and what would become of them."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import click
from sqlalchemy.orm import Session

from mailer.cli.console import Console, Refusal, command
from mailer.cli.subscribers import newsletter_of, subscribers
from mailer.subscriptions import erasure
from mailer.subscriptions.imports import intake
from mailer.subscriptions.imports.intake import Row
from mailer.subscriptions.imports.run import CHUNK, Import, Tally, chunks
from mailer.subscriptions.imports.sheet import BadFile
from mailer.subscriptions.imports.standings import Standing

commands: list[click.Command] = []
"""None of its own: `import` stands in the group `subscribers`."""

PROGRESS_EVERY = 10 * CHUNK

WORDS = {
    "imported": "taken in",
    "already": "readers already",
    "unsubscribed": "left here before: they stay away",
    "suppressed": "suppressed here: nobody may mail them",
    "left_there": "left there: kept as unsubscribed",
    "blocked_there": "bounced or blocked there: suppressed",
    "unconfirmed": "never confirmed there: left out",
    "outside": "contacts there, not readers: left out",
    "duplicates": "came before in the file: the first row counts",
    "bad": "bad rows, named above",
}
MAILED = ("imported", "already")


@dataclass(frozen=True)
class Wish:
    """What the operator asked for."""

    file: Path
    newsletter: str
    consent: str
    standing: Standing | None
    list_: str
    dry_run: bool


@command(subscribers, name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("newsletter")
@click.option("--consent", required=True, help="Where and when these readers agreed. Kept as the proof.")
@click.option(
    "--standing",
    type=click.Choice([standing.value for standing in Standing]),
    help="What all rows of the file are, where the file does not say it.",
)
@click.option("--list", "list_", default="", help="Only the rows of this list, where a file holds several.")
@click.option(
    "--dry-run", is_flag=True, help="Say for each group who will be mailed and who not, and why. Keep nothing."
)
def import_(
    console: Console, file: Path, newsletter: str, consent: str, standing: str | None, list_: str, dry_run: bool
) -> None:
    """Take the readers of a CSV file into NEWSLETTER; safe to run again.

    Reads the exports of listmonk, Mailchimp (each of its files), Ghost and MailPoet as they are, known by their
    columns, with the dates, networks, unsubscribes and blocks in them. Any other sheet needs a column email, and may
    have topics (slugs, separated by ;), created_at, confirmed_at, unsubscribed_at and state, as our own export has.
    """
    if not consent.strip():
        raise Refusal("--consent is empty: write where and when these readers agreed, it is the proof")
    wish = Wish(file, newsletter, consent.strip(), Standing(standing) if standing else None, list_, dry_run)
    try:
        source, tally = _import(console, wish)
    except BadFile as error:
        raise Refusal(f"{file}: {error}") from None
    data = {"system": source.system.name, "dry_run": dry_run, **asdict(tally)}
    console.answer(data, _in_words(source, tally, wish))


def _import(console: Console, wish: Wish) -> tuple[intake.Source, Tally]:
    with console.session() as session, wish.file.open("rb") as file:
        source = _examined(file, wish)
        work = Import(
            session,
            newsletter_of(session, wish.newsletter),
            wording=wish.consent,
            file=wish.file.name,
            report=lambda bad: console.note(f"line {bad.line}: {bad.reason}"),
        )
        session.rollback()
        rows = intake.rows(
            file,
            source,
            datetime.now(UTC),
            name=wish.file.name,
            standing=wish.standing,
            list_=wish.list_,
            precision=console.settings.network_precision,
        )
        for chunk in chunks(rows):
            keys = [row.address.key for row in chunk if isinstance(row, Row)]
            erasure.keep_suppressed(session, console.settings.secret.encode(), keys, datetime.now(UTC))
            work.store(chunk, datetime.now(UTC))
            _end(session, wish)
            if work.tally.rows % PROGRESS_EVERY == 0:
                console.note(f"{work.tally.rows:,} rows read, {work.tally.imported:,} readers taken in")
        return source, work.tally


def _end(session: Session, wish: Wish) -> None:
    if wish.dry_run:
        session.rollback()
    else:
        session.commit()


def _examined(file: BinaryIO, wish: Wish) -> intake.Source:
    source = intake.examine(file)
    if wish.list_ and wish.list_ not in source.lists:
        raise BadFile(f"there is no list {wish.list_!r} in it{_named(source.lists)}")
    if len(source.lists) > 1 and not wish.list_:
        raise BadFile(f"it holds several lists: choose one with --list{_named(source.lists)}")
    return source


def _named(lists: tuple[str, ...]) -> str:
    return f" ({', '.join(lists[:10])})" if lists else ""


def _in_words(source: intake.Source, tally: Tally, wish: Wish) -> str:
    counts = asdict(tally)
    mailed = sum(counts[name] for name in MAILED)
    lines = [
        f"{tally.rows:,} rows, read as {'our own sheet' if source.system.name == 'postroom' else source.system.name}."
        + (" Nothing was kept: this was a dry run." if wish.dry_run else ""),
        f"  Will be mailed: {mailed:,}",
        *(_line(name, counts[name]) for name in MAILED if counts[name]),
        f"  Will not be mailed: {tally.rows - mailed:,}",
        *(_line(name, count) for name, count in counts.items() if count and name in WORDS and name not in MAILED),
    ]
    if source.ignored:
        lines.append(f"  Columns that say nothing to us: {', '.join(source.ignored)}.")
    if source.system.note and wish.standing is None:
        lines.append(f"  {source.system.note}")
    return "\n".join(lines)


def _line(name: str, count: int) -> str:
    return f"    {count:>9,}  {WORDS[name]}"

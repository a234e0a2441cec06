"""The rows of a file of readers, whatever system wrote it: who, where they stood, and the proof that came along."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO

from mailer.subscriptions.address import Address, BadAddress, parse
from mailer.subscriptions.imports import sheet
from mailer.subscriptions.imports.sheet import BadFile, BadRow
from mailer.subscriptions.imports.standings import Standing, System, plain, system_of
from mailer.subscriptions.network import Precision, kept

FIELDS = (
    "email", "topics", "created_at", "confirmed_at", "left_at", "blocked_at", "deleted_at", "reason", "state",
    "list_state", "list", "wants_mail", "request_network", "confirm_network",
)  # fmt: skip
LONGEST_REASON = 200
_GO_TIME = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?)\d* ([+-]\d{4})\b.*")
"""How listmonk writes a moment: 2024-05-01 10:00:00.123456789 +0000 UTC."""


@dataclass(frozen=True)
class Row:
    """One reader. `topics` holds slugs, none for every topic; networks are IP addresses."""

    line: int
    address: Address
    standing: Standing
    topics: tuple[str, ...]
    created_at: datetime | None
    confirmed_at: datetime | None
    left_at: datetime | None
    reason: str
    request_network: str
    confirm_network: str


@dataclass(frozen=True)
class Source:
    """What a file turned out to be."""

    system: System
    columns: dict[str, int]
    ignored: tuple[str, ...]
    lists: tuple[str, ...]


def examine(file: BinaryIO) -> Source:
    """Look through a whole file before a row of it is stored. Raises BadFile."""
    head = sheet.head(file)
    file.seek(0)
    system = system_of(head)
    names = [system.columns.get(plain(name), "") for name in head]
    columns = {name: names.index(name) for name in reversed(names) if name}
    if "email" not in columns:
        raise BadFile("the first line must name the columns, and one of them must be email")
    ignored = tuple(theirs for theirs, ours in zip(head, names, strict=True) if not ours)
    lists = _lists(file, system, columns["list"]) if "list" in columns else ()
    if not lists:
        sheet.check(file)
    file.seek(0)
    return Source(system, columns, ignored, lists)


def rows(
    file: BinaryIO,
    source: Source,
    now: datetime,
    *,
    name: str = "",
    standing: Standing | None = None,
    list_: str = "",
    precision: Precision = "full",
) -> Iterator[Row | BadRow]:
    """Every row under the first line. Raises BadFile.

    `name` is the file's; `standing` says of all rows what the file does not; `list_` leaves out other lists' rows;
    `precision` is what is kept of IP addresses.
    """
    records = sheet.records(file, backslashes=source.system.backslashes)
    next(records, None)
    for record in records:
        if isinstance(record, BadRow):
            yield record
            continue
        line, cells = record
        row = {field: _cell(cells, source.columns.get(field)) for field in FIELDS}
        row |= {field: kept(row[field], precision) for field in ("request_network", "confirm_network")}
        if not list_ or row["list"] == list_:
            yield _row(line, row | {"file": name}, source.system, standing, now)


def _lists(file: BinaryIO, system: System, place: int) -> tuple[str, ...]:
    """The names of the lists in a file, in order; reading it to its end also shows that it can be read."""
    found: dict[str, None] = {}
    records = sheet.records(file, backslashes=system.backslashes)
    next(records, None)
    for record in records:
        if not isinstance(record, BadRow):
            found.setdefault(_cell(record[1], place))
    return tuple(found)


def _cell(cells: list[str], place: int | None) -> str:
    return cells[place] if place is not None and place < len(cells) else ""


def _row(line: int, cells: dict[str, str], system: System, standing: Standing | None, now: datetime) -> Row | BadRow:
    where = standing or system.standing(cells)
    # Who says no is heard, also with a date that cannot be read or lies in another zone's future.
    moment = _moment if where is Standing.SUBSCRIBED else _moment_if_any
    try:
        return Row(
            line,
            parse(cells["email"]),
            where,
            tuple(slug for part in cells["topics"].split(";") if (slug := part.strip())),
            moment(cells["created_at"], "created_at", now),
            moment(cells["confirmed_at"], "confirmed_at", now),
            moment(cells["left_at"] or cells["blocked_at"], "left_at", now),
            cells["reason"][:LONGEST_REASON],
            cells["request_network"],
            cells["confirm_network"],
        )
    except BadAddress as error:
        return BadRow(line, f"{cells['email'][:80]!r}: {error}" if cells["email"] else "there is no address")
    except ValueError as error:
        return BadRow(line, str(error))


def _moment_if_any(text: str, column: str, now: datetime) -> datetime | None:
    try:
        return _moment(text, column, now)
    except ValueError:
        return None


def _moment(text: str, column: str, now: datetime) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(_GO_TIME.sub(r"\1\2", text))
    except ValueError:
        raise ValueError(f"{column} is {text[:40]!r}: write it as 2026-11-24T07:00:00Z") from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if moment > now:
        raise ValueError(f"{column} lies in the future")
    return moment

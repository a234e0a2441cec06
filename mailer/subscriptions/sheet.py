"""A CSV file of readers, read row by row in flat memory. UTF-8 only: a guess would garble names nobody checks again.

The first line names the columns: e-mail, and if they are there topics, created_at, confirmed_at and state. The last one
makes our own export safe to import: whoever is not active in it is not taken in.
"""

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from typing import BinaryIO

from mailer.subscriptions.address import Address, BadAddress, parse

LONGEST_LINE = 64 * 1024

DELIMITERS = ",;\t"

COLUMNS = {
    "email": ("email", "emailaddress", "address", "mail"),
    "topics": ("topics", "topic"),
    "created_at": ("createdat", "created"),
    "confirmed_at": ("confirmedat", "confirmed"),
    "state": ("state",),
}

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet take a cell for a formula."""


class BadFile(ValueError):
    """The file cannot be read; the text says which line, why, and what to do."""


@dataclass(frozen=True)
class Row:
    """One reader. `line` counts from 1; `topics` holds slugs, none for every topic."""

    line: int
    address: Address
    topics: tuple[str, ...]
    created_at: datetime | None
    confirmed_at: datetime | None


@dataclass(frozen=True)
class BadRow:
    """A row that cannot be taken in, and why."""

    line: int
    reason: str


def check(file: BinaryIO) -> None:
    """Read all of the file before a row of it is stored. Raises BadFile for the first line that is not UTF-8."""
    for _ in _lines(file):
        pass


def rows(file: BinaryIO, now: datetime) -> Iterator[Row | BadRow]:
    """Every row under the first line; empty ones are left out. Raises BadFile."""
    records = _records(file)
    first = next(records, None)
    if isinstance(first, BadRow):
        raise BadFile(f"line {first.line}: {first.reason}")
    columns = _columns(first[1] if first else [])
    for record in records:
        if isinstance(record, BadRow):
            yield record
        elif any(cell.strip() for cell in record[1]):
            line, cells = record
            yield _row(line, {name: _cell(cells, place) for name, place in columns.items()}, now)


def neutral(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula; reading it here gives the cell back."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def _records(file: BinaryIO) -> Iterator[tuple[int, list[str]] | BadRow]:
    """The cells of each row with the number of its first line."""
    lines = _lines(file)
    head = next(lines, "")
    reader = csv.reader(chain([head], lines), delimiter=_delimiter(head), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            yield line, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if reader.line_num > line:
                raise BadFile(f"line {line}: a quotation mark opens here and never closes") from None
            yield BadRow(line, str(error))


def _lines(file: BinaryIO) -> Iterator[str]:
    number = 0
    while raw := file.readline(LONGEST_LINE + 1):
        number += 1
        if len(raw) > LONGEST_LINE:
            raise BadFile(f"line {number} is longer than {LONGEST_LINE // 1024} KB: is this a CSV file?")
        if number == 1:
            raw = raw.removeprefix(codecs.BOM_UTF8)
        try:
            yield raw.decode()
        except UnicodeDecodeError:
            raise BadFile(f"line {number} is not UTF-8: save the file as “CSV UTF-8” and import it again") from None


def _delimiter(head: str) -> str:
    """The one that the first line uses most: many countries' spreadsheets write semicolons."""
    return max(DELIMITERS, key=head.count)


def _columns(head: list[str]) -> dict[str, int]:
    names = ["".join(character for character in cell.lower() if character.isalnum()) for cell in head]
    columns = {
        column: names.index(name) for column, known in COLUMNS.items() for name in reversed(known) if name in names
    }
    if "email" not in columns:
        raise BadFile("the first line must name the columns, and one of them must be email")
    return columns


def _cell(cells: list[str], place: int) -> str:
    cell = cells[place].strip() if place < len(cells) else ""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA) else cell


def _row(line: int, cells: dict[str, str], now: datetime) -> Row | BadRow:
    try:
        if (state := cells.get("state", "").lower()) not in ("", "active"):
            return BadRow(line, f"the state is {state}: only active readers are taken in")
        return Row(
            line,
            parse(cells["email"]),
            tuple(slug for part in cells.get("topics", "").split(";") if (slug := part.strip())),
            _moment(cells.get("created_at", ""), "created_at", now),
            _moment(cells.get("confirmed_at", ""), "confirmed_at", now),
        )
    except BadAddress as error:
        return BadRow(line, f"{cells['email'][:80]!r}: {error}" if cells["email"] else "there is no address")
    except ValueError as error:
        return BadRow(line, str(error))


def _moment(text: str, column: str, now: datetime) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{column} is {text[:40]!r}: write it as 2026-11-24T07:00:00Z") from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if moment > now:
        raise ValueError(f"{column} lies in the future")
    return moment

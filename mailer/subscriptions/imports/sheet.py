"""A CSV file, read row by row in flat memory. UTF-8 only: a guess would garble names nobody checks again."""

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO

LONGEST_LINE = 64 * 1024

DELIMITERS = ",;\t"

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet take a cell for a formula."""


class BadFile(ValueError):
    """The file cannot be read; the text says which line, why, and what to do."""


@dataclass(frozen=True)
class BadRow:
    """A row that cannot be taken in, and why. `line` counts from 1."""

    line: int
    reason: str


Record = tuple[int, list[str]]
"""The cells of a row and the number of its first line."""


def check(file: BinaryIO) -> None:
    """Read all of the file before a row of it is stored. Raises BadFile for the first line that is not UTF-8."""
    for _ in _lines(file):
        pass


def head(file: BinaryIO) -> list[str]:
    """The names of the columns: the first line. Raises BadFile."""
    first = next(records(file), None)
    if isinstance(first, BadRow):
        raise BadFile(f"line {first.line}: {first.reason}")
    return first[1] if first else []


def records(file: BinaryIO, *, backslashes: bool = False) -> Iterator[Record | BadRow]:
    """The rows, the first line among them; empty ones are left out. Raises BadFile.

    With `backslashes` a quotation mark inside a cell is written \\", as MailPoet does, instead of doubled.
    """
    lines = _lines(file)
    first = next(lines, "")
    how = {"doublequote": False, "escapechar": "\\"} if backslashes else {}
    reader = csv.reader(chain([first], lines), delimiter=_delimiter(first), strict=True, **how)  # type: ignore[arg-type]
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if reader.line_num > line:
                raise BadFile(f"line {line}: a quotation mark opens here and never closes") from None
            yield BadRow(line, str(error))
        else:
            if any(cell.strip() for cell in cells):
                yield line, [_plain(cell) for cell in cells]


def neutral(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula; reading it here gives the cell back."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def _plain(cell: str) -> str:
    cell = cell.replace("\0", "").strip()  # PostgreSQL keeps no NUL
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA) else cell


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


def _delimiter(first: str) -> str:
    """The one that the first line uses most: many countries' spreadsheets write semicolons."""
    return max(DELIMITERS, key=first.count)

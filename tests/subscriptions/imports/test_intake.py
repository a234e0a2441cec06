"""A CSV file of readers, as spreadsheets and other systems write them."""

import io
from datetime import UTC, datetime

import pytest

from mailer.subscriptions.imports import intake, sheet
from mailer.subscriptions.imports.intake import Row
from mailer.subscriptions.imports.sheet import BadFile, BadRow
from mailer.subscriptions.imports.standings import Standing
from tests.subscriptions.making import NOW


def read(text: str | bytes) -> list[Row | BadRow]:
    data = text if isinstance(text, bytes) else text.encode()
    file = io.BytesIO(data)
    return list(intake.rows(file, intake.examine(file), NOW))


def addresses(text: str | bytes) -> list[str]:
    return [row.address.address for row in read(text) if isinstance(row, Row)]


@pytest.mark.parametrize(
    "head", ["email", "Email", "E-Mail", "e-mail", "Email Address", "email_address", "ADDRESS", "Mail"]
)
def test_the_column_of_addresses_is_found_by_its_usual_names(head: str) -> None:
    assert addresses(f"name,{head}\nMara,mara@ledger.example\n") == ["mara@ledger.example"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_other_delimiters_and_line_ends_are_read(delimiter: str, end: str) -> None:
    assert addresses(end.join([f"email{delimiter}name", f"mara@ledger.example{delimiter}Mara", ""])) == [
        "mara@ledger.example"
    ]


def test_a_byte_order_mark_is_no_part_of_the_name() -> None:
    assert addresses(b"\xef\xbb\xbfemail\nmara@ledger.example") == ["mara@ledger.example"]


def test_empty_lines_are_left_out_and_lines_are_counted_as_an_editor_counts_them() -> None:
    rows = read('email,name\n\nmara@ledger.example,"two\nlines"\nnobody\n,\n')
    assert [(type(row), row.line) for row in rows] == [(Row, 3), (BadRow, 5)]


def test_a_row_holds_topics_and_moments() -> None:
    (row,) = read(
        "email,topics,created_at,confirmed_at\nmara@ledger.example,city; sport ,2024-05-01,2024-05-02T07:00:00+02:00\n"
    )
    assert isinstance(row, Row)
    assert row.topics == ("city", "sport")
    assert row.created_at == datetime(2024, 5, 1, tzinfo=UTC)
    assert row.confirmed_at == datetime(2024, 5, 2, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("mara,,", "'mara': An e-mail address has an @"),
        (",2024-01-01,", "there is no address"),
        ("mara@ledger.example,yesterday,", "created_at is 'yesterday'"),
        ("mara@ledger.example,2027-01-01,", "created_at lies in the future"),
    ],
)
def test_a_bad_row_says_why(line: str, reason: str) -> None:
    (row,) = read(f"email,created_at,state\n{line}\n")
    assert isinstance(row, BadRow)
    assert row.line == 2
    assert row.reason.startswith(reason)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "the first line must name"),
        (b"mara@ledger.example\nlea@ledger.example\n", "the first line must name"),
        ("email\nmara@ledger.example\nmüller@ledger.example\n".encode("latin-1"), "line 3 is not UTF-8"),
        ("email\nmara@ledger.example\n".encode("utf-16"), "line 1 is not UTF-8"),
        (b"email\n" + b"x" * 70_000, "line 2 is longer than 64 KB"),
        (b'email,name\nmara@ledger.example,"' + b"x\n" * 70_000, "line 2: "),
        (b"email\rmara@ledger.example\r", "line 1: "),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_line(data: bytes, says: str) -> None:
    with pytest.raises(BadFile) as refusal:
        read(data)
    assert str(refusal.value).startswith(says)


def test_a_stray_quotation_mark_costs_one_row_and_no_more() -> None:
    rows = read('email,name\nmara@ledger.example,"Mara "K" Ek"\nlea@ledger.example,Lea\n')
    assert [(type(row), row.line) for row in rows] == [(BadRow, 2), (Row, 3)]


def test_a_quotation_mark_that_nobody_closed_swallows_no_readers_in_silence() -> None:
    with pytest.raises(BadFile, match="line 2: "):
        read('email,name\nmara@ledger.example,"Mara\nlea@ledger.example,Lea\n')


def test_the_encoding_is_checked_before_a_row_is_stored() -> None:
    with pytest.raises(BadFile, match="line 4000"):
        sheet.check(io.BytesIO(b"email\n" + b"mara@ledger.example\n" * 3998 + b"\xfcm@ledger.example\n"))


@pytest.mark.parametrize(
    "cell", ["=1+1", "+mara@ledger.example", "-x@ledger.example", "@x", "\tx", "mara@ledger.example"]
)
def test_a_neutral_cell_is_no_formula_and_is_read_back_as_it_was(cell: str) -> None:
    written = sheet.neutral(cell)
    assert written[0] not in "=+-@\t\r"
    ((_, cells),) = [r for r in sheet.records(io.BytesIO(f'"{written}"\n'.encode())) if not isinstance(r, BadRow)]
    assert cells == [cell]


@pytest.mark.parametrize(
    ("state", "standing"),
    [
        ("", Standing.SUBSCRIBED),
        ("active", Standing.SUBSCRIBED),
        ("pending", Standing.UNCONFIRMED),
        ("unsubscribed", Standing.UNSUBSCRIBED),
        ("gone", Standing.OUTSIDE),
    ],
)
def test_our_own_sheet_says_where_a_reader_stands(state: str, standing: Standing) -> None:
    (row,) = read(f"email,state\nmara@ledger.example,{state}\n")
    assert isinstance(row, Row)
    assert row.standing is standing


def test_a_nul_in_a_cell_is_left_out() -> None:
    (row,) = read("email,state\nmara@ledger.example,act\0ive\n")
    assert isinstance(row, Row)
    assert row.standing is Standing.SUBSCRIBED

"""`postroom subscribers`, run as an operator runs it."""

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy.orm import Session

from mailer.cli.subscribers import subscribers
from mailer.newsletters.models import Newsletter
from mailer.subscriptions import audience, suppression
from tests.subscriptions.making import NOW, join


@pytest.fixture
def postroom(database_url: str, tmp_path: Path) -> "Postroom":
    return Postroom({"DATABASE_URL": database_url, "DATA_DIR": str(tmp_path), "SECRET_KEY": "x" * 32})


class Postroom:
    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment

    def __call__(self, *arguments: str | Path) -> Result:
        return CliRunner().invoke(subscribers, [str(argument) for argument in arguments], env=self.environment)


def test_import_answers_in_json_and_names_each_bad_row(
    postroom: Postroom, session: Session, newsletter: Newsletter, tmp_path: Path
) -> None:
    suppression.suppress(session, "never@ledger.example", "complained", NOW)
    session.commit()
    file = tmp_path / "fair.csv"
    file.write_text("email\nmara@ledger.example\nnobody\nnever@ledger.example\nmara@ledger.example\n")
    run = postroom("import", file, "morning", "--consent", "The fair, May 2024", "--json")
    assert run.exit_code == 0, run.output
    assert json.loads(run.stdout) == {
        "rows": 4,
        "imported": 1,
        "already": 0,
        "unsubscribed": 0,
        "suppressed": 1,
        "duplicates": 1,
        "bad": 1,
    }
    assert run.stderr.startswith("line 3: 'nobody': ")


@pytest.mark.parametrize(
    ("text", "arguments", "says"),
    [
        (b"email\n\xfc@ledger.example\n", ("morning", "--consent", "x"), "line 2 is not UTF-8"),
        (b"email\n", ("evening", "--consent", "x"), "there is no newsletter 'evening'"),
        (b"email\n", ("morning", "--consent", " "), "--consent is empty"),
        (b"name\n", ("morning", "--consent", "x"), "the first line must name the columns"),
    ],
)
def test_import_refuses_with_one_sentence(
    postroom: Postroom, newsletter: Newsletter, tmp_path: Path, text: bytes, arguments: tuple[str, ...], says: str
) -> None:
    file = tmp_path / "readers.csv"
    file.write_bytes(text)
    run = postroom("import", file, *arguments)
    assert run.exit_code == 1
    assert says in run.stderr


def test_export_writes_csv_or_one_json_list(postroom: Postroom, session: Session, newsletter: Newsletter) -> None:
    join(session, newsletter)
    (row,) = csv.DictReader(postroom("export", "morning").stdout.splitlines())
    assert row["email"] == "mara@ledger.example"
    assert json.loads(postroom("export", "morning", "--json").stdout) == [row]


def test_export_of_nobody_is_still_csv_and_json(postroom: Postroom, newsletter: Newsletter) -> None:
    assert postroom("export", "morning").stdout.startswith("email,state,")
    assert json.loads(postroom("export", "morning", "--json").stdout) == []


def test_show_tells_everything_kept_about_an_address(
    postroom: Postroom, session: Session, newsletter: Newsletter
) -> None:
    join(session, newsletter)
    suppression.suppress(session, "mara@ledger.example", "complained", NOW)
    session.commit()
    data = json.loads(postroom("show", "MARA@ledger.example", "--json").stdout)
    (subscription,) = data["subscriptions"]
    assert (subscription["newsletter"], subscription["state"]) == ("morning", "active")
    assert subscription["topics"] == ["city"]
    assert [record["event"] for record in subscription["consent"]] == ["requested", "confirmed"]
    assert data["suppressed"]["reason"] == "complained"
    text = postroom("show", "mara@ledger.example").stdout
    assert "morning: active" in text
    assert "complained" in text


def test_show_of_a_stranger_is_empty(postroom: Postroom, newsletter: Newsletter) -> None:
    data = json.loads(postroom("show", "nobody@ledger.example", "--json").stdout)
    assert data == {"address": "nobody@ledger.example", "suppressed": None, "subscriptions": []}
    assert "Nothing is kept" in postroom("show", "nobody@ledger.example").stdout


def test_a_suppressed_address_stays_out_of_every_audience(
    postroom: Postroom, session: Session, newsletter: Newsletter
) -> None:
    join(session, newsletter, "mara@ledger.example")
    assert audience.count(session, newsletter.id, None) == 1
    session.rollback()
    run = postroom("suppress", "Mara@Ledger.example", "--reason", "asked by telephone", "--json")
    assert run.exit_code == 0, run.output
    assert audience.count(session, newsletter.id, None) == 0
    session.rollback()
    assert json.loads(postroom("show", "mara@ledger.example", "--json").stdout)["suppressed"]["reason"] == (
        "asked by telephone"
    )

"""`postroom subscribers`, run as an operator runs it."""

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mailer.cli.subscribers import subscribers
from mailer.newsletters.models import Newsletter
from mailer.subscriptions import audience, suppression
from mailer.subscriptions.models import Subscriber
from tests.subscriptions.imports.test_standings import GHOST, LISTMONK, MAILPOET
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
    answer = json.loads(run.stdout)
    assert {name: count for name, count in answer.items() if count} == {
        "system": "postroom",
        "rows": 4,
        "imported": 1,
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
    nothing: dict[str, object] = {"reader": None, "suppressed": None, "subscriptions": [], "letters": []}
    assert data == {"address": "nobody@ledger.example", **nothing, "deliveries": []}
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


def test_a_dry_run_says_per_group_who_will_be_mailed_and_keeps_nothing(
    postroom: Postroom, session: Session, newsletter: Newsletter, tmp_path: Path
) -> None:
    file = tmp_path / "members.csv"
    file.write_text(GHOST)
    run = postroom("import", file, "morning", "--consent", "The old form", "--dry-run")
    assert run.exit_code == 0, run.output
    assert "3 rows, read as ghost. Nothing was kept: this was a dry run." in run.stdout
    assert "Will be mailed: 1" in run.stdout
    assert "Will not be mailed: 2" in run.stdout
    assert "1  left there: kept as unsubscribed" in run.stdout
    assert "1  contacts there, not readers: left out" in run.stdout
    assert "Columns that say nothing to us: id, name, note" in run.stdout
    assert session.scalar(select(func.count()).select_from(Subscriber)) == 0
    session.rollback()
    assert postroom("import", file, "morning", "--consent", "The old form").exit_code == 0
    assert audience.count(session, newsletter.id, None) == 1


def test_a_file_of_several_lists_asks_for_one(postroom: Postroom, newsletter: Newsletter, tmp_path: Path) -> None:
    file = tmp_path / "mailpoet.csv"
    file.write_text(MAILPOET)
    asked = ("import", file, "morning", "--consent", "The old form")
    run = postroom(*asked)
    assert run.exit_code == 1
    assert "it holds several lists: choose one with --list (Morning, Weekend)" in run.stderr
    assert "there is no list 'Noon' in it" in postroom(*asked, "--list", "Noon").stderr
    assert json.loads(postroom(*asked, "--list", "Morning", "--json").stdout)["imported"] == 2


def test_a_file_that_does_not_say_it_is_named_a_group(
    postroom: Postroom, session: Session, newsletter: Newsletter, tmp_path: Path
) -> None:
    file = tmp_path / "unsubscribed.csv"
    file.write_text(LISTMONK)
    asked = ("import", file, "morning", "--consent", "The old form")
    assert "does not say who left" in postroom(*asked, "--dry-run").stdout
    answer = json.loads(postroom(*asked, "--standing", "unsubscribed", "--json").stdout)
    assert (answer["left_there"], answer["imported"]) == (3, 0)

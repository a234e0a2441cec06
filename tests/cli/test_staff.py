"""`postroom staff`: accounts, roles, and the links that let people in."""

from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.staff.models import AuditEvent, Role
from tests.cli.conftest import Postroom
from tests.web.staffroom import LEA, press


def test_adding_somebody_prints_a_link_that_lets_them_in_once(postroom: Postroom, client: FlaskClient) -> None:
    answer = postroom.answers("staff", "add", LEA, "--role", "editor")
    assert (answer["address"], answer["role"]) == (LEA, "editor")
    assert datetime.fromisoformat(answer["expires_at"]) > datetime.now(UTC)
    path = answer["login_link"].removeprefix("http://localhost:8000")
    assert press(client, path, path).location == "/desk/"
    assert client.get("/desk/").status_code == 200
    assert client.get(path).status_code == 410


def test_the_words_say_the_role_and_the_link(postroom: Postroom) -> None:
    said = postroom.says("staff", "add", LEA, "--role", "operator")
    assert said.startswith(f"{LEA} is operator now.\nLog in once, before ")
    assert "/desk/login/" in said


def test_somebody_who_is_there_already_gets_a_fresh_link_and_keeps_the_role(postroom: Postroom) -> None:
    first = postroom.answers("staff", "add", LEA, "--role", "editor")
    again = postroom.answers("staff", "add", LEA)
    assert again["role"] == "editor"
    assert again["login_link"] != first["login_link"]
    assert "has an account already, as editor. --role changes that." in postroom.says("staff", "add", LEA)


def test_adding_with_another_role_changes_it_and_says_so(postroom: Postroom, session: Session) -> None:
    postroom.says("staff", "add", LEA, "--role", "editor")
    assert f"{LEA} was editor and is administrator now." in postroom.says(
        "staff", "add", LEA, "--role", "administrator"
    )
    actions = session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert actions == ["staff.added", "staff.link_made", "staff.role_changed", "staff.link_made"]


def test_a_new_account_needs_a_role(postroom: Postroom) -> None:
    assert "Say which role: --role editor|operator|administrator." in postroom.refuses("staff", "add", LEA)
    assert "is not one of" in postroom.misused("staff", "add", LEA, "--role", "king")


@pytest.mark.parametrize("address", ["lea", "lea@", "lea ledger.example"])
def test_what_is_no_address_gets_no_account(postroom: Postroom, address: str) -> None:
    assert "is not an address" in postroom.refuses("staff", "add", address, "--role", "editor")
    assert postroom.answers("staff", "list") == []


def test_a_link_is_made_for_those_who_work_here_and_nobody_else(postroom: Postroom) -> None:
    assert "Nobody here has the address" in postroom.refuses("staff", "link", LEA)
    postroom.says("staff", "add", LEA, "--role", "editor")
    assert postroom.answers("staff", "link", LEA.upper())["address"] == LEA


def test_everybody_is_listed_with_the_role(postroom: Postroom) -> None:
    assert "Nobody yet." in postroom.says("staff", "list")
    for name, role in (("zoe", Role.OPERATOR), ("ada", Role.ADMINISTRATOR)):
        postroom.says("staff", "add", f"{name}@ledger.example", "--role", role)
    listed = [(person["address"], person["role"]) for person in postroom.answers("staff", "list")]
    assert listed == [("ada@ledger.example", "administrator"), ("zoe@ledger.example", "operator")]
    assert postroom.says("staff", "list").splitlines()[0] == "administrator  ada@ledger.example"

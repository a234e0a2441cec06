"""`postroom staff …`: who works here, and how they come in."""

from datetime import UTC, datetime

import click
from sqlalchemy.orm import Session

from mailer.cli.console import ACTOR, Console, Refusal, command
from mailer.db import read_only
from mailer.staff import accounts, audit, sessions
from mailer.staff.models import Role, Staff


@click.group()
def staff() -> None:
    """Who works here."""


@command(staff, name="add")
@click.argument("address", metavar="EMAIL")
@click.option("--role", type=click.Choice([role.value for role in Role]), help="Needed for a new account.")
def add(console: Console, address: str, role: str | None) -> None:
    """Open an account, or change its role, and print a login link that works once."""
    now = datetime.now(UTC)
    with console.session() as session:
        person = accounts.find(session, address)
        if person is not None:
            sentence = _change(session, person, role, now)
        else:
            person = _open(session, address, role, now)
            sentence = f"{person.address} is {person.role} now."
        _answer_with_link(console, session, person, sentence, now)


@command(staff, name="link")
@click.argument("address", metavar="EMAIL")
def link(console: Console, address: str) -> None:
    """Print a fresh login link for an account."""
    with console.session() as session:
        person = accounts.find(session, address)
        if person is None:
            raise Refusal(f"Nobody here has the address {address}. `postroom staff add {address} --role …` adds them.")
        _answer_with_link(console, session, person, f"{person.address} is {person.role}.", datetime.now(UTC))


@command(staff, name="list")
def list_(console: Console) -> None:
    """Everybody who works here."""
    with console.session() as session:
        read_only(session)
        people = accounts.everybody(session)
        data = [{"address": p.address, "role": p.role, "active": p.active, "created_at": p.created_at} for p in people]
    lines = [f"{p.role:<14} {p.address}{'' if p.active else '  (closed)'}" for p in people]
    console.answer(data, "\n".join(lines) or "Nobody yet. `postroom staff add EMAIL --role administrator` adds you.")


def _open(session: Session, address: str, role: str | None, now: datetime) -> Staff:
    if role is None:
        raise Refusal(f"{address} has no account yet. Say which role: --role {'|'.join(Role)}.")
    try:
        person = accounts.add(session, address, Role(role), now)
    except accounts.BadAddress as error:
        raise Refusal(f"{address} is not an address: {error}") from None
    audit.record(session, ACTOR, "staff.added", person.address, person.role, now)
    return person


def _change(session: Session, person: Staff, role: str | None, now: datetime) -> str:
    if role is None or role == person.role:
        return f"{person.address} has an account already, as {person.role}. --role changes that."
    was, person.role = person.role, role
    audit.record(session, ACTOR, "staff.role_changed", person.address, f"{was} to {role}", now)
    return f"{person.address} was {was} and is {role} now."


def _answer_with_link(console: Console, session: Session, person: Staff, sentence: str, now: datetime) -> None:
    login = sessions.make_link(session, person, now)
    audit.record(session, ACTOR, "staff.link_made", person.address, "", now)
    session.commit()
    address = console.links.login(login.id)
    data = {"address": person.address, "role": person.role, "login_link": address, "expires_at": login.expires_at}
    console.answer(data, f"{sentence}\nLog in once, before {login.expires_at:%H:%M} UTC: {address}")


commands: list[click.Command] = [staff]

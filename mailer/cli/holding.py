"""`postroom issues hold | unhold | leave-at`: a draft that leaves by itself."""

from datetime import UTC, datetime, time

import click

from mailer.cli.console import ACTOR, Console, Refusal, command
from mailer.cli.issues import find_issue, record
from mailer.cli.newsletters import Read
from mailer.digests import holding
from mailer.newsletters import written
from mailer.newsletters.calendar import zone


@command(name="hold")
@click.argument("number", metavar="ID", type=int)
def hold(console: Console, number: int) -> None:
    """Keep a draft from leaving by itself."""
    now = datetime.now(UTC)
    with console.session() as session:
        issue = find_issue(session, number)
        if not holding.hold(session, number, ACTOR, now):
            raise Refusal(f"Issue {number} does not leave by itself, is held already, or has left.")
        record(session, "issue.held", issue, now)
        session.commit()
        console.answer({"id": number, "held": True}, f"Issue {number} stays here. `postroom issues unhold {number}`.")


@command(name="unhold")
@click.argument("number", metavar="ID", type=int)
def unhold(console: Console, number: int) -> None:
    """Let a held draft go: at its time, or at once when that is over."""
    with console.session() as session:
        issue = find_issue(session, number)
        if not holding.unhold(session, number):
            raise Refusal(f"Nobody holds issue {number}.")
        record(session, "issue.let_go", issue, datetime.now(UTC))
        session.commit()
        console.answer({"id": number, "held": False}, f"Issue {number} leaves by itself again.")


@command(name="leave-at")
@click.argument("number", metavar="ID", type=int)
@click.argument("hour", metavar="HH:MM", type=Read(written.hour))
def leave_at(console: Console, number: int, hour: time) -> None:
    """Let a draft leave by itself at HH:MM, today or tomorrow, by the newsletter's clock."""
    now = datetime.now(UTC)
    with console.session() as session:
        issue = find_issue(session, number)
        moment = holding.next_time(hour, issue.newsletter.timezone, now)
        if not holding.leave_at(session, number, moment):
            raise Refusal(f"Issue {number} is {issue.state}. Only a draft can wait for its time.")
        record(session, "issue.leaves_at", issue, now)
        session.commit()
        local = moment.astimezone(zone(issue.newsletter.timezone))
        console.answer({"id": number, "leaves_at": moment}, f"Issue {number} leaves on {local:%Y-%m-%d at %H:%M}.")


commands: list[click.Command] = [hold, unhold, leave_at]

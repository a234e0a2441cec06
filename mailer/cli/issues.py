"""`postroom issues …`: draft, look, send, hold, call off, and the receipt."""

from datetime import UTC, datetime
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.cli.console import ACTOR, Console, Refusal, command
from mailer.cli.newsletters import find
from mailer.db import read_only
from mailer.delivery import receipt as receipts
from mailer.digests import assembly, release
from mailer.digests.checks import Level, check
from mailer.digests.models import Issue, IssueKind, IssueState
from mailer.digests.selection import NotEnough
from mailer.queue import Job, configure, enqueue
from mailer.staff import audit
from mailer.subscriptions import audience

LISTED = 50


@click.group()
def issues() -> None:
    """Draft, look, send, hold, call off, and the receipt."""


commands: list[click.Command] = [issues]


@command(issues, name="draft")
@click.argument("newsletter")
def draft(console: Console, newsletter: str) -> None:
    """Make a draft of NEWSLETTER from what is new since its last issue."""
    now = datetime.now(UTC)
    with console.session() as session:
        made = assembly.draft(session, find(session, newsletter), schedule=None, slot=None, now=now)
        if isinstance(made, NotEnough):
            raise Refusal(f"{made.sentence} `postroom sources poll {newsletter}` looks for some.")
        record(session, "issue.drafted", made, now)
        session.commit()
        console.answer(_described(made), _printed(made))


@command(issues, name="show")
@click.argument("number", metavar="ID", type=int)
def show(console: Console, number: int) -> None:
    """Show an issue with its articles."""
    with console.session() as session:
        read_only(session)
        issue = find_issue(session, number)
        console.answer(_described(issue), _printed(issue))


@command(issues, name="list")
@click.argument("newsletter", required=False)
def list_(console: Console, newsletter: str | None) -> None:
    """The newest issues, of NEWSLETTER or of all."""
    with console.session() as session:
        read_only(session)
        query = select(Issue).order_by(Issue.id.desc()).limit(LISTED)
        if newsletter is not None:
            query = query.where(Issue.newsletter_id == find(session, newsletter).id)
        found = session.scalars(query).all()
        lines = [f"{i.id:>6}  {i.state:<9}  {i.newsletter.slug}  {i.subject}" for i in found]
        console.answer([_headline(i) for i in found], "\n".join(lines) or "There is no issue yet.")


@command(issues, name="send")
@click.argument("number", metavar="ID", type=int)
def send(console: Console, number: int) -> None:
    """Release a draft: its text is frozen, and every reader of it gets one mail."""
    now = datetime.now(UTC)
    with console.session() as session:
        issue = find_issue(session, number)
        _may_leave(issue)
        if not release.release(session, number, issue.version, ACTOR, now):
            raise Refusal(f"Somebody changed issue {number} just now. `postroom issues show {number}` shows it.")
        record(session, "issue.released", issue, now)
        readers = audience.count(session, issue.newsletter_id, issue.schedule_id)
        session.commit()
    rung = _ring(console, Job.FAN_OUT, number)
    data = {"id": number, "state": IssueState.SENDING.value, "readers": readers, "asked": rung}
    console.answer(data, f"Issue {number} is sending. Readers: {readers:,}.{_later(rung)}")


@command(issues, name="pause")
@click.argument("number", metavar="ID", type=int)
def pause(console: Console, number: int) -> None:
    """Hold an issue that is sending. What is on the wire still arrives."""
    with console.session() as session:
        issue = find_issue(session, number)
        if not release.pause(session, number):
            raise Refusal(f"Issue {number} is {issue.state}. Only one that is sending can be paused.")
        _finish(console, session, issue, "issue.paused")


@command(issues, name="resume")
@click.argument("number", metavar="ID", type=int)
def resume(console: Console, number: int) -> None:
    """Let a paused issue go on."""
    with console.session() as session:
        issue = find_issue(session, number)
        if not release.resume(session, number):
            raise Refusal(f"Issue {number} is {issue.state}. Only a paused one can go on.")
        fanned_out = issue.fanned_out_at is not None
        record(session, "issue.resumed", issue, datetime.now(UTC))
        session.commit()
    rung = _ring(console, Job.SEND) if fanned_out else _ring(console, Job.FAN_OUT, number)
    console.answer(
        {"id": number, "state": IssueState.SENDING.value, "asked": rung}, f"Issue {number} is sending.{_later(rung)}"
    )


@command(issues, name="cancel")
@click.argument("number", metavar="ID", type=int)
def cancel(console: Console, number: int) -> None:
    """Call an issue off. Who has it keeps it, nobody else gets it."""
    with console.session() as session:
        issue = find_issue(session, number)
        if not release.cancel(session, number):
            raise Refusal(f"Issue {number} is {issue.state}. There is nothing to call off.")
        _finish(console, session, issue, "issue.cancelled")


@command(issues, name="receipt")
@click.argument("number", metavar="ID", type=int)
def receipt(console: Console, number: int) -> None:
    """How many readers stand where. The numbers add up to the audience."""
    with console.session() as session:
        read_only(session)
        find_issue(session, number)
        books = receipts.read(session, number).as_dict()
    skipped = books["skipped"]
    lines = [f"{name:<10}{value:>9,}" for name, value in books.items() if name != "skipped"]
    lines += [f"{'skipped':<10}{count:>9,}  {reason}" for reason, count in skipped.items()]
    console.answer(books, "\n".join(lines))


def find_issue(session: Session, number: int) -> Issue:
    """The issue a command names. Raises Refusal."""
    issue = session.get(Issue, number)
    if issue is None:
        raise Refusal(f"There is no issue {number}. `postroom issues list` shows the newest.")
    return issue


def _may_leave(issue: Issue) -> None:
    if issue.state != IssueState.DRAFT:
        raise Refusal(f"Issue {issue.id} is {issue.state}. Only a draft can be sent.")
    if issue.kind == IssueKind.BREAKING:
        raise Refusal("This is breaking news. `postroom issues break` sends it.")
    findings = check(
        subject=issue.subject,
        articles=len(issue.articles),
        sender_address=issue.newsletter.sender_address,
        postal_address=issue.newsletter.postal_address,
    )
    if to_fix := [finding.sentence for finding in findings if finding.level is Level.FIX]:
        raise Refusal(" ".join(to_fix))


def _finish(console: Console, session: Session, issue: Issue, action: str) -> None:
    record(session, action, issue, datetime.now(UTC))
    session.commit()
    session.refresh(issue)
    console.answer({"id": issue.id, "state": issue.state}, f"Issue {issue.id} is {issue.state}.")


def record(session: Session, action: str, issue: Issue, now: datetime) -> None:
    """Write down that the command line did `action` to the issue."""
    audit.record(session, ACTOR, action, f"issue {issue.id}", issue.subject, now)


def _ring(console: Console, job: Job, *ids: int) -> bool:
    configure(console.settings)
    return enqueue(job, *ids)


def _later(rung: bool) -> str:
    return "" if rung else " The queue is away just now; nothing is lost, the sweep begins when it is back."


def _headline(issue: Issue) -> dict[str, Any]:
    return {
        "id": issue.id,
        "newsletter": issue.newsletter.slug,
        "state": issue.state,
        "subject": issue.subject,
        "created_at": issue.created_at,
        "released_at": issue.released_at,
        "sent_at": issue.sent_at,
        "audience": issue.audience,
    }


def _described(issue: Issue) -> dict[str, Any]:
    return {
        **_headline(issue),
        "version": issue.version,
        "preview_line": issue.preview_line,
        "note": issue.note,
        "released_by": issue.released_by,
        "articles": [{"id": a.id, "title": a.title, "url": a.url, "topics": a.topics} for a in issue.articles],
    }


def _printed(issue: Issue) -> str:
    articles = [f"{n:>3}. {article.title}" for n, article in enumerate(issue.articles, 1)]
    return "\n".join([f"Issue {issue.id} of {issue.newsletter.slug}, {issue.state}: {issue.subject}", *articles])

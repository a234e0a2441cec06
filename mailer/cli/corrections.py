"""`postroom issues correct` and `postroom issues break`: a word to readers now."""

from datetime import UTC, datetime
from typing import NoReturn

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.articles.canonical import canonical
from mailer.articles.models import Article
from mailer.cli.console import ACTOR, Console, Refusal, command
from mailer.cli.newsletters import find
from mailer.delivery import audiences
from mailer.digests import breaking, corrections
from mailer.digests.models import Issue
from mailer.queue import Job, configure, enqueue
from mailer.staff import audit

commands: list[click.Command] = []

YES = click.option("--yes", is_flag=True, help="Do not ask.")


@command(name="correct")
@click.argument("article")
@click.argument("text")
@click.option("--retract", is_flag=True, help="Take the article back: no issue brings it any more.")
@click.option("--mail", "slugs", multiple=True, metavar="NEWSLETTER", help="Mail it to readers who received it.")
@YES
def correct(console: Console, article: str, text: str, retract: bool, slugs: tuple[str, ...], yes: bool) -> None:
    """Say TEXT of ARTICLE (its number or its address) in the archive, and mail it, once, to those who have it."""
    with console.session() as session:
        found = _article(session, article)
        if not text.strip():
            raise Refusal("Write what was wrong, and what is right.")
        senders = {each.slug: each for each in corrections.senders(session, found.id)}
        if strange := next((slug for slug in slugs if slug not in senders), ""):
            raise Refusal(f"{strange} did not send this article. These did: {', '.join(senders) or 'none'}.")
        asked = [corrections.prospect(found.id, senders[slug]) for slug in slugs]
        readers = sum(audiences.count(session, issue) for issue in asked)
        session.commit()
    if readers and not yes:
        click.confirm(f"Mail it to those who received it? Readers: {readers:,}.", abort=True, err=True)
    with console.session() as session:
        now = datetime.now(UTC)
        said = corrections.correct(session, found.id, text, retracted=retract, by=ACTOR, now=now)
        _record(session, "article.retracted" if retract else "article.corrected", f"article {found.id}", text, now)
        made = [corrections.mail(session, said.id, senders[slug], ACTOR, now) for slug in slugs if readers]
        issues = [issue.id for issue in made if issue is not None]
        session.commit()
    rung = all(_ring(console, Job.FAN_OUT, issue_id) for issue_id in issues)
    data = {"correction": said.id, "article": found.id, "readers": readers, "issues": issues, "asked": rung}
    told = f" It is on its way. Readers: {readers:,}." if issues else ""
    console.answer(data, f"The archive says it now.{told}{_later(rung)}")


@command(name="break")
@click.argument("newsletter")
@click.argument("article")
@YES
def break_(console: Console, newsletter: str, article: str, yes: bool) -> None:
    """Send ARTICLE (its number or its address) at once to the readers of NEWSLETTER who asked for breaking news."""
    now = datetime.now(UTC)
    with console.session() as session:
        brings = find(session, newsletter)
        try:
            number = breaking.draft(session, brings, _article(session, article).id, now).id
        except breaking.Refused as reason:
            raise Refusal(str(reason)) from None
        reach, budget = breaking.reach(session, brings, now), breaking.budget(session, brings, now)
        if not reach.readers:
            raise Refusal("No reader asked for breaking news of this newsletter yet.")
        if not budget.left:
            raise Refusal(budget.sentence)
        session.commit()
    if not yes:
        question = f"Send it? Readers: {reach.readers:,}, after their quiet hours: {reach.quiet:,}. {budget.sentence}"
        click.confirm(question, abort=True, err=True)
    _send(console, number)
    rung = _ring(console, Job.FAN_OUT_BREAKING, number)
    data = {"id": number, "readers": reach.readers, "quiet": reach.quiet, "too_late": reach.too_late, "asked": rung}
    console.answer(data, f"Issue {number} is leaving. Readers: {reach.readers:,}.{_later(rung)}")


commands += [correct, break_]


def _send(console: Console, number: int) -> None:
    with console.session() as session:
        now, issue = datetime.now(UTC), session.get_one(Issue, number)
        try:
            sent = breaking.send(session, issue, issue.version, ACTOR, now)
        except breaking.Refused as reason:
            raise Refusal(str(reason)) from None
        if not sent:
            raise Refusal(f"Somebody sent issue {number} just now.")
        _record(session, "breaking.sent", f"issue {number}", issue.subject, now)
        session.commit()


def _article(session: Session, reference: str) -> Article:
    try:
        by_number = reference.isascii() and reference.isdecimal()
        which = Article.id == int(reference) if by_number else Article.canonical_url == canonical(reference)
    except ValueError:
        raise Refusal(f"{reference} is neither the number nor the address of an article.") from None
    return session.scalar(select(Article).where(which)) or _missing(reference)


def _missing(reference: str) -> NoReturn:
    raise Refusal(f"There is no article {reference}. Give the number or the address of one that came in.")


def _record(session: Session, action: str, subject: str, detail: str, now: datetime) -> None:
    audit.record(session, ACTOR, action, subject, detail, now)


def _ring(console: Console, job: Job, issue_id: int) -> bool:
    configure(console.settings)
    return enqueue(job, issue_id)


def _later(rung: bool) -> str:
    return "" if rung else " The queue is away just now; nothing is lost, the sweep begins when it is back."

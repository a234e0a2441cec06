"""`postroom newsletters …`: what one can subscribe to."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import click
from sqlalchemy.orm import Session

from mailer.cli.console import ACTOR, Console, Refusal, command
from mailer.db import read_only
from mailer.newsletters import calendar, catalogue, written
from mailer.newsletters.in_words import in_words, leaves_in_words
from mailer.newsletters.models import Disposable, Newsletter, Schedule
from mailer.staff import audit
from mailer.subscriptions.address import parse


class Read(click.ParamType[Any]):
    """A parameter that is read by a function whose ValueError says what to write."""

    name = "text"

    def __init__(self, read: Callable[[str], Any]) -> None:
        self.read = read

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read what was typed; a default may be read already."""
        try:
            return self.read(value) if isinstance(value, str) else value
        except ValueError as error:
            self.fail(str(error), param, ctx)


def _sender(text: str) -> tuple[str, str]:
    name, mailbox = written.sender(text)
    return name, parse(mailbox).address


def _timezone(text: str) -> str:
    return calendar.zone(text).key


@click.group()
def newsletters() -> None:
    """What one can subscribe to."""


commands: list[click.Command] = [newsletters]


@command(newsletters, name="add")
@click.argument("slug", type=Read(written.slug))
@click.option("--title", required=True, type=Read(written.line), help="What readers see.")
@click.option("--from", "sender", required=True, metavar='"NAME <ADDRESS>"', type=Read(_sender), help="Who writes.")
@click.option(
    "--language", default="en", show_default=True, type=Read(written.language), help="A tag like az or pt-BR."
)
@click.option("--timezone", default="UTC", show_default=True, type=Read(_timezone), help="A name like Asia/Baku.")
@click.option("--postal-address", default="", help="Stands at the foot of each issue.")
@click.option("--description", default="", help="One or two sentences for readers.")
def add(console: Console, slug: str, sender: tuple[str, str], **rest: Any) -> None:
    """Make the newsletter SLUG, a name like morning-brief."""
    now = datetime.now(UTC)
    new = catalogue.NewNewsletter(slug, sender_name=sender[0], sender_address=sender[1], **rest)
    with console.session() as session:
        newsletter = catalogue.add(session, new, now)
        if newsletter is None:
            raise Refusal(f"There is a newsletter {slug} already. `postroom newsletters list` shows it.")
        audit.record(session, ACTOR, "newsletter.added", slug, newsletter.title, now)
        session.commit()
        console.answer(
            _described(newsletter), f"{newsletter.title} is there. `postroom sources add {slug} URL` gives it articles."
        )


@command(newsletters, name="list")
def list_(console: Console) -> None:
    """Every newsletter with its schedules."""
    with console.session() as session:
        read_only(session)
        everything = catalogue.everything(session)
        lines = [line for newsletter in everything for line in _lines(newsletter)]
        console.answer([_described(n) for n in everything], "\n".join(lines) or "There is no newsletter yet.")


@command(newsletters, name="admit")
@click.argument("slug")
@click.option("--readers/--no-readers", "takes_readers", default=None, help="Take new readers, or none.")
@click.option(
    "--disposable",
    type=click.Choice([d.value for d in Disposable]),
    help="What to say to addresses that are thrown away after minutes.",
)
def admit(console: Console, slug: str, takes_readers: bool | None, disposable: str | None) -> None:
    """Say who may sign up for the newsletter SLUG. What is left out stays as it is."""
    with console.session() as session:
        newsletter = find(session, slug)
        catalogue.admit(newsletter, takes_readers, Disposable(disposable) if disposable else None)
        said = _admission(newsletter)
        audit.record(session, ACTOR, "newsletter.admits", slug, said, datetime.now(UTC))
        session.commit()
        console.answer(_described(newsletter), said)


def find(session: Session, slug: str) -> Newsletter:
    """The newsletter a command names. Raises Refusal."""
    newsletter = catalogue.by_slug(session, slug)
    if newsletter is None:
        raise Refusal(f"There is no newsletter {slug}. `postroom newsletters list` shows them all.")
    return newsletter


def schedule_facts(schedule: Schedule) -> dict[str, Any]:
    """A schedule for JSON."""
    return {
        "id": schedule.id,
        "title": schedule.title,
        "when": in_words(schedule.rhythm),
        "days": written.days(schedule.weekdays),
        "which": next(word for word, nth in written.WHICH.items() if nth == schedule.nth),
        "month_day": schedule.month_day,
        "at": ",".join(f"{hour:%H:%M}" for hour in schedule.hours),
        "mode": schedule.mode,
        "lead": schedule.lead_minutes,
        "readers_hour": schedule.readers_hour,
        "template": schedule.template,
        "minimum": schedule.minimum_articles,
        "maximum": schedule.maximum_articles,
        "fresh": schedule.freshness_minutes,
        "active": schedule.active,
    }


def schedule_line(schedule: Schedule) -> str:
    """A schedule in words."""
    leaves = leaves_in_words(schedule.mode, schedule.lead_minutes)
    return f"{in_words(schedule.rhythm)}, {leaves}{'' if schedule.active else ', asleep'}"


def _described(newsletter: Newsletter) -> dict[str, Any]:
    return {
        "id": newsletter.id,
        "slug": newsletter.slug,
        "title": newsletter.title,
        "description": newsletter.description,
        "sender_name": newsletter.sender_name,
        "sender_address": newsletter.sender_address,
        "postal_address": newsletter.postal_address,
        "language": newsletter.language,
        "timezone": newsletter.timezone,
        "takes_readers": newsletter.takes_readers,
        "disposable": newsletter.disposable,
        "topics": [topic.slug for topic in newsletter.topics],
        "schedules": [schedule_facts(each) for each in newsletter.schedules],
    }


def _admission(newsletter: Newsletter) -> str:
    readers = "takes new readers" if newsletter.takes_readers else "takes no new readers"
    return f"{newsletter.title} {readers}; disposable addresses: {newsletter.disposable}."


def _lines(newsletter: Newsletter) -> list[str]:
    rhythms = [f"  {each.title}: {schedule_line(each)}" for each in newsletter.schedules]
    return [f"{newsletter.slug}  {newsletter.title}  {newsletter.language}  {newsletter.timezone}", *rhythms]

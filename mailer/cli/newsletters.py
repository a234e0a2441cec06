"""`postroom newsletters …`: what one can subscribe to, and when its issues are due."""

from collections.abc import Callable
from datetime import UTC, datetime, time
from typing import Any

import click
from sqlalchemy.orm import Session

from mailer.cli.console import ACTOR, Console, Refusal, command
from mailer.db import read_only
from mailer.newsletters import calendar, catalogue, written
from mailer.newsletters.models import Disposable, Mode, Newsletter, Schedule
from mailer.staff import audit
from mailer.subscriptions.address import parse

MOST_ARTICLES = 100
A_WEEK = 7 * 24 * 60


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
    """What one can subscribe to, and when its issues are due."""


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


@command(newsletters, name="schedule")
@click.argument("slug")
@click.option("--title", required=True, type=Read(written.line), help='What readers choose, like "Weekdays 07:00".')
@click.option("--days", "weekdays", required=True, type=Read(written.weekdays), help="mon-fri, sat or mon,wed,fri.")
@click.option("--at", "hour", required=True, type=Read(written.hour), help="HH:MM in the newsletter's time zone.")
@click.option("--mode", type=click.Choice([m.value for m in Mode]), default=Mode.BY_HAND.value, show_default=True)
@click.option("--minimum", type=click.IntRange(1, MOST_ARTICLES), default=1, show_default=True, help="Fewest articles.")
@click.option("--maximum", type=click.IntRange(1, MOST_ARTICLES), default=12, show_default=True, help="Most articles.")
@click.option("--fresh", type=click.IntRange(1, A_WEEK), default=240, show_default=True, help="Minutes it may be late.")
def schedule(
    console: Console,
    slug: str,
    title: str,
    weekdays: int,
    hour: time,
    mode: str,
    minimum: int,
    maximum: int,
    fresh: int,
) -> None:
    """Give the newsletter SLUG a rhythm: these days at this hour."""
    if minimum > maximum:
        raise Refusal(f"--minimum {minimum} is more than --maximum {maximum}.")
    now = datetime.now(UTC)
    new = catalogue.NewSchedule(title, weekdays, [hour], Mode(mode), minimum, maximum, fresh)
    with console.session() as session:
        newsletter = find(session, slug)
        made = catalogue.add_schedule(session, newsletter, new, now)
        audit.record(session, ACTOR, "schedule.added", slug, title, now)
        session.commit()
        console.answer(_rhythm(made), f"{newsletter.title} is due {_when(made)}. Time zone: {newsletter.timezone}.")


def find(session: Session, slug: str) -> Newsletter:
    """The newsletter a command names. Raises Refusal."""
    newsletter = catalogue.by_slug(session, slug)
    if newsletter is None:
        raise Refusal(f"There is no newsletter {slug}. `postroom newsletters list` shows them all.")
    return newsletter


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
        "schedules": [_rhythm(each) for each in newsletter.schedules],
    }


def _rhythm(each: Schedule) -> dict[str, Any]:
    return {
        "id": each.id,
        "title": each.title,
        "days": written.days(each.weekdays),
        "at": _hours(each),
        "mode": each.mode,
        "minimum": each.minimum_articles,
        "maximum": each.maximum_articles,
        "fresh": each.freshness_minutes,
        "active": each.active,
    }


def _admission(newsletter: Newsletter) -> str:
    readers = "takes new readers" if newsletter.takes_readers else "takes no new readers"
    return f"{newsletter.title} {readers}; disposable addresses: {newsletter.disposable}."


def _lines(newsletter: Newsletter) -> list[str]:
    rhythms = [f"  {each.title}: {_when(each)}" for each in newsletter.schedules]
    return [f"{newsletter.slug}  {newsletter.title}  {newsletter.language}  {newsletter.timezone}", *rhythms]


def _when(each: Schedule) -> str:
    leaves = "leaves by itself" if each.mode == Mode.AUTOMATIC else "waits for an editor"
    return f"{written.days(each.weekdays)} at {_hours(each)}, {leaves}{'' if each.active else ', asleep'}"


def _hours(each: Schedule) -> str:
    return ",".join(f"{hour:%H:%M}" for hour in each.hours)

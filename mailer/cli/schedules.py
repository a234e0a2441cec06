"""`postroom schedules …` and `postroom holidays …`: when a newsletter's issues are due, and when not."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import click
from sqlalchemy.orm import Session

from mailer.cli.console import ACTOR, Console, Refusal, command
from mailer.cli.newsletters import Read, find, schedule_facts, schedule_line
from mailer.db import read_only
from mailer.digests.models import MOST_ARTICLES
from mailer.digests.outcomes import Outcome, outcomes
from mailer.newsletters import holidays as resting
from mailer.newsletters import schedules as room
from mailer.newsletters import written
from mailer.newsletters.calendar import zone
from mailer.newsletters.in_words import in_words
from mailer.newsletters.models import Holiday, Mode, Newsletter, Schedule
from mailer.newsletters.schedules import Recipe
from mailer.staff import audit

LISTED = 50
"""Holidays in a list."""


@click.group()
def schedules() -> None:
    """When a newsletter's issues are due, and how they leave."""


@click.group()
def holidays() -> None:
    """The days on which a newsletter brings no issue."""


commands: list[click.Command] = [schedules, holidays]

RECIPE = (
    click.option("--days", "weekdays", type=Read(written.weekdays), help="mon-fri, sat or mon,wed,fri."),
    click.option("--which", "nth", type=click.Choice([*written.WHICH]), help="Of the month's weekdays; usually every."),
    click.option("--month-day", type=Read(written.month_day), help="1 to 31, or last; then --days do not count."),
    click.option("--at", "hours", type=Read(written.hours), help="07:00 or 07:00,12:30, by the newsletter's clock."),
    click.option("--mode", type=click.Choice([m.value for m in Mode]), help="How its issues leave; usually by hand."),
    click.option(
        "--lead", "lead_minutes", type=click.IntRange(0, room.LONGEST_LEAD), help="Minutes from draft to slot."
    ),
    click.option("--readers-hour/--one-hour", default=None, help="Readers may choose an hour of their own, or not."),
    click.option("--template", type=Read(written.line), help="How its issues look; usually digest."),
    click.option("--minimum", "minimum_articles", type=click.IntRange(1, MOST_ARTICLES), help="Fewest articles."),
    click.option("--maximum", "maximum_articles", type=click.IntRange(1, MOST_ARTICLES), help="Most articles."),
    click.option(
        "--fresh", "freshness_minutes", type=click.IntRange(1, room.LONGEST_FRESH), help="Minutes it may be late."
    ),
)


def recipe(function: Any) -> Any:
    """Take the options of a recipe."""
    for option in reversed(RECIPE):
        function = option(function)
    return function


@command(schedules, name="add")
@click.argument("slug")
@click.option("--title", required=True, type=Read(written.line), help='What readers choose, like "Weekdays 07:00".')
@recipe
def add(console: Console, slug: str, title: str, **options: Any) -> None:
    """Give the newsletter SLUG a schedule."""
    new = _decided(Recipe(title, 0, []), options)
    now = datetime.now(UTC)
    with console.session() as session:
        newsletter = find(session, slug)
        made = room.add(session, newsletter, new, now)
        audit.record(session, ACTOR, "schedule.added", slug, f"{title}: {in_words(made.rhythm)}", now)
        session.commit()
        said = f"{newsletter.title} is due {in_words(made.rhythm)}. Time zone: {newsletter.timezone}."
        console.answer(schedule_facts(made), said)


@command(schedules, name="change")
@click.argument("number", metavar="ID", type=int)
@click.option("--title", type=Read(written.line), help="What readers choose.")
@recipe
def change(console: Console, number: int, **options: Any) -> None:
    """Change a schedule; what is left out stays. Another rhythm begins now."""
    now = datetime.now(UTC)
    with console.session() as session:
        found = _schedule(session, number)
        changed = room.change(found, _decided(room.recipe_of(found), options), now)
        _record(session, "schedule.changed", found, ", ".join(changed), now)
        session.commit()
        console.answer(
            schedule_facts(found), f"{found.title}: {schedule_line(found)}" if changed else "Nothing was different."
        )


@command(schedules, name="sleep")
@click.argument("number", metavar="ID", type=int)
def sleep(console: Console, number: int) -> None:
    """Let a schedule rest: nothing is due by it until it is woken."""
    with console.session() as session:
        found = _schedule(session, number)
        if not room.sleep(found):
            raise Refusal(f"{found.title} is asleep already.")
        _record(session, "schedule.slept", found, "", datetime.now(UTC))
        session.commit()
        console.answer(schedule_facts(found), f"{found.title} is asleep. `postroom schedules wake {number}` wakes it.")


@command(schedules, name="wake")
@click.argument("number", metavar="ID", type=int)
def wake(console: Console, number: int) -> None:
    """Let it go on, from now."""
    now = datetime.now(UTC)
    with console.session() as session:
        found = _schedule(session, number)
        if not room.wake(found, now):
            raise Refusal(f"{found.title} is awake.")
        _record(session, "schedule.woken", found, "", now)
        session.commit()
        console.answer(schedule_facts(found), f"{found.title} is awake: {schedule_line(found)}.")


@command(schedules, name="slots")
@click.argument("slug")
@click.option("--before", type=int, help="The number of a slot; shows older ones.")
def slots(console: Console, slug: str, before: int | None) -> None:
    """What became of each due moment of the newsletter SLUG, newest first."""
    with console.session() as session:
        read_only(session)
        newsletter = find(session, slug)
        found = outcomes(session, newsletter, before=before)
        lines = [_outcome_line(outcome, newsletter) for outcome in found]
        console.answer([_outcome(each) for each in found], "\n".join(lines) or "Nothing was due yet.")


@command(holidays, name="add")
@click.argument("slug")
@click.argument("day", type=Read(written.day))
@click.argument("title", default="", type=Read(lambda text: written.line(text) if text else ""))
def rest(console: Console, slug: str, day: date, title: str) -> None:
    """Make DAY, like 2027-01-01, a holiday of the newsletter SLUG."""
    with console.session() as session:
        if not resting.add(session, find(session, slug), day, title):
            raise Refusal(f"{day} is a holiday of {slug} already.")
        audit.record(session, ACTOR, "holiday.added", slug, f"{day} {title}".strip(), datetime.now(UTC))
        session.commit()
        console.answer({"day": day, "title": title}, f"Nothing is due on {day}.")


@command(holidays, name="remove")
@click.argument("slug")
@click.argument("day", type=Read(written.day))
def work(console: Console, slug: str, day: date) -> None:
    """Make DAY a day as any other."""
    with console.session() as session:
        if not resting.remove(session, find(session, slug), day):
            raise Refusal(f"{day} is no holiday of {slug}. `postroom holidays list {slug}` shows them.")
        audit.record(session, ACTOR, "holiday.removed", slug, str(day), datetime.now(UTC))
        session.commit()
        console.answer({"day": day}, f"{day} is a day as any other.")


@command(holidays, name="list")
@click.argument("slug")
def list_(console: Console, slug: str) -> None:
    """The next holidays of the newsletter SLUG."""
    with console.session() as session:
        read_only(session)
        newsletter = find(session, slug)
        today = datetime.now(UTC).astimezone(zone(newsletter.timezone)).date()
        found = resting.from_day(session, newsletter.id, today, LISTED)
        lines = [f"{each.day}  {each.title}" for each in found]
        console.answer([_day(each) for each in found], "\n".join(lines) or "No holiday is known.")


def _decided(before: Recipe, options: dict[str, Any]) -> Recipe:
    """The recipe with what was written. Raises Refusal."""
    given = {name: value for name, value in options.items() if value is not None}
    if "nth" in given:
        given["nth"] = written.WHICH[given["nth"]]
    if "mode" in given:
        given["mode"] = Mode(given["mode"])
    if "weekdays" in given:
        given.setdefault("month_day", 0)
    try:
        return room.consistent(replace(before, **given))
    except room.Inconsistent as error:
        raise Refusal(f"{error} `postroom schedules add --help` shows how.") from None


def _schedule(session: Session, number: int) -> Schedule:
    found = session.get(Schedule, number)
    if found is None:
        raise Refusal(f"There is no schedule {number}. `postroom newsletters list` shows them all.")
    return found


def _record(session: Session, action: str, schedule: Schedule, detail: str, now: datetime) -> None:
    subject = f"{schedule.newsletter.slug}: {schedule.title}"
    audit.record(session, ACTOR, action, subject, detail, now)


def _outcome(outcome: Outcome) -> dict[str, Any]:
    slot, issue = outcome.slot, outcome.issue
    return {
        "id": slot.id,
        "schedule": slot.schedule.title,
        "due_at": slot.due_at,
        "state": slot.state,
        "issue": issue.id if issue else None,
        "outcome": outcome.sentence,
    }


def _outcome_line(outcome: Outcome, newsletter: Newsletter) -> str:
    due = outcome.slot.due_at.astimezone(zone(newsletter.timezone))
    return f"{outcome.slot.id:>6}  {due:%Y-%m-%d %H:%M}  {outcome.slot.schedule.title}  {outcome.sentence}"


def _day(holiday: Holiday) -> dict[str, Any]:
    return {"day": holiday.day, "title": holiday.title}

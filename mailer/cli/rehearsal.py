"""`postroom issues dry-run …`: if it ran now."""

from datetime import UTC, datetime
from typing import Any

import click

from mailer.cli.console import Console, Refusal, command
from mailer.cli.newsletters import find
from mailer.db import read_only
from mailer.delivery.forecast import Forecast, forecast
from mailer.digests.rehearsal import Rehearsal, rehearse
from mailer.newsletters.calendar import zone
from mailer.newsletters.models import Newsletter, Schedule


@command(name="dry-run")
@click.argument("slug", metavar="NEWSLETTER")
@click.option("--schedule", "number", type=int, help="The number of a schedule; else the first that is awake.")
def dry_run(console: Console, slug: str, number: int | None) -> None:
    """Say what would come of it if NEWSLETTER ran now: articles in and out, readers, editions. Nothing is changed."""
    now = datetime.now(UTC)
    with console.session() as session:
        read_only(session)
        newsletter = find(session, slug)
        schedule = _schedule(newsletter, number)
        found = rehearse(session, newsletter, schedule, now)
        numbers = forecast(session, found.issue, schedule, now)
        data = _data(newsletter, schedule, found, numbers)
        console.answer(data, "\n".join(_lines(newsletter, schedule, found, numbers)))


commands: list[click.Command] = [dry_run]


def _schedule(newsletter: Newsletter, number: int | None) -> Schedule | None:
    """The one that is meant; None, an issue by hand, when the newsletter has none. Raises Refusal."""
    if number is None:
        return next((each for each in newsletter.schedules if each.active), None)
    found = next((each for each in newsletter.schedules if each.id == number), None)
    if found is None:
        raise Refusal(f"{newsletter.slug} has no schedule {number}. `postroom newsletters list` shows them.")
    return found


def _data(newsletter: Newsletter, schedule: Schedule | None, found: Rehearsal, numbers: Forecast) -> dict[str, Any]:
    return {
        "newsletter": newsletter.slug,
        "schedule": schedule.title if schedule else None,
        "at": found.at,
        "obstacle": found.obstacle,
        "articles": [{"title": each.title, "url": each.url, "heading": each.heading} for each in found.issue.articles],
        "left_out": [
            {"title": each.article.title, "url": each.article.url, "reason": each.reason} for each in found.left_out
        ],
        "readers": numbers.readers,
        "nothing_for": numbers.nothing,
        "own_hour": numbers.own_hour,
        "editions": numbers.editions,
        "largest_editions": numbers.sizes,
        "ends_at": numbers.ends_at,
    }


def _lines(newsletter: Newsletter, schedule: Schedule | None, found: Rehearsal, numbers: Forecast) -> list[str]:
    by = schedule.title if schedule else "by hand"
    verdict = found.obstacle or f"An issue of {len(found.issue.articles)} would be made."
    sizes = ", ".join(f"{size:,}" for size in numbers.sizes)
    end = "nobody knows yet, no issue was sent"
    if numbers.ends_at:
        end = f"{numbers.ends_at.astimezone(zone(newsletter.timezone)):%H:%M:%S}"
    return [
        f"{newsletter.title}, {by}, if it ran now. {verdict}",
        *(f"{place:>3}. {article.title}" for place, article in enumerate(found.issue.articles, 1)),
        *(f"out  {each.article.title}  ({each.reason})" for each in found.left_out),
        f"Readers: {numbers.readers:,}, {numbers.nothing:,} of them chose other topics.",
        f"Editions: {numbers.editions:,}" + (f" (readers: {sizes})." if sizes else "."),
        f"Done at: {end}." + (f" {numbers.own_hour:,} at the hour they chose." if numbers.own_hour else ""),
    ]

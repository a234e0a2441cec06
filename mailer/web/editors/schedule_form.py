"""The form of a schedule: what its fields show, and what was written into them."""

from collections.abc import Mapping
from typing import Any

from flask import request

from mailer.digests.models import MOST_ARTICLES
from mailer.newsletters import schedules as room
from mailer.newsletters import written
from mailer.newsletters.models import Mode
from mailer.newsletters.schedules import Recipe
from mailer.web.editors import fields
from mailer.web.editors.fields import Problems

BY_DAY_OF_MONTH = "day"
"""Beside the words of `written.WHICH`."""

NEW = Recipe(
    title="",
    weekdays=0b0011111,
    hours=[written.hour("07:00")],
    mode=Mode.UNLESS_HELD,
    lead_minutes=room.USUAL_LEAD,
    minimum_articles=3,
)
"""What a new schedule begins with."""

READERS: Mapping[str, fields.Reader] = {
    "title": written.line,
    "hours": written.hours,
    "mode": fields.one_of(*(mode.value for mode in Mode)),
    "lead_minutes": fields.number(0, room.LONGEST_LEAD),
    "readers_hour": fields.ticked,
    "minimum_articles": fields.number(1, MOST_ARTICLES),
    "maximum_articles": fields.number(1, MOST_ARTICLES),
    "freshness_minutes": fields.number(1, room.LONGEST_FRESH),
}

WHICH = fields.one_of(*written.WHICH, BY_DAY_OF_MONTH)

Shown = dict[str, Any]
"""The value of each field, as the page shows it."""


def shown(recipe: Recipe) -> Shown:
    """A recipe as the fields show it."""
    named = next(word for word, nth in written.WHICH.items() if nth == recipe.nth)
    return {
        **{name: str(getattr(recipe, name)) for name in READERS},
        "hours": ", ".join(f"{hour:%H:%M}" for hour in recipe.hours),
        "mode": recipe.mode.value,
        "readers_hour": recipe.readers_hour,
        "template": recipe.template,
        "which": BY_DAY_OF_MONTH if recipe.month_day else named,
        "weekdays": [day for bit, day in enumerate(written.DAYS) if recipe.weekdays >> bit & 1],
        "month_day": str(recipe.month_day or 1),
    }


def typed() -> Shown:
    """What this request says, as the fields show it again."""
    return {
        **{name: request.form.get(name, "") for name in (*READERS, "template", "which", "month_day")},
        "weekdays": request.form.getlist("weekday"),
    }


def read(templates: Mapping[str, str]) -> tuple[Recipe | None, Problems]:
    """The recipe that this request describes, or what is wrong with it by field."""
    values, problems = fields.read({**READERS, "template": fields.one_of(*templates), "which": WHICH, **_month_day()})
    which = values.pop("which", "")
    if problems:
        return None, problems
    values["mode"] = Mode(values["mode"])
    values |= {"weekdays": _weekdays()} | ({} if which == BY_DAY_OF_MONTH else {"nth": written.WHICH[which]})
    try:
        return room.consistent(Recipe(**values)), {}
    except room.Inconsistent as error:
        return None, {error.field: str(error)}


def _month_day() -> dict[str, fields.Reader]:
    """The field counts only where the day of the month was chosen."""
    return {"month_day": written.month_day} if request.form.get("which") == BY_DAY_OF_MONTH else {}


def _weekdays() -> int:
    ticked = request.form.getlist("weekday")
    return sum(1 << bit for bit, day in enumerate(written.DAYS) if day in ticked)

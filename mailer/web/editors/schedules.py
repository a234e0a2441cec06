"""When a newsletter's issues are due: its schedules, its holidays, and what became of each due moment."""

from collections.abc import Mapping

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from mailer.db import db
from mailer.digests.outcomes import PAGE, outcomes
from mailer.newsletters import holidays, written
from mailer.newsletters import schedules as room
from mailer.newsletters.calendar import zone
from mailer.newsletters.in_words import DAYS, in_words, leaves_in_words
from mailer.newsletters.models import Newsletter, Schedule
from mailer.newsletters.written import BadInput
from mailer.staff.models import Role
from mailer.web.access import requires
from mailer.web.editors import fields, looks, schedule_form
from mailer.web.editors.blueprint import desk, newsletter_named, write_down
from mailer.web.editors.fields import Problems
from mailer.web.editors.schedule_form import NEW, Shown
from mailer.web.house import now

Answer = Response | str | tuple[str, int]

NEXT = 5
"""Due moments to come."""
MOST_HOLIDAYS = 50

WHICH = {
    "every": "Every week",
    "first": "The first of the month",
    "second": "The second of the month",
    "third": "The third of the month",
    "fourth": "The fourth of the month",
    "last": "The last of the month",
    schedule_form.BY_DAY_OF_MONTH: "By the day of the month",
}
LONGEST_TITLE = 120


@desk.get("/newsletters/<slug>/schedules")
@requires(Role.EDITOR)
def schedules(slug: str) -> str:
    """The rhythms of a newsletter, what is due next, and what became of what was due."""
    return _page(newsletter_named(slug))


@desk.route("/newsletters/<slug>/schedules/new", methods=["GET", "POST"])
@requires(Role.EDITOR)
def add_schedule(slug: str) -> Answer:
    """Give it another rhythm."""
    newsletter = newsletter_named(slug)
    if request.method == "GET":
        return _form(newsletter, schedule_form.shown(NEW))
    recipe, problems = schedule_form.read(_templates(newsletter))
    if recipe is None:
        return _form(newsletter, schedule_form.typed(), problems), 422
    made = room.add(db.session(), newsletter, recipe, now())
    return _done("schedule.added", made, f"{made.title}: {in_words(made.rhythm)}.")


@desk.route("/schedules/<int:schedule_id>", methods=["GET", "POST"])
@requires(Role.EDITOR)
def schedule(schedule_id: int) -> Answer:
    """Decide anew; another rhythm begins now."""
    found = schedule_numbered(schedule_id)
    if request.method == "GET":
        return _form(found.newsletter, schedule_form.shown(room.recipe_of(found)), found=found)
    recipe, problems = schedule_form.read(_templates(found.newsletter))
    if recipe is None:
        return _form(found.newsletter, schedule_form.typed(), problems, found), 422
    changed = room.change(found, recipe, now())
    if not changed:
        return _back(found.newsletter, "Nothing was different.")
    return _done("schedule.changed", found, f"Saved: {in_words(found.rhythm)}.", ", ".join(changed))


@desk.post("/schedules/<int:schedule_id>/<any(sleep, wake):state>")
@requires(Role.EDITOR)
def rest_schedule(schedule_id: int, state: str) -> Response:
    """Nothing is due by it, or something is again from now on."""
    found = schedule_numbered(schedule_id)
    if state == "sleep" and room.sleep(found):
        return _done("schedule.slept", found, f"{found.title} is asleep. A draft that is made stays as it is.")
    if state == "wake" and room.wake(found, now()):
        return _done("schedule.woken", found, f"{found.title} is awake, from now on.")
    return _back(found.newsletter, "Nothing was different.")


@desk.post("/newsletters/<slug>/holidays")
@requires(Role.EDITOR)
def add_holiday(slug: str) -> Answer:
    """A day without an issue."""
    newsletter = newsletter_named(slug)
    values, problems = fields.read({"day": written.day, "holiday": fields.text(LONGEST_TITLE)})
    if problems:
        return _page(newsletter, problems), 422
    if not holidays.add(db.session(), newsletter, values["day"], values["holiday"]):
        return _page(newsletter, {"day": "This day is a holiday already."}), 422
    write_down("holiday.added", slug, f"{values['day']} {values['holiday']}".strip())
    db.session.commit()
    return _back(newsletter, f"Nothing is due on {values['day']}.")


@desk.post("/newsletters/<slug>/holidays/<day>/remove")
@requires(Role.EDITOR)
def remove_holiday(slug: str, day: str) -> Response:
    """A day as any other again."""
    newsletter = newsletter_named(slug)
    try:
        found = written.day(day)
    except BadInput as error:
        abort(404, description=str(error))
    if holidays.remove(db.session(), newsletter, found):
        write_down("holiday.removed", slug, day)
        db.session.commit()
    return _back(newsletter, f"{day} is a day as any other.")


def schedule_numbered(schedule_id: int) -> Schedule:
    """The schedule of this number; else 404."""
    return db.session.get(Schedule, schedule_id) or abort(404, description="There is no such schedule.")


def _page(newsletter: Newsletter, problems: Problems | None = None) -> str:
    session, moment = db.session(), now()
    before = request.args.get("before", type=int)
    found = outcomes(session, newsletter, before=before)
    return render_template(
        "desk/schedules.html",
        newsletter=newsletter,
        upcoming=room.upcoming(session, newsletter, moment, NEXT),
        holidays=holidays.from_day(
            session, newsletter.id, moment.astimezone(zone(newsletter.timezone)).date(), MOST_HOLIDAYS
        ),
        outcomes=found,
        older=found[-1].slot.id if len(found) == PAGE else None,
        in_words=in_words,
        leaves_in_words=leaves_in_words,
        problems=problems or {},
        typed=request.form,
    )


def _form(newsletter: Newsletter, value: Shown, problems: Problems | None = None, found: Schedule | None = None) -> str:
    return render_template(
        "desk/schedule.html",
        newsletter=newsletter,
        schedule=found,
        value=value,
        problems=problems or {},
        templates=_templates(newsletter),
        which=WHICH,
        days=list(zip(written.DAYS, DAYS, strict=True)),
    )


def _templates(newsletter: Newsletter) -> Mapping[str, str]:
    """What its issues may look like: name and word."""
    return looks.looks(newsletter)


def _done(action: str, schedule: Schedule, sentence: str, detail: str = "") -> Response:
    write_down(action, f"{schedule.newsletter.slug}: {schedule.title}", detail)
    db.session.commit()
    return _back(schedule.newsletter, sentence)


def _back(newsletter: Newsletter, sentence: str) -> Response:
    flash(sentence, "good")
    return redirect(url_for("desk.schedules", slug=newsletter.slug), 303)

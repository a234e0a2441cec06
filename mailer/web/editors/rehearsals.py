"""If it ran now: what a schedule would make at this moment."""

from flask import render_template

from mailer.db import db
from mailer.delivery.forecast import forecast
from mailer.digests.rehearsal import rehearse
from mailer.newsletters.in_words import in_words
from mailer.staff.models import Role
from mailer.web.access import requires
from mailer.web.editors.blueprint import desk
from mailer.web.editors.schedules import schedule_numbered
from mailer.web.house import now


@desk.get("/schedules/<int:schedule_id>/rehearsal")
@requires(Role.EDITOR)
def rehearsal(schedule_id: int) -> str:
    """Articles in and out with reasons, readers, editions, and when it would end. Nothing is changed."""
    schedule, moment = schedule_numbered(schedule_id), now()
    found = rehearse(db.session(), schedule.newsletter, schedule, moment)
    return render_template(
        "desk/rehearsal.html",
        newsletter=schedule.newsletter,
        schedule=schedule,
        words=in_words(schedule.rhythm),
        rehearsal=found,
        forecast=forecast(db.session(), found.issue, schedule, moment),
    )

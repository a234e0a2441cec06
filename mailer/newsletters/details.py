"""What an editor decides about a newsletter after it was made."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from mailer.newsletters.models import Form, Newsletter, Schedule

SAID_BY_FORMS = {"title", "description", "language"}
"""A form whose own text is empty says these: a change is a new version of what its readers agree to."""


@dataclass(frozen=True)
class Details:
    """Every field is read already; the names are those of the columns."""

    title: str
    description: str
    publisher: str
    site_url: str
    sender_name: str
    sender_address: str
    postal_address: str
    language: str
    timezone: str
    takes_readers: bool
    disposable: str
    archive: str
    breaking_cap: int


def change(session: Session, newsletter: Newsletter, decided: Details, now: datetime) -> list[str]:
    """Write what was decided into the newsletter; the names of what is different now.

    On another clock the rhythms begin anew: what is between the old hour and the new one was not missed.
    """
    values = asdict(decided)
    changed = [name for name, value in values.items() if getattr(newsletter, name) != value]
    for name in changed:
        setattr(newsletter, name, values[name])
    if SAID_BY_FORMS.intersection(changed):
        session.execute(update(Form).where(Form.newsletter_id == newsletter.id).values(version=Form.version + 1))
    if "timezone" in changed:
        session.execute(
            update(Schedule).where(Schedule.newsletter_id == newsletter.id).values(starts_at=now, made_until=None)
        )
    return changed

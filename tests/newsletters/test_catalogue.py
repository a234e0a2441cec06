"""Making newsletters and schedules."""

from datetime import time

from sqlalchemy.orm import Session

from mailer.newsletters import catalogue, schedules
from mailer.newsletters.models import Mode
from tests.newsletters.making import NOW


def make(session: Session, slug: str = "morning") -> object:
    new = catalogue.NewNewsletter(slug, "Morning Briefing", "The Harbour Ledger", "briefing@ledger.example")
    made = catalogue.add(session, new, NOW)
    session.commit()
    return made


def test_a_newsletter_is_found_by_its_slug(session: Session) -> None:
    assert make(session) is catalogue.by_slug(session, "morning")
    assert catalogue.by_slug(session, "evening") is None


def test_a_slug_is_given_once(session: Session) -> None:
    assert make(session) is not None
    assert make(session) is None
    assert len(catalogue.everything(session)) == 1


def test_the_list_is_sorted_and_knows_the_schedules(session: Session) -> None:
    make(session, "week")
    make(session, "morning")
    newsletter = catalogue.by_slug(session, "morning")
    assert newsletter is not None
    new = schedules.Recipe("Weekdays 07:00", 0b11111, [time(7)], mode=Mode.AUTOMATIC)
    schedule = schedules.add(session, newsletter, new, NOW)
    session.commit()
    assert schedule.starts_at == NOW
    assert [(n.slug, [s.title for s in n.schedules]) for n in catalogue.everything(session)] == [
        ("morning", ["Weekdays 07:00"]),
        ("week", []),
    ]

"""A newsletter and its rhythm, as rows."""

from datetime import UTC, datetime, time
from typing import Any

from sqlalchemy.orm import Session

from mailer.newsletters.models import MAIN_FORM, Form, Newsletter, Schedule

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
"""A Tuesday."""
EVERY_DAY = 0b1111111


def make_newsletter(session: Session, slug: str = "morning", **given: Any) -> Newsletter:
    newsletter = Newsletter(
        **{
            "slug": slug,
            "title": "Morning Briefing",
            "sender_name": "The Harbour Ledger",
            "sender_address": "briefing@ledger.example",
            "postal_address": "Quayside 4, Port Aster",
            "created_at": NOW,
            "forms": [Form(slug=MAIN_FORM, created_at=NOW)],
            **given,
        }
    )
    session.add(newsletter)
    session.commit()
    return newsletter


def make_schedule(session: Session, newsletter: Newsletter, **given: Any) -> Schedule:
    """Every day at 07:00, unless told otherwise; from NOW on."""
    schedule = Schedule(
        newsletter=newsletter,
        **{"title": "Daily", "weekdays": EVERY_DAY, "hours": [time(7)], "starts_at": NOW, **given},
    )
    session.add(schedule)
    session.commit()
    return schedule

"""What a first run puts into an empty database: two newsletters of the sample newsroom, ready to draft and send."""

from datetime import datetime, time

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from mailer.articles.models import Source
from mailer.config import Settings
from mailer.demo import newsroom
from mailer.newsletters.models import MAIN_FORM, Archive, Form, Mode, Newsletter, Schedule, Topic
from mailer.staff import audit
from mailer.staff.models import AuditEvent

MORNING_BRIEF = "morning-brief"
WEEK_IN_REVIEW = "week-in-review"

_ACTOR = "postroom"
_ACTION = "newsroom.opened"
_WEEKDAYS = 0b0011111
_SATURDAY = 0b0100000


def seed(session: Session, settings: Settings, now: datetime) -> bool:
    """Open the sample newsroom in a database that never had a newsletter. False when there was nothing to do."""
    if opened_at(session) is not None or session.scalar(select(exists(select(Newsletter.id)))):
        return False
    brief = _newsletter(
        MORNING_BRIEF, "Morning Brief", "What Port Aster needs to know, weekdays at seven.", settings, now
    )
    review = _newsletter(WEEK_IN_REVIEW, "Week in Review", "The week in Port Aster, Saturdays at nine.", settings, now)
    brief.breaking_cap = 3
    brief.schedules = [
        _schedule("Weekdays 07:00", _WEEKDAYS, time(7), 8, now),
        _schedule("Saturdays 08:00", _SATURDAY, time(8), 12, now),  # so that there is something less often to choose
    ]
    review.schedules = [_schedule("Saturdays 09:00", _SATURDAY, time(9), 12, now)]
    session.add_all([brief, review, *_sources(brief, settings, now), *_sources(review, settings, now)])
    audit.record(session, _ACTOR, _ACTION, newsroom.TITLE, "Two newsletters to try everything on.", now)
    session.flush()
    return True


def opened_at(session: Session) -> datetime | None:
    """When the newsroom was opened; None before the first seed. The audit remembers, whatever was deleted since."""
    mine = select(func.min(AuditEvent.at)).where(AuditEvent.actor == _ACTOR, AuditEvent.action == _ACTION)
    return session.scalar(mine)


def _newsletter(slug: str, title: str, description: str, settings: Settings, now: datetime) -> Newsletter:
    english = newsroom.words("en")
    return Newsletter(
        slug=slug,
        title=title,
        description=description,
        publisher=newsroom.TITLE,
        site_url=f"{settings.base_url}/demo",
        sender_name=newsroom.TITLE,
        sender_address="briefing@ledger.example",
        postal_address=f"4 Customs Quay, {newsroom.TOWN}",
        language="en",
        timezone=newsroom.TIMEZONE,
        archive=Archive.PUBLIC.value,
        created_at=now,
        forms=[Form(slug=MAIN_FORM, created_at=now)],
        topics=[Topic(slug=s, title=english.sections[s], bit=bit) for bit, s in enumerate(newsroom.SECTIONS)],
    )


def _schedule(title: str, weekdays: int, hour: time, most: int, now: datetime) -> Schedule:
    return Schedule(
        title=title, weekdays=weekdays, hours=[hour], mode=Mode.BY_HAND.value, maximum_articles=most, starts_at=now
    )


def _sources(newsletter: Newsletter, settings: Settings, now: datetime) -> list[Source]:
    """One feed per section."""
    return [
        Source(
            newsletter=newsletter,
            topic=topic,
            url=f"{settings.base_url}/demo/{topic.slug}/feed.rss",
            title=f"{newsroom.TITLE}, {topic.title}",
            created_at=now,
            next_poll_at=now,
        )
        for topic in newsletter.topics
    ]

from datetime import UTC, datetime, time, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from mailer.articles.models import Source
from mailer.config import Settings
from mailer.demo.seed import opened_at, seed
from mailer.newsletters.models import Newsletter

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def test_an_empty_database_gets_two_newsletters_ready_to_send(session: Session, settings: Settings) -> None:
    assert seed(session, settings, NOW)
    brief, review = session.scalars(select(Newsletter).order_by(Newsletter.id))
    assert (brief.slug, review.slug) == ("morning-brief", "week-in-review")
    assert [topic.slug for topic in brief.topics] == ["harbour", "city", "culture", "sport"]
    assert [topic.mask for topic in brief.topics] == [1, 2, 4, 8]
    assert (brief.schedules[0].weekdays, brief.schedules[0].hours) == (0b11111, [time(7)])
    assert (review.schedules[0].weekdays, review.schedules[0].hours) == (0b100000, [time(9)])
    assert brief.schedules[0].starts_at == NOW
    assert "Port Aster" in brief.postal_address


def test_each_topic_is_fed_by_its_section(session: Session, settings: Settings) -> None:
    seed(session, settings, NOW)
    sources = list(session.scalars(select(Source).order_by(Source.id)))
    assert len(sources) == 8
    for source in sources:
        assert source.topic is not None
        assert source.topic.newsletter_id == source.newsletter_id
        assert source.url == f"{settings.base_url}/demo/{source.topic.slug}/feed.rss"
        assert source.next_poll_at == NOW


def test_a_second_run_changes_nothing(session: Session, settings: Settings) -> None:
    seed(session, settings, NOW)
    session.commit()
    renamed = session.scalars(select(Newsletter)).first()
    assert renamed is not None
    renamed.slug = renamed.title = "renamed"
    session.commit()
    assert not seed(session, settings, NOW + timedelta(days=1))
    session.commit()
    assert session.scalar(select(func.count()).select_from(Newsletter)) == 2
    assert opened_at(session) == NOW


def test_what_was_deleted_stays_deleted(session: Session, settings: Settings) -> None:
    seed(session, settings, NOW)
    session.commit()
    session.execute(delete(Newsletter))
    session.commit()
    assert not seed(session, settings, NOW + timedelta(days=1))
    assert opened_at(session) == NOW


def test_a_database_in_use_is_left_alone(session: Session, settings: Settings) -> None:
    session.add(Newsletter(slug="own", title="Own", sender_name="A", sender_address="a@paper.example", created_at=NOW))
    session.commit()
    assert not seed(session, settings, NOW)
    assert opened_at(session) is None

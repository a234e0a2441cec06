"""The one query that says who may be mailed."""

from datetime import time

from sqlalchemy.orm import Session

from mailer.newsletters.models import EVERY_TOPIC, Newsletter, Schedule
from mailer.subscriptions import audience, suppression
from mailer.subscriptions.models import SubscriptionState
from tests.subscriptions.making import NOW, ask, join, make_newsletter


def names(session: Session, newsletter: Newsletter, schedule: Schedule | None = None) -> set[int]:
    rows = session.execute(audience.members(newsletter.id, schedule.id if schedule else None)).all()
    assert len(rows) == audience.count(session, newsletter.id, schedule.id if schedule else None)
    return {row.id for row in rows}


def make_schedule(session: Session, newsletter: Newsletter, title: str) -> Schedule:
    schedule = Schedule(newsletter=newsletter, title=title, weekdays=31, hours=[time(7)], starts_at=NOW)
    session.add(schedule)
    session.commit()
    return schedule


def test_only_confirmed_readers_are_in_it(session: Session, newsletter: Newsletter) -> None:
    ask(session, newsletter, "waits@ledger.example")
    reader = join(session, newsletter, "reads@ledger.example")
    assert names(session, newsletter) == {reader.id}


def test_it_names_the_reader_and_what_they_chose(session: Session, newsletter: Newsletter) -> None:
    reader = join(session, newsletter)
    reader.delivery_hour, reader.timezone = time(7), "Asia/Baku"
    session.flush()
    (row,) = session.execute(audience.members(newsletter.id, None)).all()
    assert tuple(row) == (reader.id, reader.subscriber_id, 1, time(7), "Asia/Baku")


def test_a_paused_reader_is_not_in_it(session: Session, newsletter: Newsletter) -> None:
    join(session, newsletter).state = SubscriptionState.PAUSED
    session.flush()
    assert names(session, newsletter) == set()


def test_a_suppressed_reader_is_in_no_audience(session: Session, newsletter: Newsletter) -> None:
    weekly = make_newsletter(session, "weekly", "The Week")
    join(session, newsletter)
    join(session, weekly)
    suppression.suppress(session, "mara@ledger.example", "the mailbox is gone", NOW)
    assert names(session, newsletter) == names(session, weekly) == set()


def test_suppressing_twice_keeps_the_first_reason(session: Session) -> None:
    suppression.suppress(session, "mara@ledger.example", "complained", NOW)
    suppression.suppress(session, "mara@ledger.example", "the mailbox is gone", NOW)
    found = suppression.find(session, "mara@ledger.example")
    assert found is not None
    assert found.reason == "complained"
    assert suppression.find(session, "mara@ledger.example")
    assert not suppression.find(session, "lea@ledger.example")


def test_readers_of_another_newsletter_are_not_in_it(session: Session, newsletter: Newsletter) -> None:
    weekly = make_newsletter(session, "weekly", "The Week")
    reader = join(session, weekly)
    assert names(session, newsletter) == set()
    assert names(session, weekly) == {reader.id}


def test_a_schedule_reaches_who_chose_it_and_who_chose_none(session: Session, newsletter: Newsletter) -> None:
    weekdays, saturdays = (make_schedule(session, newsletter, title) for title in ("Weekdays", "Saturdays"))
    every, one, other = (join(session, newsletter, f"{name}@ledger.example") for name in ("every", "one", "other"))
    one.schedule_id, other.schedule_id = weekdays.id, saturdays.id
    session.flush()
    assert names(session, newsletter, weekdays) == {every.id, one.id}
    assert names(session, newsletter) == {every.id, one.id, other.id}


def test_a_reader_who_chose_nothing_gets_topics_made_later_too(session: Session, newsletter: Newsletter) -> None:
    assert ask(session, newsletter, topics=EVERY_TOPIC).topics & 1 << 40

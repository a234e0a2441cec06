"""Readers who get an issue at an hour of their own, wherever they are."""

from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mailer.delivery import dispatch, receipt, recovery, sweep
from mailer.delivery.dispatch import LEASE, Result
from mailer.delivery.fanout import fan_out
from mailer.delivery.hours import own_moment
from mailer.delivery.models import Batch, Delivery, DeliveryState
from mailer.delivery.receipt import Receipt
from mailer.digests.models import Issue, IssueState
from mailer.digests.release import release
from mailer.subscriptions.models import Subscription
from tests.delivery.making import NOW, add_readers, draft_of, states
from tests.subscriptions.making import make_newsletter

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("hour", "zone", "released", "moment"),
    [
        (7, "Asia/Baku", "2026-11-24T07:00", "2026-11-25T03:00"),
        (13, "Asia/Baku", "2026-11-24T07:00", "2026-11-24T09:00"),
        (7, "America/New_York", "2026-11-24T07:00", "2026-11-24T12:00"),
        (7, "Pacific/Kiritimati", "2026-11-24T07:00", "2026-11-24T17:00"),
        (7, "UTC", "2026-11-24T07:00", None),
        (7, "UTC", "2026-11-24T07:59", None),  # it is that hour
        (7, "UTC", "2026-11-24T08:00", "2026-11-25T07:00"),
        (7, "UTC", "2026-11-24T06:59", "2026-11-24T07:00"),
        (2, "Europe/Berlin", "2026-03-28T12:00", "2026-03-29T01:00"),  # the clock jumps from two to three
        (2, "Europe/Berlin", "2026-10-24T12:00", "2026-10-25T00:00"),  # two o'clock comes twice, the first counts
        (7, "Pacific/Apia", "2011-12-29T20:00", "2011-12-30T17:00"),  # the 30th never was
        (7, "Port/Aster", "2026-11-24T07:00", None),
    ],
)
def test_the_hour_is_the_first_one_from_the_release_on(hour: int, zone: str, released: str, moment: str | None) -> None:
    expected = moment and datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert own_moment(time(hour), zone, datetime.fromisoformat(released).replace(tzinfo=UTC)) == expected


def wish(session: Session, subscriber_id: int, hour: int, zone: str) -> None:
    mine = update(Subscription).where(Subscription.subscriber_id == subscriber_id)
    session.execute(mine.values(delivery_hour=time(hour), timezone=zone))
    session.commit()


@pytest.fixture
def issue(session: Session) -> Issue:
    """Released at 07:00 UTC to a reader without an hour, and to three who want it at seven by their clocks."""
    newsletter = make_newsletter(session)
    newsletter.timezone = "Asia/Baku"
    at_once, baku, new_york, kiritimati = add_readers(session, newsletter, 4)
    wish(session, baku, 7, "")
    wish(session, new_york, 7, "America/New_York")
    wish(session, kiritimati, 7, "Pacific/Kiritimati")
    found = draft_of(session, newsletter)
    assert release(session, found.id, found.version, "lea", NOW)
    assert fan_out(session, found.id, NOW) == 4
    session.commit()
    assert at_once
    return found


def run(session: Session, now: datetime) -> list[str]:
    """Claim, accept and finish all that is due; to whom it went."""
    sent: list[str] = []
    while (claimed := dispatch.claim(session, "here", now)) is not None:
        held, readers = claimed
        sent += [reader.address for reader in readers]
        dispatch.record(session, held, [Result(r.subscriber_id, DeliveryState.ACCEPTED, "250") for r in readers], now)
        dispatch.finish(session, held, now)
    session.commit()
    return sent


def test_each_reader_is_due_at_their_hour(session: Session, issue: Issue) -> None:
    due = session.scalars(select(Delivery.due_at).order_by(Delivery.subscriber_id)).all()
    hours = [moment and (moment - NOW) / HOUR for moment in due]
    assert hours == [None, 20, 5, 10]


def test_each_reader_gets_it_then_and_nobody_twice(session: Session, issue: Issue) -> None:
    assert run(session, NOW) == ["reader0@mail.example"]
    assert receipt.read(session, issue.id) == Receipt(audience=4, accepted=1, open=3, own_hour=3)
    assert session.scalars(select(Batch.due_at)).one() == NOW + 5 * HOUR
    assert not sweep.has_open(session, NOW + 4 * HOUR)
    assert run(session, NOW + 4 * HOUR) == []
    assert run(session, NOW + 5 * HOUR) == ["reader2@mail.example"]
    assert run(session, NOW + 11 * HOUR) == ["reader3@mail.example"]
    assert sweep.finish(session, NOW + 12 * HOUR) == []
    assert session.get_one(Issue, issue.id, populate_existing=True).state == IssueState.SENDING
    assert run(session, NOW + 20 * HOUR) == ["reader1@mail.example"]
    assert sweep.finish(session, NOW + 20 * HOUR) == [issue.id]


def test_a_lost_machine_leaves_the_hours_of_others_alone(session: Session, issue: Issue) -> None:
    claimed = dispatch.claim(session, "here", NOW)
    assert claimed is not None
    assert recovery.settle_lost(session, NOW + 2 * LEASE) == 1
    assert sorted(states(session, issue).values()) == [DeliveryState.QUEUED] * 3 + [DeliveryState.UNCERTAIN]
    assert session.scalars(select(Batch.due_at)).one() == NOW + 5 * HOUR


def test_a_relay_that_is_down_puts_off_only_what_was_due(session: Session, issue: Issue) -> None:
    claimed = dispatch.claim(session, "here", NOW)
    assert claimed is not None
    assert dispatch.finish(session, claimed[0], NOW, NOW + timedelta(seconds=15))
    assert session.scalars(select(Batch.due_at)).one() == NOW + timedelta(seconds=15)


def test_an_issue_that_everybody_gets_later_waits_as_a_whole(session: Session) -> None:
    newsletter = make_newsletter(session)
    (reader,) = add_readers(session, newsletter, 1)
    wish(session, reader, 9, "UTC")
    found = draft_of(session, newsletter)
    release(session, found.id, found.version, "lea", NOW)
    fan_out(session, found.id, NOW)
    assert session.scalars(select(Batch.due_at)).one() == NOW + 2 * HOUR
    assert sweep.finish(session, NOW + HOUR) == []
    assert run(session, NOW + 2 * HOUR) == ["reader0@mail.example"]


def test_who_wants_none_of_its_topics_waits_for_nothing(session: Session) -> None:
    newsletter = make_newsletter(session)
    (reader,) = add_readers(session, newsletter, 1, topics=2)
    wish(session, reader, 9, "UTC")
    found = draft_of(session, newsletter, 1)
    release(session, found.id, found.version, "lea", NOW)
    fan_out(session, found.id, NOW)
    assert session.scalars(select(Delivery.due_at)).one() is None
    assert sweep.finish(session, NOW) == [found.id]

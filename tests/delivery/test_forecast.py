"""What the fan-out of an issue would find, before there is one."""

from datetime import time, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mailer.delivery.fanout import fan_out
from mailer.delivery.forecast import Forecast, forecast
from mailer.delivery.models import Delivery, DeliveryState
from mailer.digests import release
from mailer.digests.models import Edition, IssueState
from mailer.digests.rehearsal import rehearse
from mailer.newsletters.models import Newsletter
from mailer.subscriptions.models import Subscription
from tests.digests.making import NOW, make_issue, make_source, make_topic, see
from tests.newsletters.making import make_newsletter, make_schedule
from tests.web.newsroom import add_reader

CITY, SPORT, CULTURE = 1, 2, 4


def newsroom(session: Session) -> Newsletter:
    """Two topics with an article each, and readers of one, of both, and of neither."""
    newsletter = make_newsletter(session)
    for bit, slug in enumerate(("city", "sport")):
        see(
            session, make_source(session, newsletter, slug, topic=make_topic(session, newsletter, slug, bit)), slug, NOW
        )
    for number, topics in enumerate((CITY, CITY, CITY, SPORT, CITY | SPORT, CULTURE)):
        reader = add_reader(session, newsletter, f"reader{number}@readers.example")
        session.execute(update(Subscription).where(Subscription.subscriber_id == reader).values(topics=topics))
    session.commit()
    return newsletter


def test_readers_and_editions_are_those_of_the_fan_out(session: Session) -> None:
    newsletter = newsroom(session)
    schedule = make_schedule(session, newsletter)
    found = rehearse(session, newsletter, None, NOW + timedelta(hours=1))
    assert forecast(session, found.issue, schedule, NOW) == Forecast(
        readers=6, nothing=1, own_hour=0, editions=3, sizes=(3, 1, 1), ends_at=None
    )
    session.commit()
    issue = make_issue(session, newsletter, NOW + timedelta(hours=1))
    release.release(session, issue.id, issue.version, "lea@ledger.example", NOW)
    fan_out(session, issue.id, NOW)
    sizes = session.scalars(select(Edition.readers).where(Edition.mask != 0).order_by(Edition.readers.desc())).all()
    assert sizes == [3, 1, 1]


def test_the_end_is_told_by_the_speed_of_the_last_issues(session: Session) -> None:
    newsletter = newsroom(session)
    schedule = make_schedule(session, newsletter)
    issue = make_issue(session, newsletter, NOW)
    issue.state, issue.audience = IssueState.SENT.value, 4
    issue.fanned_out_at, issue.sent_at = NOW, NOW + timedelta(hours=12)
    moments = (10, 20, 30, 12 * 3600)  # the last one at an hour of its own
    session.add_all(
        Delivery(
            issue_id=issue.id,
            subscriber_id=number,
            state=DeliveryState.ACCEPTED.value,
            settled_at=NOW + timedelta(seconds=seconds),
        )
        for number, seconds in enumerate(moments)
    )
    session.commit()
    see(session, make_source(session, newsletter), "For all", NOW + timedelta(hours=1))
    now = NOW + timedelta(hours=2)
    found = rehearse(session, newsletter, schedule, now)
    session.execute(update(Subscription).where(Subscription.topics == CULTURE).values(delivery_hour=time(9)))
    told = forecast(session, found.issue, schedule, now)
    assert (told.readers, told.nothing, told.own_hour) == (6, 0, 1)
    assert told.ends_at == now + timedelta(seconds=50)  # five at once, ten seconds each
    schedule.readers_hour = False
    assert forecast(session, found.issue, schedule, now).own_hour == 0

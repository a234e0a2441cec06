"""While you were away: one issue of what was missed, for readers back from a pause."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mailer.delivery import dispatch
from mailer.delivery.fanout import fan_out
from mailer.delivery.models import Delivery, DeliveryState
from mailer.digests import away
from mailer.digests.models import Issue, IssueState
from mailer.digests.release import release
from mailer.newsletters.models import Newsletter
from mailer.subscriptions import pause, suppression
from mailer.subscriptions.models import Subscription
from tests.delivery.making import NOW, add_readers, draft_of
from tests.newsletters.making import make_schedule
from tests.subscriptions.making import make_newsletter

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
BACK = NOW + 10 * DAY


@pytest.fixture
def newsletter(session: Session) -> Newsletter:
    return make_newsletter(session)


def sent(session: Session, newsletter: Newsletter, at: datetime, *topics: int, schedule_id: int | None = None) -> Issue:
    """An issue that left at that moment, with one article for each mask of topics."""
    issue = draft_of(session, newsletter, *topics)
    issue.schedule_id = schedule_id
    assert release(session, issue.id, 1, "lea", at)
    fan_out(session, issue.id, at)
    session.commit()
    return issue


def of(session: Session, reader: int) -> Subscription:
    mine = select(Subscription).where(Subscription.subscriber_id == reader)
    return session.scalars(mine.execution_options(populate_existing=True)).one()


def rest(session: Session, reader: int, at: datetime = NOW) -> None:
    session.execute(update(Subscription).values(confirmed_at=NOW - 365 * DAY))
    assert pause.pause(session, of(session, reader), at + 30 * DAY, network="", now=at)
    session.commit()


def come_back(session: Session, reader: int, at: datetime = BACK) -> None:
    assert pause.resume(session, of(session, reader), network="", now=at)
    session.commit()


def bring(session: Session, at: datetime = BACK) -> list[Issue]:
    found = [away.bring(session, group, at) for group in away.groups(session)]
    issues = [session.get_one(Issue, issue_id) for issue_id in found if issue_id is not None]
    for issue in issues:
        fan_out(session, issue.id, at)
    session.commit()
    return issues


def told(session: Session, issue: Issue) -> dict[int, list[str]]:
    """The titles that each reader is owed."""
    rows = select(Delivery).where(Delivery.issue_id == issue.id, Delivery.state == DeliveryState.QUEUED.value)
    deliveries = session.scalars(rows.execution_options(populate_existing=True)).all()
    return {d.subscriber_id: [item.title for item in issue.articles if item.bit & d.edition] for d in deliveries}


def test_who_comes_back_is_told_what_they_missed_and_nothing_else(session: Session, newsletter: Newsletter) -> None:
    rested, _ = add_readers(session, newsletter, 2, topics=1)
    sent(session, newsletter, NOW - 3 * DAY, 0)
    rest(session, rested)
    sent(session, newsletter, NOW + DAY, 1, 2)
    sent(session, newsletter, NOW + 2 * DAY, 0)
    come_back(session, rested)
    (issue,) = bring(session)
    assert (issue.subject, issue.released_by, issue.state) == ("While you were away", "system", IssueState.SENDING)
    assert told(session, issue) == {rested: ["Story 2 0", "Story 1 0"]}
    assert of(session, rested).away_from is None


def test_what_changed_its_topics_meanwhile_is_for_the_readers_of_both(session: Session, newsletter: Newsletter) -> None:
    one, other, neither = (add_readers(session, newsletter, 1, topics=mask)[0] for mask in (1, 2, 4))
    for reader in (one, other, neither):
        rest(session, reader)
    first = sent(session, newsletter, NOW + DAY, 1)
    again = draft_of(session, newsletter, 2)
    again.articles[0].article_id = first.articles[0].article_id
    assert release(session, again.id, 1, "lea", NOW + 2 * DAY)
    fan_out(session, again.id, NOW + 2 * DAY)
    for reader in (one, other, neither):
        come_back(session, reader)
    (issue,) = bring(session)
    assert sorted(told(session, issue)) == [one, other]


def test_it_says_so_in_the_newsletters_language(session: Session, newsletter: Newsletter) -> None:
    newsletter.language = "de"
    (reader,) = add_readers(session, newsletter, 1)
    rest(session, reader)
    sent(session, newsletter, NOW + DAY)
    come_back(session, reader)
    assert [issue.subject for issue in bring(session)] == ["Während Sie weg waren"]


def test_each_is_told_since_their_own_pause_at_most_one_issue_full_and_the_leads_first(
    session: Session, newsletter: Newsletter
) -> None:
    long, short = add_readers(session, newsletter, 2)
    schedule = make_schedule(session, newsletter, maximum_articles=3)
    rest(session, long)
    for day in (1, 2, 3):
        sent(session, newsletter, NOW + day * DAY, 0, 0, schedule_id=schedule.id)
        if day == 2:
            rest(session, short, NOW + 2 * DAY + HOUR)
    come_back(session, long)
    come_back(session, short)
    (issue,) = bring(session)
    assert told(session, issue) == {
        long: ["Story 2 0", "Story 1 0", "Story 0 0"],
        short: ["Story 2 0", "Story 2 1"],
    }


def test_what_a_pause_stopped_on_its_way_is_missed_as_well(session: Session, newsletter: Newsletter) -> None:
    (reader,) = add_readers(session, newsletter, 1)
    sent(session, newsletter, NOW)
    rest(session, reader, NOW + HOUR)
    assert dispatch.claim(session, "here", NOW + HOUR) is not None
    come_back(session, reader)
    (issue,) = bring(session)
    assert told(session, issue) == {reader: ["Story 0 0"]}


def test_readers_of_a_schedule_miss_only_its_issues(session: Session, newsletter: Newsletter) -> None:
    every, weekly = add_readers(session, newsletter, 2)
    daily, saturdays = (make_schedule(session, newsletter, title=title) for title in ("Daily", "Saturdays"))
    of(session, weekly).schedule_id = saturdays.id
    for reader in (every, weekly):
        rest(session, reader)
    sent(session, newsletter, NOW + DAY, schedule_id=daily.id)
    sent(session, newsletter, NOW + 2 * DAY, schedule_id=saturdays.id)
    for reader in (every, weekly):
        come_back(session, reader)
    brought = [told(session, issue) for issue in bring(session)]
    assert {weekly: ["Story 1 0"]} in brought
    assert {every: ["Story 1 0", "Story 0 0"]} in brought


@pytest.mark.parametrize(("hour", "made"), [(6, 0), (7, 1), (20, 1), (21, 0)])
def test_it_leaves_by_day_on_the_newsletters_clock(
    session: Session, newsletter: Newsletter, hour: int, made: int
) -> None:
    newsletter.timezone = "Asia/Baku"
    (reader,) = add_readers(session, newsletter, 1)
    rest(session, reader)
    sent(session, newsletter, NOW + DAY)
    come_back(session, reader)
    midnight = datetime.combine(BACK.date(), datetime.min.time(), BACK.tzinfo) - 4 * HOUR
    assert len(bring(session, midnight + hour * HOUR)) == made


def test_who_comes_back_a_little_later_waits_for_the_next_one(session: Session, newsletter: Newsletter) -> None:
    first, second = add_readers(session, newsletter, 2)
    for reader in (first, second):
        rest(session, reader)
    sent(session, newsletter, NOW + DAY)
    come_back(session, first)
    assert len(bring(session)) == 1
    come_back(session, second, BACK + HOUR)
    assert bring(session, BACK + HOUR) == []
    (issue,) = bring(session, BACK + away.APART)
    assert list(told(session, issue)) == [second]


@pytest.mark.parametrize("why", ["nothing was sent", "it was held", "suppressed"])
def test_without_anything_to_tell_nothing_is_sent_and_nobody_waits(
    session: Session, newsletter: Newsletter, why: str
) -> None:
    (reader,) = add_readers(session, newsletter, 1)
    rest(session, reader)
    if why == "it was held":
        sent(session, newsletter, NOW + DAY).articles[0].article.held_at = NOW
    come_back(session, reader)
    if why == "suppressed":
        suppression.suppress(session, "reader0@mail.example", "bounced", NOW)
    assert bring(session) == []
    assert away.groups(session) == []


def test_the_next_issue_does_not_repeat_it(session: Session, newsletter: Newsletter) -> None:
    (reader,) = add_readers(session, newsletter, 1)
    rest(session, reader)
    missed = sent(session, newsletter, NOW + DAY)
    come_back(session, reader)
    bring(session)
    again = draft_of(session, newsletter)
    again.articles[0].article = missed.articles[0].article
    session.commit()
    release(session, again.id, 1, "lea", BACK)
    fan_out(session, again.id, BACK)
    assert session.get_one(Delivery, (again.id, reader)).answer == "received"


def test_a_pause_that_ends_by_itself_counts_from_its_first_day(session: Session, newsletter: Newsletter) -> None:
    (reader,) = add_readers(session, newsletter, 1)
    rest(session, reader)
    pause.pause(session, of(session, reader), NOW + 5 * DAY, network="", now=NOW + 2 * DAY)
    assert pause.resume_over(session, NOW + 5 * DAY, 10) == 1
    session.commit()
    assert of(session, reader).away_from == NOW

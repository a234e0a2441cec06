"""What a reader gets of an issue: what they chose of it, without what they have already."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import time, timedelta

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from mailer.articles.models import Article, Correction
from mailer.delivery import dispatch, receipt, received, recovery
from mailer.delivery.dispatch import Result
from mailer.delivery.editions import lowest
from mailer.delivery.fanout import fan_out
from mailer.delivery.models import Batch, Delivery, DeliveryState
from mailer.delivery.receipt import Receipt
from mailer.digests.models import Edition, Issue, IssueArticle, IssueKind
from mailer.digests.release import release
from mailer.newsletters.models import Newsletter
from mailer.subscriptions.models import Subscription
from tests.delivery.making import NOW, add_readers, draft_of, states
from tests.newsletters.making import make_schedule
from tests.subscriptions.making import make_newsletter

ACCEPTED, REFUSED, UNCERTAIN = DeliveryState.ACCEPTED, DeliveryState.REFUSED, DeliveryState.UNCERTAIN
MINUTE = timedelta(minutes=1)


def issue_of(session: Session, newsletter: Newsletter, articles: Sequence[Article], **given: object) -> Issue:
    """An issue of these articles, released and not fanned out."""
    issue = Issue(newsletter=newsletter, subject="An issue", created_at=NOW, **given)
    for position, article in enumerate(articles):
        issue.articles.append(
            IssueArticle(article_id=article.id, position=position, url=article.url, title=article.title)
        )
    session.add(issue)
    session.flush()
    assert release(session, issue.id, 1, "lea", NOW)
    session.commit()
    return issue


def fanned(session: Session, newsletter: Newsletter, articles: Sequence[Article], **given: object) -> Issue:
    issue = issue_of(session, newsletter, articles, **given)
    fan_out(session, issue.id, NOW)
    session.commit()
    return issue


def send(session: Session, state: DeliveryState = ACCEPTED) -> dict[int, int]:
    """Send all that is due, to this end; each reader's edition."""
    sent: dict[int, int] = {}
    while (claimed := dispatch.claim(session, "here", NOW)) is not None:
        held, readers = claimed
        sent |= {reader.subscriber_id: reader.edition for reader in readers}
        dispatch.record(session, held, [Result(r.subscriber_id, state, "550 5.7.1 No") for r in readers], NOW)
        dispatch.finish(session, held, NOW)
    session.commit()
    return sent


def also_reads(session: Session, reader: int, newsletter: Newsletter) -> None:
    session.add(
        Subscription(
            subscriber_id=reader,
            newsletter_id=newsletter.id,
            state="active",
            created_at=NOW,
            requested_at=NOW,
        )
    )
    session.commit()


def edition_of(session: Session, issue: Issue, reader: int) -> int:
    delivery = session.get_one(Delivery, (issue.id, reader), populate_existing=True)
    session.commit()
    return delivery.edition


@pytest.fixture
def articles(session: Session) -> list[Article]:
    found = [
        Article(
            canonical_url=f"https://x.example/{n}",
            url=f"https://x.example/{n}",
            title=f"Story {n}",
            seen_at=NOW,
            updated_at=NOW,
        )
        for n in range(5)
    ]
    session.add_all(found)
    session.commit()
    return found


@pytest.fixture
def morning(session: Session) -> Newsletter:
    return make_newsletter(session)


@pytest.fixture
def evening(session: Session) -> Newsletter:
    return make_newsletter(session, "evening", "Evening")


def test_what_came_by_another_newsletter_does_not_come_again(
    session: Session, morning: Newsletter, evening: Newsletter, articles: list[Article]
) -> None:
    both, one = add_readers(session, morning, 2)
    also_reads(session, both, evening)
    fanned(session, evening, articles[:2])
    send(session)
    issue = fanned(session, morning, [articles[3], articles[1], articles[0], articles[4]])
    assert send(session) == {both: 0b1001, one: 0b1111}
    assert issue.editions == 2
    counted = select(Edition.mask, Edition.readers).where(Edition.issue_id == issue.id)
    assert dict(session.execute(counted).all()) == {0b1001: 1, 0b1111: 1}


def test_who_has_everything_is_skipped_with_the_reason(
    session: Session, morning: Newsletter, articles: list[Article]
) -> None:
    add_readers(session, morning, 1)
    fanned(session, morning, articles[:2])
    send(session)
    again = fanned(session, morning, articles[1::-1])
    assert receipt.read(session, again.id) == Receipt(audience=1, skipped={"received": 1})
    assert again.editions == 0


@pytest.mark.parametrize(("state", "comes_again"), [(ACCEPTED, 0), (UNCERTAIN, 0), (REFUSED, 1)])
def test_what_may_have_arrived_counts_and_what_was_refused_does_not(
    session: Session, morning: Newsletter, articles: list[Article], state: DeliveryState, comes_again: int
) -> None:
    (reader,) = add_readers(session, morning, 1)
    fanned(session, morning, articles[:1])
    send(session, state)
    assert edition_of(session, fanned(session, morning, articles[:1]), reader) == comes_again


def test_a_near_duplicate_counts_as_the_article_and_comes_once_in_an_issue(
    session: Session, morning: Newsletter, articles: list[Article]
) -> None:
    (reader,) = add_readers(session, morning, 1)
    for article in articles[:3]:
        article.cluster_id = articles[0].id
    session.commit()
    assert edition_of(session, fanned(session, morning, [articles[2], articles[3], articles[1]]), reader) == 0b011
    assert edition_of(session, fanned(session, morning, [articles[0], articles[4]]), reader) == 0b10


def test_a_refused_one_is_tried_again_without_what_came_meanwhile(
    session: Session, morning: Newsletter, articles: list[Article]
) -> None:
    some, all_of_it = add_readers(session, morning, 2)
    first = fanned(session, morning, articles[:2])
    send(session, REFUSED)
    fanned(session, morning, articles[:1])
    send(session)
    session.execute(update(Delivery).where(Delivery.subscriber_id == all_of_it).values(edition=0b01))
    session.commit()
    assert recovery.retry_refused(session, first.id, "550 5.7.1", NOW) == 1
    assert send(session) == {some: 0b10}
    assert receipt.read(session, first.id) == Receipt(audience=2, accepted=1, skipped={"received": 1})


def test_an_issue_that_shares_articles_with_a_hundred_others_knows_them_all(
    session: Session, morning: Newsletter, evening: Newsletter
) -> None:
    (reader,) = add_readers(session, morning, 1)
    drafts = [draft_of(session, morning) for _ in range(100)]
    for issue in drafts:
        release(session, issue.id, 1, "lea", NOW)
        fan_out(session, issue.id, NOW)
    send(session)
    also_reads(session, reader, evening)
    told = [issue.articles[0].article for issue in drafts[::2]]
    issue = fanned(session, evening, [*told, draft_of(session, evening).articles[0].article])
    assert edition_of(session, issue, reader) == 1 << 50


def test_an_article_held_back_after_the_release_does_not_leave(
    session: Session, morning: Newsletter, articles: list[Article]
) -> None:
    (reader,) = add_readers(session, morning, 1)
    issue = fanned(session, morning, articles[:3])
    alone = fanned(session, morning, articles[3:4])
    articles[1].embargo_until, articles[3].retracted_at = NOW + MINUTE, NOW
    session.commit()
    assert send(session) == {reader: 0b101}
    assert edition_of(session, issue, reader) == 0b101
    assert receipt.read(session, alone.id) == Receipt(audience=1, skipped={"withheld": 1})
    counted = select(Edition.issue_id, Edition.mask, Edition.readers)
    assert session.execute(counted).all() == [(issue.id, 0b101, 1)]
    articles[1].embargo_until = None
    session.commit()
    assert edition_of(session, fanned(session, morning, articles[:2]), reader) == 0b10


def test_a_correction_goes_to_those_who_received_the_article_once(
    session: Session, morning: Newsletter, evening: Newsletter, articles: list[Article]
) -> None:
    has_it, left_out, has_other = add_readers(session, morning, 3)
    also_reads(session, has_it, evening)
    fanned(session, morning, articles[:2])
    send(session)
    session.execute(update(Delivery).where(Delivery.subscriber_id == left_out).values(state=REFUSED.value))
    session.execute(update(Delivery).where(Delivery.subscriber_id == has_other).values(edition=0b10))
    articles[0].retracted_at = NOW
    correction = Correction(article_id=articles[0].id, text="It was not so.", at=NOW)
    session.add(correction)
    session.commit()
    for newsletter, told in ((morning, {has_it: 1}), (evening, {})):
        fanned(session, newsletter, articles[:1], kind=IssueKind.CORRECTION.value, correction=correction)
        assert send(session) == told


def test_breaking_news_goes_first_to_those_who_asked_and_waits_for_quiet_hours(
    session: Session, morning: Newsletter, articles: list[Article]
) -> None:
    awake, asleep, other = add_readers(session, morning, 3)
    asked = update(Subscription).where(Subscription.subscriber_id != other)
    session.execute(asked.values(breaking=True, delivery_hour=time(20)))
    quiet = update(Subscription).where(Subscription.subscriber_id == asleep)
    session.execute(quiet.values(quiet_from=time(22), quiet_until=time(9)))
    fanned(session, morning, articles[:1])
    issue = fanned(session, morning, articles[1:2], kind=IssueKind.BREAKING.value)
    due = dict(
        session.execute(select(Delivery.subscriber_id, Delivery.due_at).where(Delivery.issue_id == issue.id)).all()
    )
    assert due == {awake: None, asleep: NOW + timedelta(hours=2)}
    claimed = dispatch.claim(session, "here", NOW)
    assert claimed
    assert claimed[0].issue_id == issue.id
    assert session.get_one(Batch, (issue.id, 0)).priority == 0


def test_a_schedule_without_readers_hours_is_sent_to_all_at_once(
    session: Session, morning: Newsletter, articles: list[Article]
) -> None:
    add_readers(session, morning, 1)
    session.execute(update(Subscription).values(delivery_hour=time(20)))
    schedule = make_schedule(session, morning, readers_hour=False)
    fanned(session, morning, articles[:1], schedule_id=schedule.id)
    assert session.scalars(select(Delivery.due_at)).all() == [None]


def test_two_issues_that_share_an_article_fan_out_at_once_and_nobody_gets_it_twice(
    engine: Engine, session: Session, morning: Newsletter, evening: Newsletter, articles: list[Article]
) -> None:
    readers = add_readers(session, morning, 20)
    for reader in readers:
        also_reads(session, reader, evening)
    articles[1].cluster_id = articles[2].cluster_id = articles[1].id
    session.commit()
    issues = [issue_of(session, morning, articles[:2]), issue_of(session, evening, [articles[2], articles[0]])]

    def race(issue_id: int) -> None:
        with Session(engine) as mine:
            fan_out(mine, issue_id, NOW)
            mine.commit()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(race, [issue.id for issue in issues]))
    queued = [sum(state == DeliveryState.QUEUED for state in states(session, issue).values()) for issue in issues]
    assert sorted(queued) == [0, len(readers)]


def test_what_two_readers_received_counts_for_the_one_they_become(
    session: Session, morning: Newsletter, evening: Newsletter, articles: list[Article]
) -> None:
    old, new = add_readers(session, morning, 2)
    also_reads(session, new, evening)
    shared = fanned(session, morning, articles[:2])
    session.execute(update(Delivery).where(Delivery.subscriber_id == old).values(edition=0b01))
    session.execute(update(Delivery).where(Delivery.subscriber_id == new).values(edition=0b10))
    session.commit()
    send(session)
    waiting = fanned(session, evening, [articles[0], articles[2]])
    all_had = fanned(session, evening, articles[:1])
    assert receipt.read(session, all_had.id).open == 0
    received.follow(session, old, new)
    session.commit()
    assert edition_of(session, shared, new) == 0b11
    assert edition_of(session, waiting, new) == 0b10
    assert all(receipt.read(session, issue.id).balanced for issue in (shared, waiting))


def test_what_only_the_first_of_two_readers_received_is_not_sent_to_the_second(
    session: Session, morning: Newsletter, articles: list[Article]
) -> None:
    old, new = add_readers(session, morning, 2)
    issue = fanned(session, morning, articles[:1])
    send(session)
    session.execute(update(Delivery).where(Delivery.subscriber_id == new).values(state=REFUSED.value))
    session.commit()
    received.follow(session, old, new)
    session.commit()
    assert states(session, issue) == {old: REFUSED, new: ACCEPTED}


@pytest.mark.parametrize(
    ("mask", "bits", "kept"), [(0b1011, 2, 0b0011), (0b1011, 9, 0b1011), (0, 3, 0), (0b100, 1, 0b100)]
)
def test_the_first_articles_of_an_edition_are_its_lowest_bits(mask: int, bits: int, kept: int) -> None:
    assert lowest(mask, bits) == kept

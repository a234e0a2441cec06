"""What has been before a measured digest: many readers with topics of their own, and a month of issues they received.

Made by the database itself, which on PostgreSQL takes a second per 400,000 deliveries.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from random import Random
from string import ascii_lowercase
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    SQLColumnExpression,
    case,
    cast,
    func,
    insert,
    literal,
    select,
    text,
)
from sqlalchemy.orm import Session

from mailer.articles.models import Article
from mailer.db import BigInt
from mailer.delivery.models import Delivery, DeliveryState
from mailer.digests.models import Issue, IssueArticle, IssueState
from mailer.newsletters.models import EVERY_TOPIC, Newsletter, Schedule, Topic
from mailer.subscriptions.models import Subscriber, Subscription, SubscriptionState

ARTICLES = 12
"""Of an issue."""
SHARED = 3
"""Articles of a morning's issue that the evening newsletter brings too."""
BY_NUMBER = 2_654_435_761
"""Multiplied by it, numbers in a row look thrown together, the same in every run."""
SUMMARY = "The tide table for the north channel has been corrected after a reader wrote in. "


@dataclass(frozen=True)
class Past:
    """The newsletter whose next issue is measured. `spread` are articles that some readers have and others have not."""

    newsletter: Newsletter
    spread: Sequence[int]
    deliveries: int


def make(session: Session, subscribers: int, topics: int, days: int, note: Callable[[str], None]) -> Past:
    """A newsletter that comes daily and weekly, an evening one that shares articles with it, and their readers.

    Of the readers half take the daily issue, a quarter the weekly one, a quarter both; every fourth has the evening
    newsletter too, every tenth chose no topics in particular, all others their own among all possible choices.
    """
    now = datetime.now(UTC)
    morning, evening = _newsletter("morning", topics, now), _newsletter("evening", topics, now)
    daily, weekly = _schedule(morning, "Daily", 0b1111111, now), _schedule(morning, "Saturdays", 0b100000, now)
    session.add_all((daily, weekly, evening))
    session.flush()
    _readers(session, subscribers)
    rhythm = case((_every(4, 0), weekly.id), (_every(4, 1), None), else_=daily.id)
    _subscribe(session, morning, topics, rhythm)
    _subscribe(session, evening, topics, literal(None, BigInt), _every(4, 3))
    note(f"{subscribers} readers made")
    made: list[list[int]] = []
    with _in_bulk(session):
        for day in range(days):
            at = now - timedelta(days=days - day)
            made.append(_new_articles(session, day * ARTICLES, at))
            _sent(session, morning, daily, made[-1], at)
            _sent(session, evening, None, made[-1][:SHARED] + _new_articles(session, -day * 9 - 9, at, 9), at)
            if day % 7 == 6:
                _sent(session, morning, weekly, [article for each in made[-7:] for article in each[:2]][:ARTICLES], at)
            note(f"day {day + 1} of {days} made")
    spread = [each[place] for place, each in enumerate(reversed(made[-6:]))]
    return Past(morning, spread, session.scalar(select(func.count()).select_from(Delivery)) or 0)


def issue_of(session: Session, newsletter: Newsletter, schedule: Schedule | None, articles: Sequence[int]) -> Issue:
    """A draft of these articles, as far as there are topics of one each."""
    now = datetime.now(UTC)
    issue = Issue(
        newsletter=newsletter, schedule_id=schedule and schedule.id, subject="What the port did", created_at=now
    )
    found = {article.id: article for article in session.scalars(select(Article).where(Article.id.in_(articles)))}
    for position, article_id in enumerate(articles):
        article = found[article_id]
        copied = {name: getattr(article, name) for name in ("url", "title", "summary", "picture_url", "section")}
        topic = 1 << position % len(newsletter.topics)
        issue.articles.append(IssueArticle(article_id=article_id, position=position, topics=topic, **copied))
    session.add(issue)
    session.flush()
    return issue


def document(number: int, entries: int) -> tuple[str, bytes]:
    """A feed with its address. No two of its entries sound alike."""
    url = f"https://feed-{number}.bench.example/rss"
    thrown = Random(number)  # noqa: S311  # nobody guesses what a made-up feed says
    items = "".join(_item(f"{url}/{entry}", thrown) for entry in range(entries))
    return url, f'<rss version="2.0"><channel><title>Feed {number}</title>{items}</channel></rss>'.encode()


def _item(url: str, thrown: Random) -> str:
    words = ["".join(thrown.choices(ascii_lowercase, k=thrown.randint(2, 9))) for _ in range(50)]
    told = f"<title>{' '.join(words[:9])}</title><description>{' '.join(words[9:])}.</description>"
    return f"<item><link>{url}</link><guid>{url}</guid>{told}</item>"


def _newsletter(slug: str, topics: int, now: datetime) -> Newsletter:
    return Newsletter(
        slug=slug,
        title=f"The {slug} brief",
        publisher="The Bench",
        sender_name="The Bench",
        sender_address=f"{slug}@bench.example",
        postal_address="Bench Street 1",
        created_at=now,
        topics=[Topic(slug=f"topic-{bit}", title=f"Topic {bit}", bit=bit) for bit in range(topics)],
    )


def _schedule(newsletter: Newsletter, title: str, weekdays: int, now: datetime) -> Schedule:
    return Schedule(newsletter=newsletter, title=title, weekdays=weekdays, hours=[time(7)], starts_at=now)


def _readers(session: Session, subscribers: int) -> None:
    numbers = select(literal(1, BigInt).label("number")).cte("numbers", recursive=True)
    numbers = numbers.union_all(select(numbers.c.number + 1).where(numbers.c.number < subscribers))
    address = literal("reader").concat(cast(numbers.c.number, Subscriber.address.type)).concat("@bench.example")
    rows = select(address, address, literal(datetime.now(UTC), Subscriber.created_at.type))
    session.execute(insert(Subscriber).from_select(["address", "address_key", "created_at"], rows))


def _every(nth: int, rest: int) -> ColumnElement[bool]:
    return Subscriber.id % nth == rest


def _subscribe(
    session: Session,
    newsletter: Newsletter,
    topics: int,
    schedule_id: ColumnElement[Any],
    which: ColumnElement[bool] | None = None,
) -> None:
    thrown = (Subscriber.id * (BY_NUMBER + newsletter.id)).bitwise_rshift(literal(7, Integer)) % ((1 << topics) - 1) + 1
    columns: dict[str, SQLColumnExpression[Any]] = {
        "subscriber_id": Subscriber.id,
        "newsletter_id": literal(newsletter.id),
        "state": literal(SubscriptionState.ACTIVE.value),
        "topics": case((_every(10, 7), literal(EVERY_TOPIC, BigInt)), else_=thrown),
        "schedule_id": schedule_id,
        "created_at": Subscriber.created_at,
        "requested_at": Subscriber.created_at,
        "request": literal(1),
    }
    query = select(*columns.values())
    rows = query if which is None else query.where(which)
    session.execute(insert(Subscription).from_select(list(columns), rows.order_by(Subscriber.id)))


def _new_articles(session: Session, first: int, at: datetime, count: int = ARTICLES) -> list[int]:
    articles = []
    for number in range(first, first + count):
        url = f"https://bench.example/{number}"
        title = f"Story {number}: what the harbour learned from the tide"
        articles.append(
            Article(canonical_url=url, url=url, title=title, summary=SUMMARY * 2, seen_at=at, updated_at=at)
        )
    session.add_all(articles)
    session.flush()
    return [article.id for article in articles]


def _sent(
    session: Session, newsletter: Newsletter, schedule: Schedule | None, articles: list[int], at: datetime
) -> None:
    """An issue that its readers received, one in a hundred excepted."""
    issue = issue_of(session, newsletter, schedule, articles)
    issue.state, issue.released_at, issue.fanned_out_at, issue.sent_at = IssueState.SENT.value, at, at, at
    session.flush()
    session.execute(insert(Delivery).from_select(*_deliveries(issue)))


def _deliveries(issue: Issue) -> tuple[list[str], Select[Any]]:
    edition: ColumnElement[int] = literal(0, BigInt)
    for article in issue.articles:
        wanted = Subscription.topics.bitwise_and(literal(article.topics, BigInt)) != 0
        edition = edition.bitwise_or(case((wanted, literal(article.bit, BigInt)), else_=literal(0, BigInt)))
    refused = (Subscription.subscriber_id + issue.id) % 100 == 0
    columns: dict[str, SQLColumnExpression[Any]] = {
        "issue_id": literal(issue.id),
        "subscriber_id": Subscription.subscriber_id,
        "state": case((refused, DeliveryState.REFUSED.value), else_=DeliveryState.ACCEPTED.value),
        "edition": edition,
        "attempts": literal(1),
        "settled_at": literal(issue.released_at, Delivery.settled_at.type),
        "answer": literal("250 2.0.0 Ok"),
    }
    mine = select(*columns.values()).where(Subscription.newsletter_id == issue.newsletter_id)
    if issue.schedule_id is not None:
        mine = mine.where(func.coalesce(Subscription.schedule_id, issue.schedule_id) == issue.schedule_id)
    return list(columns), mine.order_by(Subscription.subscriber_id)


@contextmanager
def _in_bulk(session: Session) -> Iterator[None]:
    """Without the keys of the deliveries, which on PostgreSQL are made faster at the end than row by row."""
    if session.get_bind().dialect.name != "postgresql":
        yield
        return
    keys = session.execute(
        text(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = 'deliveries'::regclass AND contype IN ('p', 'f') ORDER BY contype DESC"
        )
    ).all()
    for name, _ in keys:
        session.execute(text(f"ALTER TABLE deliveries DROP CONSTRAINT {name}"))
    yield
    for name, definition in keys:
        session.execute(text(f"ALTER TABLE deliveries ADD CONSTRAINT {name} {definition}"))

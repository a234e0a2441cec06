"""A released issue with readers, made the quick way."""

from datetime import UTC, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mailer.delivery.fanout import fan_out
from mailer.delivery.models import Delivery, DeliveryState
from mailer.digests.models import Issue, IssueArticle
from mailer.digests.release import release
from mailer.newsletters.models import EVERY_TOPIC, Newsletter
from mailer.subscriptions.models import Subscriber, Subscription, SubscriptionState
from tests.digests.making import make_source, see
from tests.subscriptions.making import make_newsletter

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)


def add_readers(session: Session, newsletter: Newsletter, count: int, topics: int = EVERY_TOPIC) -> list[int]:
    """Active readers; returns their subscriber ids."""
    first = session.query(Subscriber).count()
    addresses = [f"reader{number}@mail.example" for number in range(first, first + count)]
    subscribers = [Subscriber(address=a, address_key=a, created_at=NOW) for a in addresses]
    session.add_all(subscribers)
    session.flush()
    session.add_all(
        Subscription(
            subscriber_id=subscriber.id,
            newsletter_id=newsletter.id,
            state=SubscriptionState.ACTIVE.value,
            topics=topics,
            created_at=NOW,
            requested_at=NOW,
            confirmed_at=NOW,
        )
        for subscriber in subscribers
    )
    session.commit()
    return [subscriber.id for subscriber in subscribers]


def draft_of(session: Session, newsletter: Newsletter, *topics: int) -> Issue:
    """A draft with one article for each mask of topics."""
    number = session.query(Issue).count()
    source = make_source(session, newsletter, f"source-{number}")
    issue = Issue(newsletter=newsletter, subject=f"Issue {number}", created_at=NOW)
    for position, mask in enumerate(topics or (0,)):
        article = see(session, source, f"Story {number} {position}", NOW)
        issue.articles.append(
            IssueArticle(article_id=article.id, position=position, topics=mask, url=article.url, title=article.title)
        )
    session.add(issue)
    session.commit()
    return issue


def sending(session: Session, readers: int = 5, *topics: int) -> Issue:
    """An issue that was released and fanned out to so many readers."""
    newsletter = make_newsletter(session)
    add_readers(session, newsletter, readers)
    issue = draft_of(session, newsletter, *topics)
    assert release(session, issue.id, issue.version, "lea@ledger.example", NOW)
    assert fan_out(session, issue.id, NOW) == readers
    session.commit()
    return issue


def states(session: Session, issue: Issue) -> dict[int, DeliveryState]:
    rows = session.execute(select(Delivery.subscriber_id, Delivery.state).where(Delivery.issue_id == issue.id))
    return {subscriber_id: DeliveryState(state) for subscriber_id, state in rows}


def leave(session: Session, subscriber_id: int) -> None:
    session.execute(
        update(Subscription)
        .where(Subscription.subscriber_id == subscriber_id)
        .values(state=SubscriptionState.UNSUBSCRIBED.value)
    )
    session.commit()

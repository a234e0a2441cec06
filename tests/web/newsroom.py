"""A newsletter with articles on its wire, readers, and a draft: what the desk needs."""

from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from mailer.articles.models import Source
from mailer.digests.models import Issue
from mailer.newsletters.models import Newsletter
from mailer.subscriptions.models import Subscriber, Subscription, SubscriptionState
from tests.digests.making import make_issue, make_source, see
from tests.newsletters.making import make_newsletter

HEADLINES = ("Port expansion passes by one vote", "Night trains return", "River falls below warning level")


def open_newsroom(session: Session, readers: int = 2, headlines: tuple[str, ...] = HEADLINES) -> Newsletter:
    """A newsletter with one source, its articles (the first is the newest), and confirmed readers."""
    newsletter = make_newsletter(session)
    source = make_source(session, newsletter)
    for minutes, headline in enumerate(headlines):
        publish(session, source, headline, minutes_ago=10 + minutes)
    for number in range(readers):
        add_reader(session, newsletter, f"reader{number}@readers.example")
    return newsletter


def publish(session: Session, source: Source, headline: str, minutes_ago: float) -> None:
    at = datetime.now(UTC) - timedelta(minutes=minutes_ago)
    see(session, source, headline, at, summary=f"What is behind “{headline}”.", published_at=at, section="City")


def add_reader(session: Session, newsletter: Newsletter, address: str) -> int:
    now = datetime.now(UTC)
    subscriber = Subscriber(address=address, address_key=address, created_at=now)
    session.add(subscriber)
    session.flush()
    session.add(
        Subscription(
            subscriber_id=subscriber.id,
            newsletter_id=newsletter.id,
            state=SubscriptionState.ACTIVE,
            created_at=now,
            requested_at=now,
            confirmed_at=now,
        )
    )
    session.commit()
    return subscriber.id


def draft_issue(session: Session, newsletter: Newsletter) -> Issue:
    return fresh(session, make_issue(session, newsletter, datetime.now(UTC)))


def fresh(session: Session, issue: Issue) -> Issue:
    """The issue as the database has it now, articles included; no transaction stays open, or the web would wait."""
    session.expire_all()
    found = session.get_one(Issue, issue.id)
    for item in found.articles:
        _ = item.article.title
    session.commit()
    return found

"""A newsletter and its readers, made the way the house makes them."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from mailer.newsletters.models import MAIN_FORM, Form, Newsletter, Topic
from mailer.subscriptions import confirmation, signup
from mailer.subscriptions.address import parse
from mailer.subscriptions.models import OwedLetter, Subscription
from mailer.subscriptions.signup import Asked

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)


def make_newsletter(session: Session, slug: str = "morning", title: str = "Morning Briefing") -> Newsletter:
    newsletter = Newsletter(
        slug=slug,
        title=title,
        description="What the port and the city decided while you slept. Weekdays at 7.",
        publisher="The Harbour Ledger",
        site_url="https://ledger.example",
        sender_name="The Harbour Ledger",
        sender_address="briefing@ledger.example",
        postal_address="Quayside 4, Port Aster",
        created_at=NOW,
        forms=[Form(slug=MAIN_FORM, created_at=NOW)],
    )
    newsletter.topics = [Topic(slug="city", title="City", bit=0), Topic(slug="sport", title="Sport", bit=1)]
    session.add(newsletter)
    session.commit()
    return newsletter


REF = "a secret of a page, long"


def asked(**given: Any) -> Asked:
    """A sign-up in a story of the Ledger."""
    fields: dict[str, Any] = {
        "wording": "Send it to me.",
        "form": "story",
        "form_version": 1,
        "page": "https://ledger.example/story",
        "site": "ledger.example",
        "network": "192.0.2.7",
        "ref": REF,
        "topics": 1,
    }
    return Asked(**{**fields, **given})


def sign_up(
    session: Session, newsletter: Newsletter, address: str = "mara@ledger.example", *, now: datetime = NOW, **given: Any
) -> OwedLetter:
    """Sign up; the letter that answers, as the database holds it."""
    letter_id = signup.request(session, newsletter, parse(address), asked(**given), now=now)
    session.commit()
    return fresh_letter(session, letter_id)


def ask(
    session: Session,
    newsletter: Newsletter,
    address: str = "mara@ledger.example",
    *,
    now: datetime = NOW,
    topics: int = 1,
) -> Subscription:
    """Sign up; the subscription as the database holds it."""
    letter = sign_up(session, newsletter, address, now=now, topics=topics)
    assert letter.subscription_id is not None
    return fresh(session, letter.subscription_id)


def join(session: Session, newsletter: Newsletter, address: str = "mara@ledger.example") -> Subscription:
    """Sign up and confirm."""
    subscription = ask(session, newsletter, address)
    confirmation.confirm(session, subscription.id, subscription.request, network="192.0.2.7", now=NOW)
    session.commit()
    return fresh(session, subscription.id)


def fresh(session: Session, subscription_id: int) -> Subscription:
    """The row as the database holds it now; no transaction stays open, which on SQLite would keep others out."""
    session.expire_all()
    subscription = session.get_one(Subscription, subscription_id)
    session.commit()
    return subscription


def fresh_letter(session: Session, letter_id: int) -> OwedLetter:
    """The same for a letter."""
    session.expire_all()
    letter = session.get_one(OwedLetter, letter_id)
    session.commit()
    return letter

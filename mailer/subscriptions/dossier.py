"""Everything kept about one address."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.newsletters.models import EVERY_TOPIC
from mailer.subscriptions import consent, suppression
from mailer.subscriptions.models import ConsentRecord, Subscriber, Subscription


def of(session: Session, key: str) -> dict[str, Any]:
    """The subscriptions of an address with their proofs, and its suppression or None. `key` is `Address.key`."""
    suppressed = suppression.find(session, key)
    found = session.scalars(
        select(Subscription).join(Subscriber).where(Subscriber.address_key == key).order_by(Subscription.id)
    )
    return {
        "suppressed": suppressed and {"reason": suppressed.reason, "since": suppressed.created_at},
        "subscriptions": [_subscription(session, subscription) for subscription in found.all()],
    }


def _subscription(session: Session, subscription: Subscription) -> dict[str, Any]:
    newsletter = subscription.newsletter
    every = subscription.topics == EVERY_TOPIC
    return {
        "newsletter": newsletter.slug,
        "state": subscription.state,
        "topics": None if every else [topic.slug for topic in newsletter.topics if topic.mask & subscription.topics],
        "created_at": subscription.created_at,
        "confirmed_at": subscription.confirmed_at,
        "unsubscribed_at": subscription.unsubscribed_at,
        "unsubscribed_issue": subscription.unsubscribed_issue_id,
        "confirmation_sent_at": subscription.confirmation_sent_at,
        "consent": [_proof(record) for record in consent.history(session, subscription.id)],
    }


def _proof(record: ConsentRecord) -> dict[str, Any]:
    return {
        "event": record.event,
        "at": record.at,
        "address": record.address,
        "wording": record.wording,
        "wording_sha256": record.wording_hash,
        "page": record.page,
        "form": record.form,
        "network": record.network,
    }

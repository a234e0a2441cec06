"""Everything kept about one address."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.newsletters.models import EVERY_TOPIC
from mailer.subscriptions import consent, preferences
from mailer.subscriptions.models import ConsentRecord, OwedLetter, Subscriber, Subscription, Suppression


def of(session: Session, *keys: str) -> dict[str, Any]:
    """The reader, their subscriptions with all choices and proofs, the letters to them, and the suppression.

    Without `deliveries`, of which the delivery room knows. `keys` are `Address.key` and its hash, for who was erased.
    """
    reader = session.scalar(select(Subscriber).where(Subscriber.address_key.in_(keys)))
    suppressed = session.scalar(select(Suppression).where(Suppression.address_key.in_(keys)).limit(1))
    return {
        "reader": reader and _reader(reader),
        "suppressed": suppressed and {"reason": suppressed.reason, "since": suppressed.created_at},
        "subscriptions": [_subscription(session, each) for each in _of(session, Subscription, reader)],
        "letters": [_letter(each) for each in _of(session, OwedLetter, reader)],
    }


def _of(session: Session, table: Any, reader: Subscriber | None) -> Any:
    if reader is None:
        return ()
    return session.scalars(select(table).where(table.subscriber_id == reader.id).order_by(table.id)).all()


def _reader(reader: Subscriber) -> dict[str, Any]:
    return {
        "number": reader.id,
        "address": reader.address,
        "plain_text_only": reader.plain_text,
        "not_counted": reader.uncounted,
        "since": reader.created_at,
    }


def _subscription(session: Session, subscription: Subscription) -> dict[str, Any]:
    newsletter = subscription.newsletter
    every = subscription.topics == EVERY_TOPIC
    titles = {schedule.id: schedule.title for schedule in newsletter.schedules}
    return {
        "newsletter": newsletter.slug,
        "title": newsletter.title,
        "state": subscription.state,
        "topics": None if every else [topic.slug for topic in newsletter.topics if topic.mask & subscription.topics],
        "frequency": titles.get(subscription.schedule_id or 0),
        "hour": subscription.delivery_hour and f"{subscription.delivery_hour:%H:%M}",
        "timezone": subscription.timezone or newsletter.timezone,
        "breaking_news": subscription.breaking,
        "quiet_hours": [f"{hour:%H:%M}" for hour in preferences.quiet_hours(subscription) or ()],
        "language": subscription.language or newsletter.language,
        "created_at": subscription.created_at,
        "requested_at": subscription.requested_at,
        "confirmed_at": subscription.confirmed_at,
        "paused_until": subscription.paused_until,
        "unsubscribed_at": subscription.unsubscribed_at,
        "unsubscribed_issue": subscription.unsubscribed_issue_id,
        "leaving_reason": subscription.leaving_reason,
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
        "form_version": record.form_version,
        "detail": record.detail,
        "network": record.network,
    }


def _letter(letter: OwedLetter) -> dict[str, Any]:
    return {
        "kind": letter.kind,
        "new_address": letter.new_address,
        "site": letter.site,
        "asked_at": letter.created_at,
        "sent_at": letter.sent_at,
    }

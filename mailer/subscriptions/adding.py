"""Further newsletters for a reader who has just proved the address: no second mail asks for what is known."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from mailer.db import insert
from mailer.newsletters.models import Newsletter
from mailer.subscriptions import consent, suppression
from mailer.subscriptions.models import ConsentEvent, ConsentRecord, Subscriber, Subscription, SubscriptionState

OPEN = (SubscriptionState.PENDING, SubscriptionState.UNSUBSCRIBED)


def add(
    session: Session,
    reader: Subscriber,
    newsletter: Newsletter,
    *,
    wording: str,
    form: str,
    language: str,
    network: str,
    now: datetime,
) -> bool:
    """Make the reader active in `newsletter`; False when they are in already, or may not be mailed.

    `wording` is the sentence they saw, `form` the name of the page, `language` what they chose, or nothing.
    """
    row = {"subscriber_id": reader.id, "newsletter_id": newsletter.id, "created_at": now, "requested_at": now}
    session.execute(insert(session, Subscription).values(row).on_conflict_do_nothing())
    added = session.scalar(
        update(Subscription)
        .where(
            Subscription.subscriber_id == reader.id,
            Subscription.newsletter_id == newsletter.id,
            Subscription.state.in_(OPEN),
            ~suppression.of_subscription(),
        )
        .values(
            state=SubscriptionState.ACTIVE,
            request=Subscription.request + 1,
            language=language,
            requested_at=now,
            confirmed_at=now,
            unsubscribed_at=None,
            unsubscribed_issue_id=None,
            leaving_reason="",
            paused_until=None,
        )
        .returning(Subscription.id)
    )
    if added is None:
        return False
    _prove(session, added, reader.address, wording, form, network, now)
    return True


def _prove(
    session: Session, subscription_id: int, address: str, wording: str, form: str, network: str, now: datetime
) -> None:
    session.add(
        ConsentRecord(
            subscription_id=subscription_id,
            event=ConsentEvent.REQUESTED.value,
            at=now,
            address=address,
            wording=wording,
            wording_hash=consent.fingerprint(wording),
            form=form,
            network=network,
        )
    )
    consent.record(session, subscription_id, ConsentEvent.CONFIRMED, address=address, at=now, network=network)

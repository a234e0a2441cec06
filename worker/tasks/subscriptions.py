"""Tasks of the subscriptions room."""

from datetime import UTC, datetime, timedelta

from mailer.emails import letters
from mailer.emails.letters import Letter, Stamp
from mailer.emails.smtp import Envelope, send_one
from mailer.links import CONFIRM_MAX_AGE
from mailer.queue import Job
from mailer.subscriptions import confirmation
from mailer.subscriptions.confirmation import Owed
from worker.app import celery, links, session, settings


@celery.task(name=Job.SEND_CONFIRMATION.value)
def send_confirmation(subscription_id: int) -> None:
    """Mail a confirmation, if it is owed and nobody else is at it."""
    now = datetime.now(UTC)
    with session() as s:
        owed = confirmation.claim(s, subscription_id, now)
        s.commit()
        if owed is None:
            return
        letter = _letter(owed, now)
        answer = send_one(settings.relay, Envelope(letter.sender, letter.recipient, letter.data))
        confirmation.record(s, owed, answer.outcome, datetime.now(UTC))
        s.commit()


def _letter(owed: Owed, now: datetime) -> Letter:
    return letters.confirmation(
        owed.newsletter,
        recipient=owed.address,
        link=links().confirm(owed.subscription_id, owed.request),
        lifetime=timedelta(seconds=CONFIRM_MAX_AGE),
        stamp=Stamp(f"confirm-{owed.subscription_id}-{owed.request}", settings.secret.encode(), now),
    )

"""Tasks of the subscriptions room."""

import logging
from datetime import UTC, datetime

from mailer import texts
from mailer.emails import letters as mails
from mailer.emails.letters import Letter, Post, Stamp
from mailer.emails.smtp import Envelope, Outcome, send_one
from mailer.links import DAY, MAX_AGE, Purpose
from mailer.queue import Job
from mailer.subscriptions import letters
from mailer.subscriptions.code import code, spaced
from mailer.subscriptions.confirmation import CODE_LIFETIME
from mailer.subscriptions.letters import Owed
from mailer.subscriptions.models import LetterKind
from worker.app import celery, links, session, settings

log = logging.getLogger(__name__)


@celery.task(name=Job.SEND_LETTER.value)
def send_letter(letter_id: int) -> None:
    """Mail a letter to a reader, if it is owed and nobody else is at it."""
    now = datetime.now(UTC)
    with session() as s:
        owed = letters.claim(s, letter_id, now)
        s.commit()
        if owed is None:
            return
        letter = _letter(owed, now)
        answer = send_one(settings.relay, Envelope(letter.sender, letter.recipient, letter.data))
        letters.record(s, owed, answer.outcome, datetime.now(UTC))
        s.commit()
    if answer.outcome is Outcome.REFUSED:
        log.warning("Letter %d was refused: %d %s", letter_id, answer.code, answer.text)


def _letter(owed: Owed, now: datetime) -> Letter:
    key = settings.secret.encode()
    post = Post(
        newsletter=owed.newsletter,
        recipient=owed.address,
        language=texts.choose(owed.language, owed.newsletter.language),
        stamp=Stamp(f"letter-{owed.letter_id}", key, now),
        plain_text=owed.plain_text,
    )
    digits = spaced(code(key, owed.letter_id))
    confirm = links().confirm(owed.subscription_id, owed.request)
    preferences = links().preferences(owed.subscriber_id, owed.generation)
    match owed.kind:
        case LetterKind.CONFIRMATION:
            return mails.confirmation(
                post,
                code=digits,
                code_minutes=round(CODE_LIFETIME.total_seconds() / 60),
                link=confirm,
                link_days=_days(Purpose.CONFIRM),
                site=owed.site,
                asked_at=owed.created_at,
            )
        case LetterKind.REMINDER:
            return mails.reminder(post, link=confirm)
        case LetterKind.ALREADY:
            return mails.already(post, link=preferences, link_days=_days(Purpose.PREFERENCES), paused=owed.paused)
        case LetterKind.PREFERENCES:
            return mails.preferences(post, link=preferences, link_days=_days(Purpose.PREFERENCES))
        case LetterKind.MOVE:
            return mails.move(post, code=digits, link=links().move(owed.letter_id), link_days=_days(Purpose.MOVE))


def _days(purpose: Purpose) -> int:
    """How long a link lives."""
    return MAX_AGE[purpose] // DAY

"""Tasks of the staff room."""

from datetime import UTC, datetime

from mailer.emails.letters import Stamp, login_link
from mailer.emails.smtp import Envelope, Outcome, send_one
from mailer.queue import Job
from mailer.staff import login_mail
from worker.app import celery, links, session, settings

AGAIN = (Outcome.DEFERRED, Outcome.UNSENT)
"""After these the mail stays owed; the sweep asks when the claim has run out. In doubt, the person asks anew."""


@celery.task(name=Job.SEND_LOGIN_LINK.value)
def send_login_link(link_id: int) -> None:
    """Mail a login link, if it is owed and nobody else is at it."""
    now = datetime.now(UTC)
    with session() as s:
        owed = login_mail.claim(s, link_id, now)
        s.commit()
    if owed is None:
        return
    letter = login_link(
        site=settings.base_url,
        recipient=owed.address,
        link=links().login(link_id),
        lifetime=owed.expires_at - now,
        stamp=Stamp(f"login-{link_id}", settings.secret.encode(), now),
    )
    answer = send_one(settings.relay, Envelope(letter.sender, letter.recipient, letter.data))
    if answer.outcome not in AGAIN:
        with session() as s:
            login_mail.record(s, link_id)
            s.commit()

"""One mail of each kind that the house writes, through the worker's tasks and a real SMTP server."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from mailer.config import Relay
from mailer.delivery.fanout import fan_out
from mailer.digests.release import release
from mailer.emails.smtp import send_many
from mailer.links import Links
from mailer.newsletters.models import Newsletter
from mailer.staff import accounts, login_mail
from mailer.staff.models import Role
from mailer.subscriptions import letters, move, pending
from mailer.subscriptions.address import parse
from mailer.subscriptions.models import Subscription
from tests.conftest import SECRET
from tests.delivery.making import draft_of
from tests.newsletters.making import make_schedule
from tests.services.smtp import Mail, Mailbox
from tests.subscriptions.making import join, make_newsletter, sign_up
from worker.sending import IssueFreight

KINDS = ("confirmation", "reminder", "already", "preferences", "move", "digest", "login")


@dataclass(frozen=True)
class Post:
    """Writes the mails; `send_letter` and `send_login_link` are the worker's tasks."""

    engine: Engine
    session: Session
    smtp: Mailbox
    links: Links
    folder: Path
    send_letter: Callable[[int], None]
    send_login_link: Callable[[int], None]

    @property
    def relay(self) -> Relay:
        return Relay.from_url(self.smtp.url)

    def each_kind(self) -> dict[str, Mail]:
        """One mail of each of KINDS."""
        newsletter = make_newsletter(self.session)
        make_schedule(self.session, newsletter, title="Weekdays", weekdays=0b0011111)
        make_schedule(self.session, newsletter, title="Saturdays", weekdays=0b0100000)
        reader = join(self.session, newsletter, "reader@ledger.example")
        self._sign_ups(newsletter)
        self._to_reader(reader)
        self._issue(newsletter)
        self._login()
        assert len(self.smtp.mails) == len(KINDS), [str(mail.parsed["Subject"]) for mail in self.smtp.mails]
        return dict(zip(KINDS, self.smtp.mails, strict=True))

    def _sign_ups(self, newsletter: Newsletter) -> None:
        now = datetime.now(UTC)
        yesterday = now - pending.REMIND_AFTER - timedelta(hours=1)
        asked = sign_up(self.session, newsletter, "pending@ledger.example", now=yesterday)
        self._mail(asked.id)
        asked.sent_at = yesterday
        self.session.commit()
        (reminder,) = pending.remind(self.session, now, 10)
        self._mail(reminder)
        self._mail(sign_up(self.session, newsletter, "reader@ledger.example", now=now).id)

    def _to_reader(self, reader: Subscription) -> None:
        now = datetime.now(UTC)
        link = letters.owe_link(self.session, reader.subscriber.address_key, now=now)
        assert link is not None
        self._mail(link)
        new = parse("moved@ledger.example")
        self._mail(move.ask(self.session, reader.subscriber, new, "a page that asked, long", now=now))

    def _issue(self, newsletter: Newsletter) -> None:
        now = datetime.now(UTC)
        issue = draft_of(self.session, newsletter)
        assert release(self.session, issue.id, issue.version, "lea@ledger.example", now)
        assert fan_out(self.session, issue.id, now) == 1
        self.session.commit()
        freight = IssueFreight(self.engine, self.links, SECRET, self.folder, "here", 20)
        send_many(self.relay, freight, 1)
        freight.close(relay_down=False)

    def _login(self) -> None:
        lea = accounts.add(self.session, "lea@ledger.example", Role.EDITOR, datetime.now(UTC))
        link = login_mail.ask(self.session, lea, datetime.now(UTC))
        assert link is not None
        self.session.commit()
        self.send_login_link(link)

    def _mail(self, letter_id: int) -> None:
        self.session.commit()
        self.send_letter(letter_id)


def links_in(mail: Mail, base_url: str) -> list[str]:
    """The paths of our links in a mail: in its text, in its HTML, in its head."""
    written = f"{mail.text}\n{unescape(mail.html)}\n{mail.parsed.get('List-Unsubscribe', '')}"
    return sorted(set(re.findall(re.escape(base_url) + r"(/[^\s\"<>]+)", written)))

from datetime import timedelta

from sqlalchemy.orm import Session

from mailer.articles.models import Source
from mailer.ops import backlog
from mailer.ops.backlog import Owed
from mailer.staff import accounts
from mailer.staff.models import LoginLink, Role
from mailer.subscriptions.models import LetterKind, OwedLetter, Subscriber
from tests.newsletters.making import make_newsletter
from tests.ops.making import MINUTE, NOW


def test_nothing_is_owed_by_an_empty_house(session: Session) -> None:
    assert backlog.owed(session, NOW) == Owed(0, None, 0, 0)


def test_only_what_is_due_and_not_claimed_is_owed(session: Session) -> None:
    newsletter = make_newsletter(session)
    for number, due in enumerate([NOW - 5 * MINUTE, NOW - MINUTE, NOW + MINUTE, None]):
        reader = Subscriber(address=f"{number}@mail.example", address_key=f"{number}@mail.example", created_at=NOW)
        session.add(OwedLetter(kind=LetterKind.CONFIRMATION, subscriber=reader, created_at=NOW, due_at=due))
    for name, active, due in (("a", True, NOW), ("b", True, NOW + MINUTE), ("c", False, NOW)):
        session.add(Source(newsletter=newsletter, url=name, active=active, created_at=NOW, next_poll_at=due))
    staff = accounts.add(session, "lea@ledger.example", Role.EDITOR, NOW)
    session.add(LoginLink(staff=staff, created_at=NOW, expires_at=NOW + timedelta(hours=1), mail_due_at=NOW))
    session.commit()
    assert backlog.owed(session, NOW) == Owed(2, NOW - 5 * MINUTE, 1, 1)

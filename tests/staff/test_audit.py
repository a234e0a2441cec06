from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.staff import audit
from mailer.staff.models import AuditEvent
from tests.staff import NOW


def test_what_staff_did_is_written_down(session: Session) -> None:
    audit.record(session, "lea@ledger.example", "issue.sent", "issue 7", "48,212 readers", NOW)
    session.commit()
    event = session.scalars(select(AuditEvent)).one()
    assert (event.actor, event.action, event.subject, event.at) == ("lea@ledger.example", "issue.sent", "issue 7", NOW)


def test_events_are_counted_by_who_did_what_since_when(session: Session) -> None:
    for actor, action, minutes in (
        ("lea", "tested", 5),
        ("lea", "tested", 90),
        ("lea", "sent", 5),
        ("jo", "tested", 5),
    ):
        audit.record(session, actor, action, "issue 7", "", NOW - timedelta(minutes=minutes))
    session.commit()
    assert audit.count(session, "lea", "tested", NOW - timedelta(hours=1)) == 1

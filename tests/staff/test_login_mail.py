from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from mailer.staff import accounts, login_mail, sessions
from mailer.staff.models import Role, Staff
from tests.staff import NOW


@pytest.fixture
def lea(session: Session) -> Staff:
    lea = accounts.add(session, "lea@ledger.example", Role.EDITOR, NOW)
    session.commit()
    return lea


def test_a_link_that_was_asked_for_is_owed_until_it_is_recorded(session: Session, lea: Staff) -> None:
    link_id = ask(session, lea)
    assert login_mail.owed(session, NOW, 10) == [link_id]
    owed = login_mail.claim(session, link_id, NOW)
    assert owed is not None
    assert owed.address == "lea@ledger.example"
    login_mail.record(session, link_id)
    session.commit()
    assert login_mail.owed(session, NOW + login_mail.CLAIM, 10) == []


def test_two_workers_do_not_write_the_same_mail(session: Session, lea: Staff) -> None:
    link_id = ask(session, lea)
    assert login_mail.claim(session, link_id, NOW) is not None
    assert login_mail.claim(session, link_id, NOW) is None


def test_a_mail_whose_worker_died_is_owed_again(session: Session, lea: Staff) -> None:
    link_id = ask(session, lea)
    login_mail.claim(session, link_id, NOW)
    session.commit()
    later = NOW + login_mail.CLAIM
    assert login_mail.owed(session, later, 10) == [link_id]
    assert login_mail.claim(session, link_id, later) is not None


def test_no_mail_goes_out_for_a_link_that_is_used_or_too_old(session: Session, lea: Staff) -> None:
    used, old = ask(session, lea), ask(session, lea)
    sessions.redeem(session, used, NOW)
    session.commit()
    assert login_mail.claim(session, used, NOW) is None
    assert login_mail.claim(session, old, NOW + sessions.LINK_LIFETIME) is None
    assert login_mail.owed(session, NOW + sessions.LINK_LIFETIME, 10) == []


def test_a_link_made_at_the_command_line_is_not_mailed(session: Session, lea: Staff) -> None:
    link = sessions.make_link(session, lea, NOW)
    assert login_mail.owed(session, NOW, 10) == []
    assert login_mail.claim(session, link.id, NOW) is None


def test_three_links_a_quarter_hour_are_enough(session: Session, lea: Staff) -> None:
    assert all(ask(session, lea) for _ in range(3))
    assert login_mail.ask(session, lea, NOW) is None
    assert login_mail.ask(session, lea, NOW + login_mail.WINDOW - timedelta(seconds=1)) is None
    assert login_mail.ask(session, lea, NOW + login_mail.WINDOW) is not None


def ask(session: Session, staff: Staff) -> int:
    link_id = login_mail.ask(session, staff, NOW)
    assert link_id is not None
    session.commit()
    return link_id

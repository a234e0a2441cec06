from datetime import timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from mailer.staff import accounts, sessions
from mailer.staff.models import Role, Staff, StaffSession
from mailer.staff.sessions import LinkState
from tests.staff import NOW

HOUR = timedelta(hours=1)


@pytest.fixture
def lea(session: Session) -> Staff:
    lea = accounts.add(session, "lea@ledger.example", Role.EDITOR, NOW)
    session.commit()
    return lea


def test_a_login_link_lets_in_once(session: Session, lea: Staff) -> None:
    link = sessions.make_link(session, lea, NOW)
    assert sessions.link_state(session, link.id, NOW) is LinkState.GOOD
    entered = sessions.redeem(session, link.id, NOW)
    assert entered is not None
    assert entered[0] == lea
    assert sessions.redeem(session, link.id, NOW) is None
    session.commit()
    session.expire_all()
    assert sessions.link_state(session, link.id, NOW) is LinkState.USED


def test_a_link_that_was_not_used_in_time_lets_nobody_in(session: Session, lea: Staff) -> None:
    link = sessions.make_link(session, lea, NOW, HOUR)
    assert sessions.redeem(session, link.id, NOW + HOUR) is None
    assert sessions.link_state(session, link.id, NOW + HOUR) is LinkState.EXPIRED
    assert sessions.redeem(session, link.id, NOW + HOUR - timedelta(seconds=1)) is not None


def test_a_link_nobody_made_is_unknown(session: Session) -> None:
    assert sessions.link_state(session, 99, NOW) is LinkState.UNKNOWN
    assert sessions.redeem(session, 99, NOW) is None


def test_of_two_who_use_a_link_at_once_one_gets_in(engine: Engine, session: Session, lea: Staff) -> None:
    link = sessions.make_link(session, lea, NOW)
    session.commit()
    barrier, entered = Barrier(2), []

    def use() -> None:
        with Session(engine) as mine:
            barrier.wait()
            entered.append(sessions.redeem(mine, link.id, NOW) is not None)
            mine.commit()

    threads = [Thread(target=use) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(entered) == [False, True]


def test_a_cookie_is_good_for_twelve_hours(session: Session, lea: Staff) -> None:
    cookie = log_in(session, lea)
    assert sessions.current(session, cookie, NOW + 11 * HOUR) == lea
    assert sessions.current(session, cookie, NOW + 12 * HOUR) is None
    assert sessions.current(session, "made up", NOW) is None


def test_only_the_hash_of_a_cookie_is_kept(session: Session, lea: Staff) -> None:
    cookie = log_in(session, lea)
    assert len(cookie) >= 43  # 256 bits
    assert cookie not in session.scalars(select(StaffSession.token_hash)).one()


def test_logging_out_ends_this_browser_and_no_other(session: Session, lea: Staff) -> None:
    here, there = log_in(session, lea), log_in(session, lea)
    sessions.log_out(session, here)
    assert sessions.current(session, here, NOW) is None
    assert sessions.current(session, there, NOW) == lea


def test_a_closed_account_is_out_at_once(session: Session, lea: Staff) -> None:
    cookie, link = log_in(session, lea), sessions.make_link(session, lea, NOW)
    lea.active = False
    session.commit()
    assert sessions.current(session, cookie, NOW) is None
    assert sessions.link_state(session, link.id, NOW) is LinkState.UNKNOWN
    assert sessions.redeem(session, link.id, NOW) is None


def test_old_browsers_are_forgotten_when_somebody_logs_in(session: Session, lea: Staff) -> None:
    log_in(session, lea)
    link = sessions.make_link(session, lea, NOW + 13 * HOUR)
    sessions.redeem(session, link.id, NOW + 13 * HOUR)
    assert len(session.scalars(select(StaffSession)).all()) == 1


def log_in(session: Session, staff: Staff) -> str:
    entered = sessions.redeem(session, sessions.make_link(session, staff, NOW).id, NOW)
    assert entered is not None
    session.commit()
    return entered[1]

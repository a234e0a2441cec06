"""The login link by mail: owed, written, and not written twice."""

import importlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from mailer.config import Settings
from mailer.links import Links
from mailer.staff import accounts, login_mail
from mailer.staff.models import LoginLink, Role
from tests.services.smtp import Mailbox
from tests.web.staffroom import LEA


@pytest.fixture
def task(worker: None, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Any:
    module = importlib.import_module("worker.tasks.staff")
    monkeypatch.setattr(module, "settings", settings)
    return module.send_login_link


@pytest.fixture
def owed(session: Session) -> int:
    staff = accounts.add(session, LEA, Role.EDITOR, datetime.now(UTC))
    link_id = login_mail.ask(session, staff, datetime.now(UTC))
    session.commit()
    assert link_id is not None
    return link_id


def still_owed(session: Session, link_id: int) -> bool:
    session.expire_all()
    due = session.get_one(LoginLink, link_id).mail_due_at
    session.commit()
    return due is not None


def test_a_login_link_is_mailed_once(task: Any, owed: int, session: Session, smtp: Mailbox, links: Links) -> None:
    task(owed)
    task(owed)
    (mail,) = smtp.to(LEA)
    assert links.login(owed) in mail.text
    assert "60 minutes" in mail.text
    assert mail.parsed["Auto-Submitted"] == "auto-generated"
    assert not still_owed(session, owed)


def test_an_address_the_relay_refuses_is_not_tried_again(task: Any, owed: int, session: Session, smtp: Mailbox) -> None:
    smtp.refuse[LEA] = "550 5.1.1 no such mailbox"
    task(owed)
    assert not still_owed(session, owed)


def test_a_relay_that_asks_to_wait_is_asked_again(task: Any, owed: int, session: Session, smtp: Mailbox) -> None:
    smtp.refuse[LEA] = "451 4.7.1 later"
    task(owed)
    assert still_owed(session, owed)
    assert login_mail.owed(session, datetime.now(UTC) + login_mail.CLAIM, 10) == [owed]


def test_nothing_is_mailed_for_a_link_that_is_not_owed(task: Any, owed: int, session: Session, smtp: Mailbox) -> None:
    session.get_one(LoginLink, owed).expires_at = datetime.now(UTC) - timedelta(seconds=1)
    session.commit()
    task(owed)
    task(0)  # what is asked for when a stranger wants a link
    assert smtp.mails == []

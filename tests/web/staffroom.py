"""Staff at their pages: log in, and press the buttons of a page with its token."""

import re
from datetime import UTC, datetime
from urllib.parse import urlsplit

from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from mailer.links import Links
from mailer.staff import accounts, sessions
from mailer.staff.models import Role, Staff

LEA = "lea@ledger.example"


def login_path(session: Session, links: Links, role: Role = Role.EDITOR, address: str = LEA) -> str:
    """The path of a fresh login link, for an account that is made when it is missing."""
    staff = accounts.add(session, address, role, datetime.now(UTC))
    link = sessions.make_link(session, staff, datetime.now(UTC))
    session.commit()
    return urlsplit(links.login(link.id)).path


def log_in(client: FlaskClient, session: Session, links: Links, role: Role = Role.EDITOR, address: str = LEA) -> None:
    """Come in by a link, as a person would."""
    path = login_path(session, links, role, address)
    assert press(client, path, path).status_code == 302


def press(client: FlaskClient, page: str, action: str, **fields: str | int) -> TestResponse:
    """Open `page`, then post `fields` to `action` with the page's token."""
    return client.post(action, data={"csrf_token": token(client.get(page).text), **fields})


def token(html: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', html)
    assert found is not None, "the page has no form"
    return found[1]


def person(session: Session, address: str = LEA) -> Staff:
    staff = accounts.find(session, address)
    assert staff is not None
    return staff

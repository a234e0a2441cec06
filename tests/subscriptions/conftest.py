"""A newsletter to subscribe to."""

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from mailer.newsletters.models import Newsletter
from tests.subscriptions.making import make_newsletter


@pytest.fixture
def newsletter(session: Session) -> Newsletter:
    return make_newsletter(session)


@pytest.fixture
def statements(engine: Engine) -> list[str]:
    """What this database is asked to do, in order."""
    heard: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        heard.append(statement)

    event.listen(engine, "before_cursor_execute", hear)
    return heard

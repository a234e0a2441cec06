"""The database foundation, on both databases."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from mailer import migrations
from mailer.db import read_only
from mailer.staff.models import Staff

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)


def test_a_moment_comes_back_aware_and_equal(session: Session) -> None:
    session.add(Staff(address="lea@ledger.example", role="editor", created_at=NOW))
    session.commit()
    session.expire_all()
    assert session.query(Staff).one().created_at == NOW


def test_a_reading_transaction_cannot_write(session: Session) -> None:
    read_only(session)
    session.add(Staff(address="lea@ledger.example", role="editor", created_at=NOW))
    with pytest.raises(DBAPIError):
        session.flush()
    session.rollback()
    session.add(Staff(address="lea@ledger.example", role="editor", created_at=NOW))
    session.commit()


def test_the_migrations_go_down_and_up_again(engine: Engine) -> None:
    assert not migrations.pending(engine)
    migrations.downgrade(engine, "base")
    assert migrations.pending(engine)
    migrations.upgrade(engine)
    assert not migrations.pending(engine)


def test_the_models_and_the_migrations_agree(engine: Engine) -> None:
    assert migrations.differences(engine) == []

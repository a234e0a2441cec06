"""The database foundation, on both databases."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from mailer import db, migrations
from mailer.db import read_only
from mailer.staff.models import Staff
from mailer.subscriptions.models import OwedLetter, Subscriber, Subscription

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)

ROWS_OF_THE_SPINE = (
    "INSERT INTO newsletters (slug, title, description, publisher, site_url, sender_name, sender_address, "
    "postal_address, language, timezone, created_at) VALUES ('a', '', '', '', '', '', '', '', 'en', 'UTC', :now)",
    "INSERT INTO subscribers (address, address_key, created_at) VALUES ('due', 'due', :then), ('sent', 'sent', :then), "
    "('neither', 'neither', :then)",
    "INSERT INTO subscriptions (subscriber_id, newsletter_id, state, topics, created_at, request, "
    "confirmation_due_at, confirmation_sent_at, confirmation_attempts) SELECT s.id, n.id, 'pending', 1, :then, 2, "
    "CASE s.address WHEN 'due' THEN :now END, CASE s.address WHEN 'sent' THEN :now WHEN 'due' THEN :then END, 0 "
    "FROM subscribers s, newsletters n",
    "INSERT INTO consent_records (subscription_id, event, at, address, wording, wording_hash, page, form, network) "
    "SELECT id, 'requested', :now, 'a@b.example', '', '', '', '', '' FROM subscriptions",
    "INSERT INTO articles (canonical_url, url, title, summary, picture_url, picture_alt, author, section, language, "
    "seen_at, updated_at) SELECT name, name, '', '', '', '', '', '', '', :now, :now FROM ("
    r"SELECT 'https\://www.ledger.example/one' name UNION SELECT 'https\://www.ledger.example/two' "
    r"UNION SELECT 'https\://ledger.example/two') names",
)


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


def test_a_step_keeps_every_row(engine: Engine) -> None:
    migrations.downgrade(engine, "0001")
    zone = None if engine.dialect.name == "sqlite" else UTC
    then = NOW - timedelta(days=30)
    values = {"now": NOW.replace(tzinfo=zone), "then": then.replace(tzinfo=zone)}
    with engine.begin() as connection:
        for statement in ROWS_OF_THE_SPINE:
            connection.execute(text(statement), values)
    migrations.upgrade(engine)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM consent_records")) == 3
        letters = select(Subscriber.address, OwedLetter.created_at, OwedLetter.due_at.is_not(None))
        letters = letters.join(Subscriber, Subscriber.id == OwedLetter.subscriber_id).order_by(Subscriber.address)
        assert connection.execute(letters).all() == [("due", NOW, True), ("sent", NOW, False)]
        asked = select(Subscriber.address, Subscription.requested_at).join(Subscription.subscriber)
        assert set(connection.execute(asked)) == {("due", NOW), ("sent", NOW), ("neither", then)}
        assert connection.scalar(text("SELECT slug FROM forms")) == "main"
        assert set(connection.scalars(text("SELECT canonical_url FROM articles"))) == {
            "https://ledger.example/one",
            "https://ledger.example/two",
            "https://www.ledger.example/two",  # the new name is taken
        }


def test_the_models_and_the_migrations_agree(engine: Engine) -> None:
    assert migrations.differences(engine) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_who_waits_long_for_sqlite_is_told_in_sqlalchemy_s_words(
    session: Session, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "PATIENCE_SECONDS", 0.05)
    session.execute(text("SELECT 1"))  # whoever may write keeps the others out
    with pytest.raises(OperationalError, match="database is locked"), Session(engine) as other:
        other.execute(text("SELECT 1"))
    session.rollback()
    with Session(engine) as other:
        assert other.scalar(text("SELECT 1")) == 1

"""`postroom sources show | take | pause | resume | remove`."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.articles.models import Source
from mailer.cli import cli
from mailer.staff.models import AuditEvent
from tests.articles.making import NOW, articles, make_source
from tests.digests.making import see

Postroom = Callable[..., Result]


@pytest.fixture
def postroom(database_url: str, tmp_path: Path) -> Postroom:
    environment = {"DATABASE_URL": database_url, "DATA_DIR": str(tmp_path), "SECRET_KEY": "x" * 32}
    return lambda *words: CliRunner().invoke(cli, ["sources", *map(str, words)], env=environment)


@pytest.fixture
def source(session: Session) -> Source:
    """A source of which 412 items are held."""
    now = datetime.now(UTC)
    made = make_source(session)
    made.title, made.held_at, made.held_count = "The Harbour Ledger", now, 412
    made.succeeded_at, made.next_poll_at = now - timedelta(minutes=3), now + timedelta(minutes=7, seconds=20)
    session.commit()
    return made


def test_a_source_is_shown_in_words(postroom: Postroom, source: Source) -> None:
    assert postroom("show", source.id).output.splitlines() == [
        "The Harbour Ledger",
        "https://ledger.example/feed",
        "412 items look new at once: held for a look.",
        "Read 3 minutes ago; next in 7 minutes.",
    ]
    shown = json.loads(postroom("show", source.id, "--json").output)
    assert (shown["state"], shown["held"], shown["kind"]) == ("held", 412, "feed")


def test_a_decision_is_kept_for_the_next_poll_and_makes_it_due(
    postroom: Postroom, source: Source, session: Session
) -> None:
    told = postroom("take", source.id, "known")
    assert told.output == "The next reading, which is due now, takes 412 items as known.\n"
    session.refresh(source)
    assert (source.take, source.next_poll_at <= datetime.now(UTC)) == ("known", True)
    assert postroom("take", source.id, "perhaps").exit_code == 2
    source.held_at = None
    session.commit()
    assert postroom("take", source.id, "news").stderr == f"Error: Nothing of source {source.id} is held.\n"


def test_a_source_is_paused_resumed_and_removed(postroom: Postroom, source: Source, session: Session) -> None:
    number = source.id
    see(session, source, "Night ferry returns", NOW)
    assert postroom("resume", number).stderr == f"Error: Source {number} is not paused.\n"
    assert postroom("pause", number).exit_code == 0
    assert postroom("pause", number).stderr == f"Error: Source {number} is paused already.\n"
    assert postroom("resume", number).exit_code == 0
    assert postroom("remove", number).output == f"Source {number} is removed: The Harbour Ledger.\n"
    assert postroom("show", number).stderr.startswith(f"Error: There is no source {number}.")
    session.expunge_all()
    assert len(articles(session)) == 1
    done = session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert done == ["source.put_to_sleep", "source.woken", "source.removed"]

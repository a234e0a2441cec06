"""The task that reads a source, with a server on loopback."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib import import_module

import pytest
from sqlalchemy.orm import Session

from mailer.articles.models import Source
from tests.articles.making import articles, item, make_source, rss
from tests.articles.outlet import Outlet
from tests.articles.outlet import outlet as open_outlet

pytestmark = pytest.mark.usefixtures("worker")


@pytest.fixture
def outlet() -> Iterator[Outlet]:
    with open_outlet() as opened:
        yield opened


def poll(source_id: int) -> None:
    import_module("worker.tasks.articles").poll_source(source_id)


def test_a_due_source_is_read_once(session: Session, outlet: Outlet) -> None:
    source = make_source(session, outlet.feed("/feed", rss(item(1), item(2))))
    session.commit()
    poll(source.id)
    poll(source.id)
    assert len(outlet.asked["/feed"]) == 1
    assert len(articles(session)) == 2
    session.refresh(source)
    assert source.error == ""
    assert source.next_poll_at > datetime.now(UTC) + timedelta(minutes=4)


def test_no_transaction_is_open_while_the_outlet_answers(session: Session, outlet: Outlet) -> None:
    """The outlet writes to the same database before it answers; on SQLite that waits for any open transaction."""
    source = make_source(session, outlet.feed("/feed", rss(item(1))))
    session.commit()
    answer = outlet.answers["/feed"][0]

    def write_first(handler: object) -> None:
        with Session(session.get_bind()) as other:
            other.get_one(Source, source.id).title = "Written meanwhile"
            other.commit()
        handler.wfile.write(answer.body)  # type: ignore[attr-defined]

    answer.script = write_first
    poll(source.id)
    session.refresh(source)
    assert (source.title, source.error) == ("Written meanwhile", "")
    assert len(articles(session)) == 1


def test_a_source_that_cannot_be_read_says_why(session: Session, outlet: Outlet) -> None:
    source = make_source(session, f"{outlet.url}/none")
    session.commit()
    poll(source.id)
    session.refresh(source)
    assert (source.error, source.failures) == ("There is nothing at this address. (HTTP 404)", 1)

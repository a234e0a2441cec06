"""The tasks that read a source and ask for the articles of a draft, with a server on loopback."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib import import_module

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mailer.articles.models import Source
from mailer.digests import linkcheck
from tests.articles.making import articles, item, make_source, rss
from tests.articles.outlet import Answer, Outlet
from tests.articles.outlet import outlet as open_outlet
from tests.digests.making import make_issue

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


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_error_of_ours_is_told_too_and_does_not_come_back_at_once(session: Session, outlet: Outlet) -> None:
    source = make_source(session, outlet.feed("/feed", rss(item(1))))
    session.execute(text("CREATE TRIGGER broken BEFORE INSERT ON articles BEGIN SELECT RAISE(ABORT, 'no'); END"))
    session.commit()
    with pytest.raises(IntegrityError):
        poll(source.id)
    session.refresh(source)
    assert source.error.startswith("What this address offers could not be stored")
    assert source.next_poll_at > datetime.now(UTC) + timedelta(minutes=9)


def test_a_source_that_cannot_be_read_says_why(session: Session, outlet: Outlet) -> None:
    source = make_source(session, f"{outlet.url}/none")
    session.commit()
    poll(source.id)
    session.refresh(source)
    assert (source.error, source.failures) == ("There is nothing at this address. (HTTP 404)", 1)


def test_an_article_that_is_gone_is_noticed_before_its_draft_leaves(session: Session, outlet: Outlet) -> None:
    feed = rss(item(1), item(2)).replace("https://ledger.example/", f"{outlet.url}/")
    source = make_source(session, outlet.feed("/feed", feed))
    poll(source.id)
    issue = make_issue(session, source.newsletter, datetime.now(UTC))
    outlet.serve("/2", Answer(status=410))
    outlet.serve("/1", Answer(b"<html>Tram</html>", headers={"Content-Type": "text/html"}))
    assert linkcheck.due(session, datetime.now(UTC), 9) == [issue.id]
    session.commit()
    for _ in range(2):
        import_module("worker.tasks.articles").check_links(issue.id)
    assert [article.gone_at is not None for article in articles(session)] == [False, True]
    assert len(outlet.asked["/1"]) == 1
    assert linkcheck.due(session, datetime.now(UTC), 9) == []

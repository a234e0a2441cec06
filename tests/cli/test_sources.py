"""`postroom sources`, run as an operator runs it, against a server on loopback."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy.orm import Session

from mailer.cli.sources import sources
from tests.articles.making import articles, item, rss
from tests.articles.outlet import Outlet
from tests.articles.outlet import outlet as open_outlet
from tests.newsletters.making import make_newsletter

Postroom = Callable[..., Result]


@pytest.fixture
def outlet() -> Iterator[Outlet]:
    with open_outlet() as opened:
        yield opened


@pytest.fixture
def postroom(database_url: str, tmp_path: Path, session: Session) -> Postroom:
    make_newsletter(session)
    environment = {"DATABASE_URL": database_url, "DATA_DIR": str(tmp_path), "SECRET_KEY": "x" * 32}
    return lambda *arguments, **more: CliRunner().invoke(sources, arguments, env=environment | more)


def test_polling_reports_each_source(postroom: Postroom, outlet: Outlet, session: Session) -> None:
    postroom("add", "morning", outlet.feed("/feed", rss(item(1), item(2))))
    first, second = postroom("poll", "--json"), postroom("poll", "morning", "--json")
    assert first.exit_code == second.exit_code == 0, first.output
    (one,), (two,) = json.loads(first.stdout), json.loads(second.stdout)
    assert (one["title"], one["new"], one["updated"], one["unchanged"]) == ("The Harbour Ledger", 2, 0, 0)
    assert (two["new"], two["updated"], two["unchanged"], two["error"]) == (0, 0, 2, "")
    outlet.feed("/feed", rss(item(1, "Changed"), item(2), item(3)))
    assert postroom("poll").output == "The Harbour Ledger: 1 new, 1 updated, 1 unchanged\n"
    assert len(articles(session)) == 3


def test_a_source_that_cannot_be_read_is_said_and_does_not_stop_the_others(
    postroom: Postroom, outlet: Outlet, session: Session
) -> None:
    postroom("add", "morning", outlet.feed("/a", rss(item(1))))
    postroom("add", "morning", outlet.feed("/b", rss(item(2))))
    outlet.feed("/a", "nothing")
    run = postroom("poll", "--json")
    assert run.exit_code == 1
    assert [bool(result["error"]) for result in json.loads(run.stdout)] == [True, False]
    assert len(articles(session)) == 1
    (bad, good) = json.loads(postroom("list", "--json").stdout)
    assert (bad["failures"], good["failures"], good["error"]) == (1, 0, "")
    assert bad["error"] == "There is no RSS, Atom or JSON feed at this address."


def test_listing_and_polling_nothing_says_so(postroom: Postroom) -> None:
    assert postroom("list").output == "There is no source yet. `postroom sources add` makes one.\n"
    assert postroom("poll").output == "There is no source to read.\n"
    assert json.loads(postroom("list", "morning", "--json").stdout) == []
    assert postroom("list", "evening").exit_code == 1

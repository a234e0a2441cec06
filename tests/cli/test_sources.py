"""`postroom sources`, run as an operator runs it, against a server on loopback."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.articles.models import Source
from mailer.cli.sources import sources
from mailer.newsletters.models import Topic
from mailer.staff.models import AuditEvent
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


def test_adding_a_feed_names_how_many_entries_it_has(postroom: Postroom, outlet: Outlet, session: Session) -> None:
    url = outlet.feed("/feed", rss(item(1), item(2)))
    run = postroom("add", "morning", url, "--topic", "city", "--json")
    assert run.exit_code == 0, run.output
    answer = json.loads(run.stdout)
    assert answer == {
        "id": answer["id"],
        "newsletter": "morning",
        "url": url,
        "title": "The Harbour Ledger",
        "topic": "city",
        "entries": 2,
    }
    assert session.scalars(select(Topic.slug)).all() == ["city"]
    assert session.scalars(select(AuditEvent.action)).all() == ["source.added"]
    assert articles(session) == []


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/page", "This address is a web page, not a feed. The page says that its feed is http://127.0.0.1"),
        ("/none", "There is nothing at this address. (HTTP 404)"),
    ],
)
def test_what_is_no_feed_is_not_added(
    postroom: Postroom, outlet: Outlet, session: Session, path: str, says: str
) -> None:
    outlet.feed("/page", '<html><link rel="alternate" type="application/rss+xml" href="/feed">')
    run = postroom("add", "morning", outlet.url + path, "--topic", "city")
    assert run.exit_code == 1
    assert run.stderr.startswith(f"Error: {says}")
    assert session.scalars(select(Source)).all() == []
    assert session.scalars(select(Topic)).all() == []


def test_adding_refuses_with_one_sentence(postroom: Postroom, outlet: Outlet) -> None:
    url = outlet.feed("/feed", rss(item(1)))
    assert postroom("add", "morning", url).output == "Added The Harbour Ledger: 1 entry just now.\n"
    again, unknown = postroom("add", "morning", url), postroom("add", "evening", url)
    assert (again.exit_code, again.stderr) == (1, "Error: morning has this source already.\n")
    assert unknown.exit_code == 1
    assert "There is no newsletter evening." in unknown.stderr
    assert postroom("add", "morning", url, "--topic", "World News").exit_code == 2


def test_sources_in_a_private_network_follow_the_setting(postroom: Postroom, outlet: Outlet) -> None:
    url = outlet.feed("/feed", rss(item(1)))
    run = postroom("add", "morning", url, PUBLIC_URL="https://news.example")
    assert run.exit_code == 1
    assert "lies in a private network" in run.stderr


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

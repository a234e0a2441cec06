"""`postroom sources add`, run as an operator runs it, against servers on loopback."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.articles import push
from mailer.articles.discovery import NOTHING
from mailer.articles.models import Source
from mailer.cli.sources import sources
from mailer.newsletters.models import Topic
from mailer.staff.models import AuditEvent
from tests.articles.making import articles, item, rss
from tests.articles.outlet import Answer, Outlet
from tests.articles.outlet import outlet as open_outlet
from tests.articles.test_sitemap import place, urlset
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
    return lambda *arguments, **more: CliRunner().invoke(sources, ["add", *arguments], env=environment | more)


def answer(run: Result) -> Any:
    assert run.exit_code == 0, run.output
    return json.loads(run.stdout)


def serve_site(outlet: Outlet) -> str:
    """A site with a feed and a news sitemap; its front page."""
    head = '<html><title>Ledger</title><link rel="alternate" type="application/rss+xml" href="/feed"></html>'
    outlet.feed("/feed", rss(item(1), item(2)))
    outlet.feed("/news.xml", urlset(place(1, datetime.now(UTC))))
    outlet.serve("/robots.txt", Answer(f"Sitemap: {outlet.url}/news.xml".encode()))
    return outlet.serve("/", Answer(head.encode(), headers={"Content-Type": "text/html"}))


def test_adding_a_feed_names_how_many_entries_it_has(postroom: Postroom, outlet: Outlet, session: Session) -> None:
    url = outlet.feed("/feed", rss(item(1), item(2)))
    said = answer(postroom("morning", url, "--topic", "city", "--json"))
    assert said == {
        "id": said["id"],
        "newsletter": "morning",
        "kind": "feed",
        "url": url,
        "title": "The Harbour Ledger",
        "topic": "city",
        "entries": 2,
        "others": [],
    }
    assert session.scalars(select(Topic.slug)).all() == ["city"]
    assert session.scalars(select(AuditEvent.action)).all() == ["source.added"]
    assert articles(session) == []


def test_of_what_a_front_page_offers_the_best_is_taken_and_the_rest_named(postroom: Postroom, outlet: Outlet) -> None:
    url = serve_site(outlet)
    assert postroom("morning", url).output == (
        "Added The Harbour Ledger: 2 entries just now.\nAlso there, with --kind or the address itself:\n"
        f"  sitemap  {outlet.url}/news.xml  1 entry, newest {datetime.now(UTC):%d %b %Y}\n"
    )
    said = answer(postroom("morning", url, "--kind", "sitemap", "--title", "Ledger news", "--json"))
    assert (said["kind"], said["url"], said["title"]) == ("sitemap", f"{outlet.url}/news.xml", "Ledger news")
    assert [other["kind"] for other in said["others"]] == ["feed"]
    missing = postroom("morning", url, "--kind", "wordpress")
    assert missing.exit_code == 1
    assert missing.stderr.startswith("Error: There is no wordpress at this address. There is:\n  feed  http")


@pytest.mark.parametrize(("path", "says"), [("/", NOTHING), ("/none", "There is nothing at this address. (HTTP 404)")])
def test_where_nothing_is_offered_nothing_is_added(
    postroom: Postroom, outlet: Outlet, session: Session, path: str, says: str
) -> None:
    outlet.feed("/", "<html></html>")
    run = postroom("morning", outlet.url + path, "--topic", "city")
    assert (run.exit_code, run.stderr) == (1, f"Error: {says}\n")
    assert session.scalars(select(Source)).all() == []
    assert session.scalars(select(Topic)).all() == []


def test_adding_refuses_with_one_sentence(postroom: Postroom, outlet: Outlet) -> None:
    url = outlet.feed("/feed", rss(item(1)))
    assert postroom("morning", url).output == "Added The Harbour Ledger: 1 entry just now.\n"
    again, unknown = postroom("morning", url), postroom("evening", url)
    assert (again.exit_code, again.stderr) == (1, "Error: morning has this source already.\n")
    assert unknown.exit_code == 1
    assert "There is no newsletter evening." in unknown.stderr
    misused = [
        postroom("morning", url, "--topic", "World News"),
        postroom("morning"),
        postroom("morning", url, "--push"),
    ]
    assert [run.exit_code for run in misused] == [2, 2, 2]


def test_sources_in_a_private_network_follow_the_setting(postroom: Postroom, outlet: Outlet) -> None:
    url = outlet.feed("/feed", rss(item(1)))
    run = postroom("morning", url, PUBLIC_URL="https://news.example")
    assert run.exit_code == 1
    assert "lies in a private network" in run.stderr


def test_a_source_for_pushes_shows_its_key_once(postroom: Postroom, session: Session) -> None:
    said = answer(postroom("morning", "--push", "--title", "Our CMS", "--json"))
    source = session.scalars(select(Source)).one()
    assert push.opens(source, said["key"])
    assert said["address"].endswith(f"/api/sources/{source.id}/articles")
    assert (source.kind, source.title, source.host) == ("push", "Our CMS", "")
    session.commit()
    run = postroom("morning", "--push")
    assert run.output.startswith("Added Pushed articles. Send articles to\n  POST http")
    assert "Authorization: Bearer push_" in run.output

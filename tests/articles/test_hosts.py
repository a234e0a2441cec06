from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from mailer.articles import hosts, polling
from mailer.articles.hosts import SPACING
from mailer.articles.models import Source
from mailer.articles.polling import PollPlan
from mailer.articles.source import FetchFailed
from tests.articles.making import NOW, make_source

SECOND = timedelta(seconds=1)


def make_sources(session: Session, host: str, count: int) -> list[int]:
    made = [make_source(session, f"https://{host}/{n}", slug=f"{host}-{n}") for n in range(count)]
    for source in made:
        source.host = hosts.host_of(source.url)
    session.commit()
    return [source.id for source in made]


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://News.Example:8443/feed", "news.example"),
        ("https://news.example./feed", "news.example"),
        ("http://[2a00:1450::1]/", "2a00:1450::1"),
        ("http://localhost:8000/demo/rss", ""),
        ("http://127.0.0.1/feed", ""),
        ("http://[::1]/feed", ""),
        ("push:0123", ""),
    ],
)
def test_the_host_of_an_address(url: str, host: str) -> None:
    assert hosts.host_of(url) == host


def test_polls_of_one_host_keep_their_distance_and_do_not_hinder_others(session: Session) -> None:
    first, second = make_sources(session, "one.example", 2)
    (other,) = make_sources(session, "other.example", 1)
    assert polling.due(session, NOW, 10) == [first, other]
    assert polling.claim(session, first, NOW) is not None
    assert polling.due(session, NOW + SECOND, 10) == [other]
    assert polling.claim(session, second, NOW + SPACING - SECOND) is None
    assert polling.claim(session, other, NOW) is not None
    assert polling.claim(session, second, NOW + SPACING + SECOND) is not None


def test_sources_on_this_machine_need_no_distance(session: Session) -> None:
    here = [make_source(session, f"http://127.0.0.1:8000/{n}", slug=f"here-{n}").id for n in range(3)]
    assert polling.due(session, NOW, 10) == here
    assert all(polling.claim(session, each, NOW) for each in here)


def test_a_source_of_before_hosts_were_kept_learns_its_own(session: Session) -> None:
    source = make_source(session, "https://old.example/feed")
    assert source.host == ""
    polling.claim(session, source.id, NOW)
    session.commit()
    assert session.get_one(Source, source.id, populate_existing=True).host == "old.example"


def test_of_many_workers_at_once_one_gets_the_host(engine: Engine, session: Session) -> None:
    sources = make_sources(session, "one.example", 6)

    def claim(source_id: int) -> PollPlan | None:
        with Session(engine) as mine:
            plan = polling.claim(mine, source_id, NOW)
            mine.commit()
            return plan

    with ThreadPoolExecutor(6) as workers:
        assert len([plan for plan in workers.map(claim, sources) if plan]) == 1


def test_a_host_that_is_asked_too_often_rests_with_all_its_sources(session: Session) -> None:
    first, second = make_sources(session, "one.example", 2)
    (other,) = make_sources(session, "other.example", 1)
    plan = polling.claim(session, first, NOW)
    assert plan is not None
    polling.record(session, plan, FetchFailed("The server says that we ask too often. (HTTP 429)", 3600), NOW)
    session.commit()
    assert polling.due(session, NOW + timedelta(minutes=59), 10) == [other]
    assert second in polling.due(session, NOW + timedelta(minutes=60), 10)

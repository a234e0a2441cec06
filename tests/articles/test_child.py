"""Reading in a child process, which hostile documents keep busy."""

from datetime import datetime

from mailer import apart
from mailer.articles import child
from mailer.articles.kinds import SourceKind
from mailer.articles.reading import Read
from mailer.articles.source import FetchFailed
from tests.articles.hostile import full, slow
from tests.articles.making import item, rss
from tests.articles.outlet import Answer, Outlet


def read(url: str, *more: str, seconds: float = child.SECONDS) -> object:
    return child.run("read", SourceKind.FEED, url, *more, seconds=seconds, allow_private=True, base_url="")


def test_a_feed_comes_back_from_the_child_as_it_is(outlet: Outlet) -> None:
    reading = read(outlet.feed("/feed", rss(item(1), item(2)), ETag='"1"'))
    assert isinstance(reading, Read)
    assert (reading.etag, [entry.title for entry in reading.feed.entries]) == ('"1"', ["Story 1", "Story 2"])
    assert isinstance(reading.feed.entries[0].published_at, datetime)


def test_a_failure_comes_back_with_what_the_server_wishes(outlet: Outlet) -> None:
    url = outlet.serve("/feed", Answer(status=503, headers={"Retry-After": "90"}))
    assert read(url) == FetchFailed("The server has trouble of its own. (HTTP 503)", 90, 503)


def test_a_document_made_to_be_slow_is_stopped_with_a_sentence(outlet: Outlet) -> None:
    url = outlet.feed("/slow", slow())
    assert read(url, seconds=2) == FetchFailed("Reading this address took longer than 2 seconds, so it was stopped.")
    assert isinstance(read(outlet.feed("/feed", rss(item(1)))), Read)
    assert child.SECONDS < 30


def test_a_document_made_to_fill_the_memory_is_stopped_with_a_sentence(outlet: Outlet) -> None:
    answer = read(outlet.feed("/full", full()))
    assert answer == FetchFailed("Reading this address took more than 256 MB of memory, so it was stopped.")


def test_every_job_is_there_with_types_that_can_travel() -> None:
    for function in child.JOBS.values():
        assert apart._adapters(function)

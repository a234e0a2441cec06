"""Sources that go wrong: the others come in, no article comes twice, no digest is empty, and the editor is told.

Two sources are read and an issue is made of both. Then one goes wrong, the other brings three more articles, and both
are read an hour and two days later, as the worker does it: in a child process, over HTTP.
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from mailer.articles import polling
from mailer.articles.health import health
from mailer.articles.models import Source
from mailer.digests import assembly
from mailer.digests.selection import NotEnough
from tests.articles.making import HOME, NOW, rss
from tests.articles.outlet import Answer, Handler, Outlet
from tests.articles.outlet import outlet as open_outlet
from tests.faults.tls import stranger
from tests.newsletters.making import make_newsletter

HOUR = timedelta(hours=1)
LATER, MUCH_LATER = NOW + HOUR, NOW + 50 * HOUR
OLD, GOOD = range(20), range(100, 105)
NEW = range(105, 108)


def story(number: int, site: str = HOME, again: timedelta = timedelta()) -> str:
    """An item whose words are its own, or it would be tied to another; one an hour, the last at NOW."""
    digest = hashlib.sha256(str(number).encode()).hexdigest()
    words = " ".join(digest[start : start + 6] for start in range(0, 48, 6))
    date = format_datetime(NOW - (number % 100) * HOUR + again)
    link = f"{site}/{number}"
    return f"<title>{words}</title><link>{link}</link><guid>{link}</guid><pubDate>{date}</pubDate>"


def feed(numbers: range, **how: object) -> bytes:
    return rss(*(story(number, **how) for number in numbers)).encode()  # type: ignore[arg-type]


def endless(handler: Handler) -> None:
    """Ten gigabytes, or as much as anybody takes."""
    for _ in range(10_000):
        handler.wfile.write(b"x" * 1_000_000)


def broken_off(handler: Handler) -> None:
    handler.wfile.write(feed(OLD)[:3000])


def to(url: str) -> Answer:
    return Answer(status=302, headers={"Location": url})


QUIET = "Nothing new for 2 days; usually something every hour."

FAULTS = {
    "500": (Answer(b"x", status=500), "The server has trouble of its own. (HTTP 500)"),
    "404": (Answer(b"x", status=404), "There is nothing at this address. (HTTP 404)"),
    "403": (Answer(b"x", status=403), "The server refuses to let us read this address. (HTTP 403)"),
    "HTML": (Answer(b"<!doctype html><p>Back soon"), "This address is a web page, not a feed."),
    "nothing": (Answer(), "This address answers with nothing at all."),
    "XML cut short": (Answer(feed(OLD)[:3000]), QUIET),
    "a document cut short": (
        Answer(headers={"Content-Length": "99999"}, script=broken_off),
        "The connection broke off",
    ),
    "the same items re-dated": (Answer(feed(OLD, again=49 * HOUR)), QUIET),
    "all ids changed": (Answer(feed(OLD, site="https://new.example")), "20 items look new at once: held for a look."),
    "10 GB": (Answer(script=endless), "The answer is larger than 10 MB."),
    "a redirect loop": (to("/ill"), "The address was forwarded more than 5 times."),
    "304 for ever": (Answer(status=304), QUIET),
}
"""What the source answers from then on, and what the editor is told two days later."""


@pytest.fixture
def outlet() -> Iterator[Outlet]:
    with open_outlet() as opened:
        yield opened


class House:
    """A newsletter with two sources, of which both have been in an issue."""

    def __init__(self, session: Session, outlet: Outlet) -> None:
        self._session, self._outlet = session, outlet
        self.newsletter = make_newsletter(session)
        self.ill = self._source(outlet.feed("/ill", feed(OLD).decode(), ETag='"1"'))
        self.good = self._source(outlet.feed("/good", feed(GOOD).decode()))
        self.poll(NOW)
        self.first = self.draft(NOW + HOUR / 2)
        outlet.feed("/good", feed(range(100, 108)).decode())

    def _source(self, url: str) -> Source:
        source = Source(newsletter=self.newsletter, url=url, created_at=NOW, next_poll_at=NOW)
        self._session.add(source)
        self._session.commit()
        return source

    def poll(self, now: datetime) -> None:
        """Read what is due, each as the worker does."""
        for source_id in polling.due(self._session, now, 10):
            plan = polling.claim(self._session, source_id, now)
            self._session.commit()
            assert plan is not None
            polling.record(self._session, plan, polling.read(plan, allow_private=True, base_url=""), now)
            self._session.commit()

    def draft(self, now: datetime) -> set[str]:
        """The addresses in the issue that is made now; none when there is none."""
        made = assembly.draft(self._session, self.newsletter, schedule=None, slot=None, now=now)
        self._session.commit()
        return set() if isinstance(made, NotEnough) else {article.url for article in made.articles}

    def goes_on(self, says: str) -> None:
        """Only the other source brings anything, once; and the editor reads of this one what is the matter."""
        self.poll(LATER)
        assert self.first.isdisjoint(expected := {f"{HOME}/{number}" for number in NEW})
        assert self.draft(LATER) == expected
        self.poll(MUCH_LATER)
        assert self.draft(MUCH_LATER) == set()
        told = health(self.ill, MUCH_LATER)
        assert told.sentence.startswith(says)
        assert told.needs_a_look
        assert self.good.error == ""


@pytest.fixture
def house(session: Session, outlet: Outlet) -> House:
    return House(session, outlet)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_source_that_goes_wrong_harms_nobody_else(house: House, outlet: Outlet, fault: str) -> None:
    answer, says = FAULTS[fault]
    outlet.serve("/ill", answer)
    house.goes_on(says)


def test_a_source_whose_certificate_nobody_knows_harms_nobody_else(
    house: House, outlet: Outlet, tmp_path: Path
) -> None:
    with stranger(tmp_path) as url:
        outlet.serve("/ill", to(url))
        house.goes_on("The server's certificate is not valid for this address.")


def test_a_source_that_speaks_no_tls_harms_nobody_else(house: House, outlet: Outlet) -> None:
    outlet.serve("/ill", to(outlet.url.replace("http:", "https:")))
    house.goes_on("The server does not speak TLS as it should.")

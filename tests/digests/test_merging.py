from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.articles import aliases
from mailer.articles.ingest import store
from mailer.articles.models import Article, Sighting
from mailer.digests.merging import follow
from mailer.digests.models import IssueArticle
from mailer.digests.release import release
from mailer.newsletters.models import Newsletter
from tests.articles.making import entry, feed
from tests.digests.making import NOW, make_issue, make_source
from tests.newsletters.making import make_newsletter

SHORT = "https://l.example/a1"
OWN = "https://ledger.example/tram"
TITLE = "Harbour tram to run again after thirty years"


@pytest.fixture
def newsletter(session: Session) -> Newsletter:
    return make_newsletter(session)


@pytest.fixture
def pair(session: Session, newsletter: Newsletter) -> tuple[int, int]:
    """One article, at a short address and later at its own."""
    first = make_source(session, newsletter, "links")
    store(session, first, feed(entry(1, url=SHORT, title=TITLE), entry(2, title="Ferry")), NOW - timedelta(hours=2))
    store(session, make_source(session, newsletter), feed(entry(3, url=OWN, title=TITLE)), NOW - timedelta(hours=1))
    session.commit()
    short, own = (aliases.find(session, url) for url in (SHORT, OWN))
    assert short
    assert own
    return short, own


def stored(session: Session) -> list[int]:
    return list(session.scalars(select(Article.id).order_by(Article.id)))


def test_two_addresses_of_one_article_become_one(session: Session, pair: tuple[int, int]) -> None:
    short, own = pair
    duplicate = session.get_one(Article, short)
    duplicate.embargo_until, duplicate.held_at, duplicate.held_by = NOW, NOW, "mara@ledger.example"
    session.flush()
    assert follow(session, short, OWN + "/?utm_source=x") == own
    assert short not in stored(session)
    assert aliases.find(session, SHORT) == aliases.find(session, OWN) == own
    kept = session.get_one(Article, own, populate_existing=True)
    assert (kept.embargo_until, kept.held_at, kept.held_by) == (NOW, NOW, "mara@ledger.example")
    assert kept.cluster_id == own
    seen = session.scalars(select(Sighting.seen_at).where(Sighting.article_id == own).order_by(Sighting.seen_at))
    assert list(seen) == [NOW - timedelta(hours=2), NOW - timedelta(hours=1)]


def test_the_next_poll_finds_the_one_that_stayed(
    session: Session, newsletter: Newsletter, pair: tuple[int, int]
) -> None:
    short, own = pair
    follow(session, short, OWN)
    before = stored(session)
    again = make_source(session, newsletter, "again")
    assert store(session, again, feed(entry(1, url=SHORT, title=TITLE)), NOW).new == 0
    assert store(session, again, feed(entry(1, url=SHORT, title=TITLE), entry(3, url=OWN)), NOW).new == 0
    assert stored(session) == before
    assert session.get(Sighting, (own, again.id)) is not None


def test_a_draft_keeps_one_of_the_two_and_says_that_it_changed(
    session: Session, newsletter: Newsletter, pair: tuple[int, int]
) -> None:
    short, own = pair
    issue = make_issue(session, newsletter)
    held = {item.article_id for item in issue.articles}
    for number, missing in enumerate({short, own} - held, len(held)):
        item = IssueArticle(issue_id=issue.id, article_id=missing, position=number, url=OWN, title=TITLE)
        session.add(item)
    session.commit()
    assert follow(session, short, OWN) == own
    session.refresh(issue)
    assert [item.article_id for item in issue.articles].count(own) == 1
    assert short not in [item.article_id for item in issue.articles]
    assert issue.version == 2


def test_an_article_that_readers_have_stays_tied_to_the_other(
    session: Session, newsletter: Newsletter, pair: tuple[int, int]
) -> None:
    short, own = pair
    issue = make_issue(session, newsletter)
    assert short in [item.article_id for item in issue.articles]
    release(session, issue.id, 1, "mara@ledger.example", NOW)
    assert follow(session, short, OWN) == short
    assert {short, own} <= set(stored(session))
    clusters = session.scalars(select(Article.cluster_id).where(Article.id.in_(pair)))
    assert set(clusters) == {short}


@pytest.mark.parametrize("address", ["https://ledger.example/unknown", SHORT, "nonsense"])
def test_an_address_we_do_not_know_changes_nothing(session: Session, pair: tuple[int, int], address: str) -> None:
    before = stored(session)
    assert follow(session, pair[0], address) == pair[0]
    assert stored(session) == before


def test_a_page_that_many_addresses_lead_to_is_not_all_of_them(session: Session, pair: tuple[int, int]) -> None:
    ferry = session.scalars(select(Article.id).where(Article.title == "Ferry")).one()
    assert follow(session, ferry, OWN) == ferry
    assert len(stored(session)) == 3

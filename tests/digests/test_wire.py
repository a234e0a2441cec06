"""The wire: what an editor may still take into the issue."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from mailer.articles.models import Source
from mailer.digests.models import Issue, IssueState
from mailer.digests.wire import issue_before, wire
from mailer.newsletters.models import Newsletter
from tests.digests.making import NOW, make_issue, make_source, see, sight
from tests.newsletters.making import make_newsletter

HOUR = timedelta(hours=1)


@pytest.fixture
def newsletter(session: Session) -> Newsletter:
    return make_newsletter(session)


@pytest.fixture
def source(session: Session, newsletter: Newsletter) -> Source:
    return make_source(session, newsletter)


def shown(session: Session, issue: Issue) -> list[tuple[str, bool]]:
    before = issue_before(session, issue)
    entries = wire(session, issue, before.created_at if before else None)
    return [(entry.article.title, entry.used) for entry in entries]


def test_the_wire_shows_the_newest_first_and_what_the_issue_holds(
    session: Session, newsletter: Newsletter, source: Source
) -> None:
    see(session, source, "Old", NOW - 2 * HOUR)
    issue = make_issue(session, newsletter)
    see(session, source, "New", NOW + HOUR)
    assert shown(session, issue) == [("New", False), ("Old", True)]


def test_what_an_earlier_issue_holds_is_not_offered_again(
    session: Session, newsletter: Newsletter, source: Source
) -> None:
    see(session, source, "First", NOW - HOUR)
    first = make_issue(session, newsletter)
    see(session, source, "Second", NOW + HOUR)
    second = make_issue(session, newsletter, NOW + 2 * HOUR)
    assert issue_before(session, second) == first
    assert shown(session, second) == [("Second", True)]


def test_a_cancelled_issue_gives_its_articles_back(session: Session, newsletter: Newsletter, source: Source) -> None:
    see(session, source, "First", NOW - HOUR)
    make_issue(session, newsletter).state = IssueState.CANCELLED.value
    second = make_issue(session, newsletter, NOW + HOUR)
    assert issue_before(session, second) is None
    assert shown(session, second) == [("First", True)]


def test_an_article_of_a_source_that_is_off_or_of_another_newsletter_is_not_offered(
    session: Session, newsletter: Newsletter, source: Source
) -> None:
    see(session, source, "Ours", NOW - HOUR)
    issue = make_issue(session, newsletter)
    see(session, make_source(session, newsletter, "off", active=False), "Off", NOW + HOUR)
    see(session, make_source(session, make_newsletter(session, "evening"), "theirs"), "Theirs", NOW + HOUR)
    assert shown(session, issue) == [("Ours", True)]


def test_an_article_that_two_sources_bring_stands_on_the_wire_once(
    session: Session, newsletter: Newsletter, source: Source
) -> None:
    see(session, source, "Ours", NOW - HOUR)
    issue = make_issue(session, newsletter)
    article = see(session, source, "Twice", NOW + HOUR)
    sight(session, make_source(session, newsletter, "second"), article, NOW + 2 * HOUR)
    assert shown(session, issue) == [("Twice", False), ("Ours", True)]

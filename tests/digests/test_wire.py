"""The wire: what an editor may still take into the issue."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from mailer.articles.models import Source
from mailer.digests.models import Issue, IssueState
from mailer.digests.wire import WireArticle, issue_before, wire
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


def named(entries: list[WireArticle]) -> list[tuple[str, bool]]:
    return [(entry.article.title, entry.used) for entry in entries]


def new(session: Session, issue: Issue, search: str = "") -> list[tuple[str, bool]]:
    return named(wire(session, issue, issue_before(session, issue), search).new)


def test_the_wire_shows_the_newest_first_and_what_the_issue_holds(
    session: Session, newsletter: Newsletter, source: Source
) -> None:
    see(session, source, "Old", NOW - 2 * HOUR)
    issue = make_issue(session, newsletter)
    see(session, source, "New", NOW + HOUR)
    assert new(session, issue) == [("New", False), ("Old", True)]


def test_new_earlier_and_what_the_last_issue_had_stand_apart(
    session: Session, newsletter: Newsletter, source: Source
) -> None:
    see(session, source, "First", NOW - HOUR)
    first = make_issue(session, newsletter)
    left = see(session, source, "Left over", NOW - 2 * HOUR)
    see(session, source, "Long ago", NOW - timedelta(days=9))
    see(session, source, "Second", NOW + HOUR)
    second = make_issue(session, newsletter, NOW + 2 * HOUR)
    second.articles[:] = [item for item in second.articles if item.article_id != left.id]
    session.commit()
    assert issue_before(session, second) == first
    found = wire(session, second, first)
    assert named(found.new) == [("Second", True)]
    assert named(found.earlier) == [("Left over", False)]
    assert named(found.last) == [("First", False)]


def test_what_an_issue_before_the_last_holds_is_not_offered_again(
    session: Session, newsletter: Newsletter, source: Source
) -> None:
    for n, title in enumerate(("First", "Second", "Third")):
        see(session, source, title, NOW + n * HOUR)
        issue = make_issue(session, newsletter, NOW + n * HOUR + HOUR / 2)
    found = wire(session, issue, issue_before(session, issue))
    assert [named(found.new), named(found.earlier), named(found.last)] == [[("Third", True)], [], [("Second", False)]]


def test_a_cancelled_issue_gives_its_articles_back(session: Session, newsletter: Newsletter, source: Source) -> None:
    see(session, source, "First", NOW - HOUR)
    make_issue(session, newsletter).state = IssueState.CANCELLED.value
    second = make_issue(session, newsletter, NOW + HOUR)
    assert issue_before(session, second) is None
    assert new(session, second) == [("First", True)]


def test_an_article_of_a_source_that_is_off_or_of_another_newsletter_is_not_offered(
    session: Session, newsletter: Newsletter, source: Source
) -> None:
    see(session, source, "Ours", NOW - HOUR)
    issue = make_issue(session, newsletter)
    see(session, make_source(session, newsletter, "off", active=False), "Off", NOW + HOUR)
    see(session, make_source(session, make_newsletter(session, "evening"), "theirs"), "Theirs", NOW + HOUR)
    assert new(session, issue) == [("Ours", True)]


def test_an_article_that_two_sources_bring_stands_on_the_wire_once(
    session: Session, newsletter: Newsletter, source: Source
) -> None:
    see(session, source, "Ours", NOW - HOUR)
    issue = make_issue(session, newsletter)
    article = see(session, source, "Twice", NOW + HOUR)
    sight(session, make_source(session, newsletter, "second"), article, NOW + 2 * HOUR)
    assert new(session, issue) == [("Twice", False), ("Ours", True)]


def test_of_near_duplicates_one_stands_there_and_names_the_sources_of_the_others(
    session: Session, newsletter: Newsletter, source: Source
) -> None:
    ours = see(session, source, "Port expansion passes", NOW - HOUR)
    issue = make_issue(session, newsletter)
    coast = make_source(session, newsletter, "coast", title="The Coast Daily")
    theirs = see(session, coast, "Port expansion is passed", NOW + HOUR)
    ours.cluster_id = theirs.cluster_id = ours.id
    session.commit()
    found = wire(session, issue, issue_before(session, issue))
    assert named(found.new) == [("Port expansion passes", True)]
    assert found.new[0].also_at == ("The Coast Daily",)
    assert found.unused == 0


def test_a_search_finds_words_anywhere_and_reaches_back_to_the_beginning(
    session: Session, newsletter: Newsletter, source: Source
) -> None:
    see(session, source, "Порт расширят", NOW - timedelta(days=400), summary="Совет голосовал 50% на 50.")
    see(session, source, "Trains", NOW - HOUR, author="Mara Lindqvist")
    issue = make_issue(session, newsletter)
    assert new(session, issue, "порт 50%") == [("Порт расширят", True)]
    assert new(session, issue, "MARA train") == [("Trains", True)]
    assert new(session, issue, "harvest") == []

"""Asked over loopback HTTP, in the child process that asks in the product, too."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mailer.articles.answers import Answer as Found
from mailer.articles.models import Article
from mailer.digests.linkcheck import AGAIN, ALIVE, JUST_NOW, ask, claim, due, problems, record
from mailer.digests.models import Issue
from mailer.newsletters.models import Newsletter
from tests.articles.outlet import Answer, Outlet
from tests.articles.outlet import outlet as open_outlet
from tests.digests.making import NOW, make_issue, make_source, see
from tests.newsletters.making import make_newsletter


@pytest.fixture
def outlet() -> Iterator[Outlet]:
    with open_outlet() as opened:
        yield opened


@pytest.fixture
def newsletter(session: Session) -> Newsletter:
    return make_newsletter(session)


@pytest.fixture
def issue(session: Session, newsletter: Newsletter) -> Issue:
    source = make_source(session, newsletter)
    for number in range(2):
        see(session, source, f"Story {number}", NOW, picture_url="https://ledger.example/p.jpg")
    return make_issue(session, newsletter)


def page(status: int = 200) -> Answer:
    return Answer(b"<html><body>Tram</body></html>", status, {"Content-Type": "text/html"})


def found(issue: Issue, *gone: bool | None, problem: str = "", picture: str = "") -> list[Found]:
    return [
        Found(item.article_id, each, item.url, problem, picture)
        for item, each in zip(issue.articles, gone, strict=True)
    ]


def test_the_child_asks_for_a_whole_draft_and_what_it_finds_is_kept(
    session: Session, newsletter: Newsletter, outlet: Outlet
) -> None:
    source = make_source(session, newsletter)
    outlet.serve("/one", page(status=404))
    outlet.serve("/two", page())
    for path in ("one", "two"):
        see(session, source, path, NOW, url=f"{outlet.url}/{path}", canonical_url=f"{outlet.url}/{path}")
    issue = make_issue(session, newsletter)
    assert due(session, NOW, 9) == [issue.id]
    questions = claim(session, issue.id, NOW)
    session.commit()
    assert claim(session, issue.id, NOW) == []
    record(session, ask(questions, allow_private=True, base_url=""), NOW)
    session.commit()
    assert problems(session, issue.id) == [
        "“one”: There is nothing at its address any more, so it stays out of the mail."
    ]
    assert due(session, NOW, 9) == []
    session.execute(update(Article).values(checked_at=NOW - JUST_NOW))
    outlet.serve("/one", page())
    record(session, ask(claim(session, issue.id, NOW), allow_private=True, base_url=""), NOW)
    assert problems(session, issue.id) == []
    assert set(session.scalars(select(Article.gone_at))) == {None}


def test_what_nobody_can_tell_changes_nothing_and_is_said(session: Session, issue: Issue) -> None:
    record(session, found(issue, True, True), NOW)
    record(session, found(issue, None, False, problem="It is slow.", picture="It is large."), NOW + AGAIN)
    first, second = (session.get_one(Article, item.article_id) for item in issue.articles)
    assert (first.gone_at, second.gone_at) == (NOW, None)
    assert problems(session, issue.id)[1:] == [
        f"“{second.title}”: Its address could not be checked. It is slow.",
        f"“{second.title}”: It is large.",
    ]


def test_a_draft_is_asked_when_it_is_made_each_hour_and_before_it_leaves(session: Session, issue: Issue) -> None:
    assert due(session, NOW, 9) == [issue.id]
    claim(session, issue.id, NOW)
    assert due(session, NOW + AGAIN - timedelta(minutes=1), 9) == []
    assert due(session, NOW + AGAIN, 9) == [issue.id]
    assert due(session, NOW + ALIVE, 9) == []
    issue.leaves_at = NOW + timedelta(minutes=30)
    session.flush()
    assert due(session, NOW + timedelta(minutes=19), 9) == []
    assert due(session, NOW + timedelta(minutes=20), 9) == [issue.id]
    claim(session, issue.id, NOW + timedelta(minutes=20))
    assert due(session, NOW + timedelta(minutes=29), 9) == []
    issue.state = "sending"
    session.flush()
    assert due(session, NOW + AGAIN, 9) == []
    assert claim(session, issue.id, NOW + AGAIN) == []


def test_an_article_that_leads_to_one_we_know_becomes_one_with_it(
    session: Session, newsletter: Newsletter, issue: Issue
) -> None:
    own = see(session, make_source(session, newsletter, "two"), "Story", NOW)
    own.title = issue.articles[0].title
    session.flush()
    answer = Found(issue.articles[0].article_id, False, own.url, "", "")
    record(session, [answer], NOW)
    record(session, [answer], NOW)
    session.refresh(issue)
    assert issue.articles[0].article_id == own.id

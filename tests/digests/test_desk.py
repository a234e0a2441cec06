"""What an editor does to a draft; the first of two editors wins, and a released text stays."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from mailer.articles.models import Article
from mailer.digests import desk, release
from mailer.digests.desk import Frozen, Outcome, Stale
from mailer.digests.models import Issue, IssueState
from tests.digests.making import NOW, make_issue, make_source, make_topic, see, titles
from tests.newsletters.making import make_newsletter


@pytest.fixture
def issue(session: Session) -> Issue:
    """A, B and C, in this order."""
    newsletter = make_newsletter(session)
    source = make_source(session, newsletter, topic=make_topic(session, newsletter, "city", 2))
    for age, title in enumerate("ABC"):
        see(session, source, title, NOW - timedelta(hours=age))
    return make_issue(session, newsletter)


def fresh(session: Session, issue: Issue) -> Issue:
    session.commit()
    session.expire_all()
    return issue


def test_an_article_moves_and_stops_at_the_ends(session: Session, issue: Issue) -> None:
    moves = [("A", 1, "BAC"), ("C", -1, "BCA"), ("B", -1, "BCA"), ("A", 1, "BCA"), ("A", -2, "ABC"), ("A", 9, "BCA")]
    for version, (title, places, order) in enumerate(moves, 1):
        item = next(a for a in issue.articles if a.title == title)
        assert desk.move(session, issue.id, version, item.id, places) == version + 1
        assert titles(fresh(session, issue)) == list(order)


def test_an_article_is_dropped_and_the_rest_keeps_its_order(session: Session, issue: Issue) -> None:
    assert desk.drop(session, issue.id, 1, issue.articles[1].id) == 2
    assert titles(fresh(session, issue)) == ["A", "C"]
    assert desk.move(session, issue.id, 2, issue.articles[1].id, -1) == 3
    assert titles(fresh(session, issue)) == ["C", "A"]


def test_an_article_is_added_at_the_end_once(session: Session, issue: Issue) -> None:
    source = make_source(session, issue.newsletter, "sport", topic=make_topic(session, issue.newsletter, "sport", 5))
    article = see(session, source, "D", NOW)
    assert desk.add(session, issue.id, 1, article.id) == 2
    assert desk.add(session, issue.id, 2, article.id) == 3
    assert titles(fresh(session, issue)) == ["A", "B", "C", "D"]
    assert [a.topics for a in issue.articles] == [0b100, 0b100, 0b100, 0b100000]


def test_an_article_is_added_to_an_empty_issue(session: Session, issue: Issue) -> None:
    dropped = issue.articles[0].article_id
    for version, item in enumerate(list(issue.articles), 1):
        desk.drop(session, issue.id, version, item.id)
    assert desk.add(session, issue.id, 4, dropped) == 5
    assert titles(fresh(session, issue)) == ["A"]


def test_new_wording_stays_in_the_issue(session: Session, issue: Issue) -> None:
    item = issue.articles[0]
    assert desk.change_text(session, issue.id, 1, item.id, title=" A,\n better ", summary=" It is.\n\nReally. ") == 2
    assert (fresh(session, issue).articles[0].title, item.summary) == ("A, better", "It is.\n\nReally.")
    assert session.get_one(Article, item.article_id).title == "A"


def test_the_subject_is_one_line_whatever_was_typed(session: Session, issue: Issue) -> None:
    assert desk.change_subject(session, issue.id, 1, "The ferry\r\nBcc: everybody") == 2
    assert (fresh(session, issue).subject, issue.preview_line, issue.note) == (
        "The ferry Bcc: everybody",
        "B · C",
        "",
    )


def test_subject_preview_line_and_note_change_together(session: Session, issue: Issue) -> None:
    assert desk.change_subject(session, issue.id, 1, "The ferry", preview_line="", note=" Good morning. ") == 2
    assert (fresh(session, issue).subject, issue.preview_line, issue.note) == ("The ferry", "", "Good morning.")


Change = Callable[[Session, Issue, int], Outcome]
CHANGES: list[Change] = [
    lambda s, issue, version: desk.move(s, issue.id, version, issue.articles[0].id, 1),
    lambda s, issue, version: desk.add(s, issue.id, version, issue.articles[0].article_id),
    lambda s, issue, version: desk.change_text(s, issue.id, version, issue.articles[0].id, title="X", summary=""),
    lambda s, issue, version: desk.change_subject(s, issue.id, version, "X"),
    lambda s, issue, version: desk.drop(s, issue.id, version, issue.articles[0].id),
]


def test_a_change_of_an_older_version_is_refused(session: Session, issue: Issue) -> None:
    desk.change_subject(session, issue.id, 1, "Mine")
    session.commit()
    assert [change(session, issue, 1) for change in CHANGES] == [Stale(2)] * len(CHANGES)
    assert (titles(fresh(session, issue)), issue.subject, issue.version) == (["A", "B", "C"], "Mine", 2)


def test_a_released_text_is_frozen(session: Session, issue: Issue) -> None:
    release.release(session, issue.id, 1, "lea@ledger.example", NOW)
    session.commit()
    assert [change(session, issue, 1) for change in CHANGES] == [Frozen(IssueState.SENDING)] * len(CHANGES)
    assert (titles(fresh(session, issue)), issue.subject, issue.version) == (["A", "B", "C"], "A", 1)


def test_every_change_raises_the_version(session: Session, issue: Issue) -> None:
    assert [change(session, issue, version) for version, change in enumerate(CHANGES, 1)] == [2, 3, 4, 5, 6]
    assert fresh(session, issue).version == 6


def test_what_is_not_there_is_an_error(session: Session, issue: Issue) -> None:
    missing: list[Change] = [
        lambda s, _issue, version: desk.change_subject(s, 4711, version, "X"),
        lambda s, issue, version: desk.drop(s, issue.id, version, 4711),
        lambda s, issue, version: desk.add(s, issue.id, version, 4711),
    ]
    for change in missing:
        with pytest.raises(LookupError, match="4711"):
            change(session, issue, 1)
        session.rollback()
    assert fresh(session, issue).version == 1


def test_of_two_editors_at_once_one_is_told_to_look_again(engine: Engine, issue: Issue) -> None:
    together = Barrier(2)

    def run(subject: str) -> Outcome:
        with Session(engine) as mine:
            together.wait(10)
            outcome = desk.change_subject(mine, issue.id, 1, subject)
            mine.commit()
            return outcome

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(run, ["Mine", "Yours"]))
    assert sorted(map(repr, outcomes)) == ["2", "Stale(version=2)"]

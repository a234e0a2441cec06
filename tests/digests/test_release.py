"""Release, pause, resume, cancel: one conditional UPDATE each, and the second one loses."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from mailer.digests import desk, release
from mailer.digests.models import Issue, IssueState
from tests.digests.making import NOW, make_issue, make_source, see
from tests.newsletters.making import make_newsletter

LEA = "lea@ledger.example"


@pytest.fixture
def issue(session: Session) -> Issue:
    newsletter = make_newsletter(session)
    see(session, make_source(session, newsletter), "Ferry", NOW)
    return make_issue(session, newsletter)


def state(session: Session, issue: Issue) -> str:
    session.commit()
    session.refresh(issue)
    return issue.state


def test_a_draft_is_released_once(session: Session, issue: Issue) -> None:
    assert release.release(session, issue.id, issue.version, LEA, NOW)
    assert not release.release(session, issue.id, issue.version, "dario@ledger.example", NOW)
    assert state(session, issue) == IssueState.SENDING
    assert (issue.released_by, issue.released_at) == (LEA, NOW)


def test_only_the_version_that_was_looked_at_is_released(session: Session, issue: Issue) -> None:
    looked_at = issue.version
    desk.change_subject(session, issue.id, looked_at, "Another")
    assert not release.release(session, issue.id, looked_at, LEA, NOW)
    assert state(session, issue) == IssueState.DRAFT


def test_of_two_who_release_at_once_one_does(engine: Engine, issue: Issue) -> None:
    together = Barrier(2)

    def run(by: str) -> bool:
        with Session(engine) as mine:
            together.wait(10)
            won = release.release(mine, issue.id, issue.version, by, NOW)
            mine.commit()
            return won

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(run, [LEA, "dario@ledger.example"])) == [False, True]


def test_an_issue_is_held_and_goes_on(session: Session, issue: Issue) -> None:
    assert not release.pause(session, issue.id)
    release.release(session, issue.id, issue.version, LEA, NOW)
    assert not release.resume(session, issue.id)
    assert release.pause(session, issue.id)
    assert state(session, issue) == IssueState.PAUSED
    assert release.resume(session, issue.id)
    assert state(session, issue) == IssueState.SENDING


def test_what_is_over_cannot_be_called_off(session: Session, issue: Issue) -> None:
    for now_it_is in IssueState:
        issue.state = now_it_is.value
        session.commit()
        over = now_it_is in (IssueState.SENT, IssueState.CANCELLED)
        assert release.cancel(session, issue.id) is not over
        assert state(session, issue) == (now_it_is if over else IssueState.CANCELLED)


def test_an_issue_that_is_not_there_is_not_changed(session: Session) -> None:
    assert not any(change(session, 4711) for change in (release.pause, release.resume, release.cancel))

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from mailer.delivery.models import DeliveryState
from mailer.digests.models import IssueState
from mailer.ops import pipeline
from mailer.ops.pipeline import Lately
from tests.ops.making import MINUTE, NOW, deliver, make_issue


def test_an_issue_on_the_way_says_how_far_it_is(session: Session) -> None:
    issue = make_issue(session)
    deliver(session, issue, 6, DeliveryState.ACCEPTED, "250 Ok")
    deliver(session, issue, 1, DeliveryState.REFUSED, "550 No")
    deliver(session, issue, 2, DeliveryState.QUEUED)
    deliver(session, issue, 1, DeliveryState.DEFERRED, "421 Later", due_at=NOW + MINUTE)
    [progress] = pipeline.recent(session, NOW)
    assert (progress.newsletter, progress.subject, progress.audience) == ("Morning Briefing", "Port expansion", 10)
    assert progress.percent == 70
    assert progress.open == 3
    assert progress.total(DeliveryState.ACCEPTED) == 6
    assert progress.last_minute == 7
    assert progress.ends_at(NOW) == pytest.approx(NOW + timedelta(minutes=2 / 7), abs=timedelta(seconds=1))
    assert not progress.stands_still(NOW)


def test_old_issues_and_drafts_are_not_counted(session: Session) -> None:
    issue = make_issue(session, state=IssueState.SENT.value, released_at=NOW - timedelta(days=4))
    make_issue(session, issue.newsletter, state=IssueState.DRAFT.value, released_at=None, fanned_out_at=None)
    assert pipeline.recent(session, NOW) == []


def test_an_old_issue_that_is_still_on_the_way_is_counted(session: Session) -> None:
    issue = make_issue(session, state=IssueState.PAUSED.value, released_at=NOW - timedelta(days=9))
    assert [progress.issue_id for progress in pipeline.recent(session, NOW)] == [issue.id]


def test_an_issue_that_nobody_sends_stands_still(session: Session) -> None:
    issue = make_issue(session)
    deliver(session, issue, 1, DeliveryState.ACCEPTED, settled_at=NOW - 3 * MINUTE)
    deliver(session, issue, 1, DeliveryState.QUEUED)
    [progress] = pipeline.recent(session, NOW)
    assert progress.stands_still(NOW)
    assert progress.ends_at(NOW) is None


def test_an_issue_whose_readers_nobody_names_stands_still(session: Session) -> None:
    make_issue(session, fanned_out_at=None)
    [progress] = pipeline.recent(session, NOW)
    assert progress.stands_still(NOW)
    assert progress.percent == 0


def test_an_issue_that_only_waits_for_the_relay_does_not_stand_still(session: Session) -> None:
    issue = make_issue(session)
    deliver(session, issue, 1, DeliveryState.DEFERRED, "421 Later", due_at=NOW + 30 * MINUTE)
    [progress] = pipeline.recent(session, NOW)
    assert not progress.stands_still(NOW)


def test_the_share_of_failures_is_taken_over_what_was_tried_lately(session: Session) -> None:
    assert pipeline.lately([]).share is None
    issue = make_issue(session)
    deliver(session, issue, 3, DeliveryState.ACCEPTED)
    deliver(session, issue, 1, DeliveryState.REFUSED)
    deliver(session, issue, 5, DeliveryState.SKIPPED, "topics")
    deliver(session, issue, 5, DeliveryState.REFUSED, settled_at=NOW - 20 * MINUTE)
    assert pipeline.lately(pipeline.recent(session, NOW)) == Lately(tried=4, failed=1)

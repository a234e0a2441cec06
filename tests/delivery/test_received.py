"""What one reader was sent, when two readers turn out to be one."""

from sqlalchemy.orm import Session

from mailer.delivery import dispatch, received, recovery, sweep
from mailer.delivery.dispatch import Result
from mailer.delivery.models import DeliveryState
from mailer.digests.models import Issue, IssueState
from tests.delivery.making import NOW, add_readers, leave, sending, states

ACCEPTED, REFUSED, SKIPPED = DeliveryState.ACCEPTED, DeliveryState.REFUSED, DeliveryState.SKIPPED


def send(session: Session, issue: Issue, state: DeliveryState) -> int:
    """Send an issue to its one reader, to this end; the reader's number."""
    claimed = dispatch.claim(session, "lane", NOW)
    assert claimed
    held, (reader,) = claimed
    dispatch.record(session, held, [Result(reader.subscriber_id, state, "550 5.7.1 Blocked")], NOW)
    dispatch.finish(session, held, NOW)
    sweep.finish(session, NOW)
    session.commit()
    session.refresh(issue)
    assert issue.state == IssueState.SENT
    return reader.subscriber_id


def test_what_was_sent_belongs_to_the_reader_who_stays(session: Session) -> None:
    issue = sending(session, 1)
    reader = send(session, issue, ACCEPTED)
    (into,) = add_readers(session, issue.newsletter, 1)
    received.follow(session, reader, into)
    assert states(session, issue) == {into: ACCEPTED}


def test_what_was_refused_can_be_tried_again_and_its_issue_ends(session: Session) -> None:
    issue = sending(session, 1)
    reader = send(session, issue, REFUSED)
    (into,) = add_readers(session, issue.newsletter, 1)
    received.follow(session, reader, into)
    leave(session, reader)
    assert recovery.retry_refused(session, issue.id, "550 5.7.1", NOW) == 1
    claimed = dispatch.claim(session, "lane", NOW)
    assert claimed
    assert claimed[1] == []
    dispatch.finish(session, claimed[0], NOW)
    sweep.finish(session, NOW)
    session.refresh(issue)
    assert (issue.state, states(session, issue)) == (IssueState.SENT, {reader: SKIPPED})

from sqlalchemy.orm import Session

from mailer.delivery import recovery
from mailer.delivery.models import DeliveryState
from mailer.ops import failures, pipeline
from tests.ops.making import MINUTE, NOW, deliver, make_issue


def test_the_same_cause_stands_together_whoever_it_hit(session: Session) -> None:
    issue = make_issue(session)
    deliver(session, issue, 3, DeliveryState.REFUSED, "550 5.1.1 <reader{}@mail.example>: User unknown")
    deliver(session, issue, 1, DeliveryState.REFUSED, "554 5.7.1 Message rejected")
    deliver(session, issue, 2, DeliveryState.ACCEPTED, "250 Ok")
    first, second = failures.group(session, pipeline.recent(session, NOW))
    assert (first.count, first.example, first.refused) == (3, "550 5.1.1 … User unknown", True)
    assert first.last_at is not None
    assert (second.count, second.beginning) == (1, "554 5.7.1 Message rejected")


def test_deferred_and_uncertain_ones_are_told_apart_from_refused_ones(session: Session) -> None:
    issue = make_issue(session)
    deliver(session, issue, 2, DeliveryState.DEFERRED, "421 Busy", due_at=NOW + MINUTE)
    deliver(session, issue, 1, DeliveryState.UNCERTAIN, "the relay hung up")
    later, doubt = failures.group(session, pipeline.recent(session, NOW))
    assert (later.state, later.refused, later.next_at) == (DeliveryState.DEFERRED, False, NOW + MINUTE)
    assert (doubt.state, doubt.refused) == (DeliveryState.UNCERTAIN, False)


def test_a_group_is_exactly_what_is_tried_again(session: Session) -> None:
    issue = make_issue(session)
    deliver(session, issue, 3, DeliveryState.REFUSED, "550 5.1.1 <reader{}@mail.example>: User unknown")
    deliver(session, issue, 2, DeliveryState.REFUSED, "550 5.1.10 Domain takes no mail")
    found = failures.group(session, pipeline.recent(session, NOW))
    assert [failure.count for failure in found] == [3, 2]
    for failure in found:
        assert recovery.retry_refused(session, issue.id, failure.beginning, NOW) == failure.count
    assert failures.group(session, pipeline.recent(session, NOW)) == []


def test_groups_do_not_overlap(session: Session) -> None:
    issue = make_issue(session)
    deliver(session, issue, 1, DeliveryState.REFUSED, "550 5.1.1 No such user")
    deliver(session, issue, 2, DeliveryState.REFUSED, "550 5.1.1 <reader{}@mail.example>: User unknown")
    deliver(session, issue, 1, DeliveryState.UNCERTAIN, "550 5.1.1 No such user")
    found = failures.group(session, pipeline.recent(session, NOW))
    assert [(failure.state, failure.beginning, failure.count) for failure in found] == [
        (DeliveryState.REFUSED, "550 5.1.1 ", 3),
        (DeliveryState.UNCERTAIN, "550 5.1.1 No such user", 1),
    ]

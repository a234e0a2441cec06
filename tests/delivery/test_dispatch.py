"""Claims, results and leases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from mailer.delivery import dispatch, receipt, recovery, sweep
from mailer.delivery.dispatch import LEASE, Result
from mailer.delivery.fanout import BATCH_SIZE
from mailer.delivery.models import Batch, BatchState, Delivery, DeliveryState
from mailer.delivery.receipt import Receipt
from mailer.digests.models import Issue, IssueState
from mailer.digests.release import cancel, pause, resume
from mailer.subscriptions import suppression
from mailer.subscriptions.models import Subscription, SubscriptionState
from tests.delivery.making import NOW, leave, sending

ACCEPTED, DEFERRED, REFUSED = DeliveryState.ACCEPTED, DeliveryState.DEFERRED, DeliveryState.REFUSED
MINUTE = timedelta(minutes=1)


def test_a_claim_names_each_reader_with_what_the_message_needs(session: Session) -> None:
    issue = sending(session, 3)
    claimed = dispatch.claim(session, "here", NOW)
    assert claimed is not None
    held, readers = claimed
    assert (held.issue_id, held.number, held.fence) == (issue.id, 0, 1)
    assert [reader.address for reader in readers] == [f"reader{n}@mail.example" for n in range(3)]
    assert dispatch.claim(session, "there", NOW) is None


def test_who_left_or_was_suppressed_since_the_fan_out_is_skipped_with_the_reason(session: Session) -> None:
    issue = sending(session, 3)
    ids = session.scalars(select(Delivery.subscriber_id).order_by(Delivery.subscriber_id)).all()
    leave(session, ids[0])
    suppression.suppress(session, "reader1@mail.example", "complained", NOW)
    claimed = dispatch.claim(session, "here", NOW)
    assert claimed is not None
    assert [reader.subscriber_id for reader in claimed[1]] == [ids[2]]
    assert receipt.read(session, issue.id).skipped == {"unsubscribed": 1, "suppressed": 1}


def test_who_paused_since_the_fan_out_is_skipped_with_the_reason(session: Session) -> None:
    issue = sending(session, 2)
    session.execute(update(Subscription).values(state=SubscriptionState.PAUSED.value, paused_until=NOW + MINUTE))
    _, readers = _claim(session)
    assert readers == []
    assert receipt.read(session, issue.id).skipped == {"paused": 2}


def test_results_are_written_once_and_the_books_add_up(session: Session) -> None:
    issue = sending(session, 4)
    held, readers = _claim(session)
    results = [
        Result(readers[0].subscriber_id, ACCEPTED, "250 Ok"),
        Result(readers[1].subscriber_id, REFUSED, "550 Unknown"),
        Result(readers[2].subscriber_id, DEFERRED, "451 Later", NOW + MINUTE),
    ]
    for _ in range(2):
        assert dispatch.record(session, held, results, NOW)
    assert dispatch.record(session, held, [Result(readers[0].subscriber_id, REFUSED, "550 Too late")], NOW)
    books = receipt.read(session, issue.id)
    assert books == Receipt(audience=4, accepted=1, refused=1, deferred=1, open=1)
    assert books.balanced


def test_a_finished_batch_opens_again_for_what_was_put_off(session: Session) -> None:
    sending(session, 2)
    held, readers = _claim(session)
    later = Result(readers[0].subscriber_id, DEFERRED, "451 Later", NOW + 5 * MINUTE)
    dispatch.record(session, held, [later, Result(readers[1].subscriber_id, ACCEPTED, "250 Ok")], NOW)
    assert dispatch.finish(session, held, NOW)
    assert dispatch.claim(session, "here", NOW + MINUTE) is None
    _, again = _claim(session, NOW + 5 * MINUTE)
    assert [(reader.subscriber_id, reader.attempts) for reader in again] == [(readers[0].subscriber_id, 1)]


def test_what_was_claimed_and_not_sent_is_due_again(session: Session) -> None:
    sending(session, 2)
    held, _ = _claim(session)
    assert dispatch.finish(session, held, NOW, NOW + MINUTE)
    assert dispatch.claim(session, "here", NOW) is None
    assert len(_claim(session, NOW + MINUTE)[1]) == 2


def test_an_older_fence_records_nothing(session: Session) -> None:
    issue = sending(session, 1)
    old, readers = _claim(session)
    assert recovery.settle_lost(session, NOW + LEASE + MINUTE) == 1
    assert not dispatch.record(session, old, [Result(readers[0].subscriber_id, ACCEPTED, "250 Ok")], NOW)
    assert not dispatch.finish(session, old, NOW)
    assert receipt.read(session, issue.id) == Receipt(audience=1, uncertain=1)


def test_a_lost_machine_leaves_only_what_it_held_uncertain(session: Session) -> None:
    issue = sending(session, BATCH_SIZE + 10)
    held, readers = _claim(session)
    put_off = Result(readers[1].subscriber_id, DEFERRED, "451 Later", NOW + MINUTE)
    dispatch.record(session, held, [Result(readers[0].subscriber_id, ACCEPTED, "250 Ok"), put_off], NOW)
    assert recovery.settle_lost(session, NOW + LEASE) == 0
    assert recovery.settle_lost(session, NOW + LEASE + MINUTE) == BATCH_SIZE - 2
    books = receipt.read(session, issue.id)
    assert books == Receipt(audience=BATCH_SIZE + 10, accepted=1, deferred=1, uncertain=BATCH_SIZE - 2, open=10)


@pytest.mark.parametrize("stop", [pause, cancel])
def test_a_stopped_issue_is_not_claimed(session: Session, stop: object) -> None:
    issue = sending(session, 2)
    assert callable(stop)
    stop(session, issue.id)
    assert dispatch.claim(session, "here", NOW) is None


def test_a_paused_issue_goes_on_where_it_was(session: Session) -> None:
    issue = sending(session, 2)
    pause(session, issue.id)
    resume(session, issue.id)
    assert len(_claim(session)[1]) == 2


def test_the_rest_of_a_cancelled_issue_is_skipped_once_nobody_holds_it(session: Session) -> None:
    issue = sending(session, 2)
    held, readers = _claim(session)
    cancel(session, issue.id)
    sweep.finish(session, NOW)
    assert receipt.read(session, issue.id).open == 2
    dispatch.record(session, held, [Result(readers[0].subscriber_id, ACCEPTED, "250 Ok")], NOW)
    dispatch.finish(session, held, NOW)
    sweep.finish(session, NOW)
    assert receipt.read(session, issue.id) == Receipt(audience=2, accepted=1, skipped={"cancelled": 1})


def test_an_issue_with_nothing_open_becomes_sent_and_not_before(session: Session) -> None:
    issue = sending(session, 1)
    assert sweep.finish(session, NOW) == []
    held, readers = _claim(session)
    assert sweep.finish(session, NOW) == []
    dispatch.record(session, held, [Result(readers[0].subscriber_id, ACCEPTED, "250 Ok")], NOW)
    dispatch.finish(session, held, NOW)
    assert sweep.finish(session, NOW) == [issue.id]
    assert session.get_one(Issue, issue.id, populate_existing=True).state == IssueState.SENT


def test_an_issue_nobody_is_left_for_becomes_sent(session: Session) -> None:
    issue = sending(session, 0)
    assert sweep.finish(session, NOW) == [issue.id]


def test_the_sweep_sees_what_the_queue_forgot(session: Session) -> None:
    issue = sending(session, 1)
    assert sweep.unfanned(session) == []
    assert sweep.has_open(session, NOW)
    _claim(session)
    assert not sweep.has_open(session, NOW)
    assert sweep.has_due(session, NOW)
    issue.fanned_out_at = None
    session.flush()
    assert sweep.unfanned(session) == [issue.id]


def test_the_refused_of_one_cause_can_be_tried_again(session: Session) -> None:
    issue = sending(session, 3)
    held, readers = _claim(session)
    answers = ["550 5.7.1 Blocked", "550 5.7.1 Blocked", "550 5.1.1 Unknown"]
    pairs = zip(readers, answers, strict=True)
    dispatch.record(session, held, [Result(r.subscriber_id, REFUSED, answer) for r, answer in pairs], NOW)
    dispatch.finish(session, held, NOW)
    sweep.finish(session, NOW)
    assert recovery.retry_refused(session, issue.id, "550 5.7.1", NOW) == 2
    assert len(_claim(session)[1]) == 2
    assert receipt.read(session, issue.id).refused == 1


def test_two_lanes_never_hold_the_same_reader(engine: Engine, session: Session) -> None:
    sending(session, 4 * BATCH_SIZE)
    session.commit()

    def drain(_: int) -> list[int]:
        mine: list[int] = []
        with Session(engine) as own:
            while (claimed := dispatch.claim(own, "lane", NOW)) is not None:
                mine += [reader.subscriber_id for reader in claimed[1]]
                own.commit()
        return mine

    with ThreadPoolExecutor(3) as pool:
        taken = [number for numbers in pool.map(drain, range(3)) for number in numbers]
    assert len(taken) == len(set(taken)) == 4 * BATCH_SIZE
    assert session.query(Batch).filter_by(state=BatchState.CLAIMED.value).count() == 4


def _claim(session: Session, now: object = NOW) -> tuple[dispatch.Claim, list[dispatch.Reader]]:
    claimed = dispatch.claim(session, "here", now)  # type: ignore[arg-type]
    assert claimed is not None
    return claimed

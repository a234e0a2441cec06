"""The audience of an issue is fixed once, in one statement, and cut into batches."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from mailer.delivery import receipt
from mailer.delivery.fanout import BATCH_SIZE, fan_out
from mailer.delivery.models import Batch, DeliveryState
from mailer.delivery.receipt import Receipt
from mailer.digests.release import release
from mailer.subscriptions import suppression
from tests.delivery.making import NOW, add_readers, draft_of, leave, sending, states
from tests.subscriptions.making import make_newsletter


def test_every_active_reader_gets_one_row_and_nobody_else(session: Session) -> None:
    newsletter = make_newsletter(session)
    stayed, left, suppressed = add_readers(session, newsletter, 3)
    leave(session, left)
    suppression.suppress(session, "reader2@mail.example", "bounced", NOW)
    issue = draft_of(session, newsletter)
    release(session, issue.id, issue.version, "lea", NOW)
    assert fan_out(session, issue.id, NOW) == 1
    assert states(session, issue) == {stayed: DeliveryState.QUEUED}
    assert suppressed not in states(session, issue)


def test_a_draft_is_not_fanned_out_and_a_released_issue_only_once(session: Session) -> None:
    newsletter = make_newsletter(session)
    add_readers(session, newsletter, 2)
    issue = draft_of(session, newsletter)
    assert fan_out(session, issue.id, NOW) is None
    release(session, issue.id, issue.version, "lea", NOW)
    assert fan_out(session, issue.id, NOW) == 2
    assert fan_out(session, issue.id, NOW) is None


def test_a_reader_with_none_of_the_issues_topics_is_skipped_with_the_reason(session: Session) -> None:
    newsletter = make_newsletter(session)
    (city,) = add_readers(session, newsletter, 1, topics=1)
    (sport,) = add_readers(session, newsletter, 1, topics=2)
    issue = draft_of(session, newsletter, 1)
    release(session, issue.id, issue.version, "lea", NOW)
    fan_out(session, issue.id, NOW)
    assert states(session, issue) == {city: DeliveryState.QUEUED, sport: DeliveryState.SKIPPED}
    assert receipt.read(session, issue.id) == Receipt(audience=2, open=1, skipped={"topics": 1})


def test_an_article_for_everybody_reaches_everybody(session: Session) -> None:
    newsletter = make_newsletter(session)
    add_readers(session, newsletter, 1, topics=2)
    issue = draft_of(session, newsletter, 1, 0)
    release(session, issue.id, issue.version, "lea", NOW)
    fan_out(session, issue.id, NOW)
    assert receipt.read(session, issue.id) == Receipt(audience=1, open=1)


def test_the_batches_cover_every_queued_delivery_once(session: Session) -> None:
    issue = sending(session, 2 * BATCH_SIZE + 50)
    batches = session.scalars(select(Batch).where(Batch.issue_id == issue.id).order_by(Batch.number)).all()
    covered = [n for n in states(session, issue) for batch in batches if batch.first_id <= n <= batch.last_id]
    assert len(batches) == 3
    assert sorted(covered) == sorted(states(session, issue))


def test_two_workers_fan_out_once(engine: Engine, session: Session) -> None:
    newsletter = make_newsletter(session)
    add_readers(session, newsletter, 50)
    issue = draft_of(session, newsletter)
    release(session, issue.id, issue.version, "lea", NOW)
    session.commit()

    def race(_: int) -> int | None:
        with Session(engine) as mine:
            size = fan_out(mine, issue.id, NOW)
            mine.commit()
            return size

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(race, range(4)), key=str) == [50, None, None, None]
    assert receipt.read(session, issue.id) == Receipt(audience=50, open=50)

"""Two readers who turn out to be one, and moves that race."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from mailer.newsletters.models import Newsletter
from mailer.subscriptions import confirmation, consent, move, preferences, suppression, unsubscribe
from mailer.subscriptions.address import parse
from mailer.subscriptions.code import code
from mailer.subscriptions.confirmation import Confirmed, Standing
from mailer.subscriptions.letters import DAY
from mailer.subscriptions.models import OwedLetter, Subscriber, Subscription, SubscriptionState
from mailer.subscriptions.move import Moved
from tests.subscriptions.making import NOW, REF, ask, join, make_newsletter, sign_up

OLD, NEW = "mara@ledger.example", "mara@newhouse.example"


@pytest.fixture
def evening(session: Session) -> Newsletter:
    return make_newsletter(session, "evening", "Evening Edition")


def owe(session: Session, subscription: Subscription, address: str = NEW) -> int:
    letter_id = move.ask(session, subscription.subscriber, parse(address), "", now=NOW)
    session.commit()
    return letter_id


def prove(session: Session, letter_id: int) -> Moved | None:
    moved = move.by_link(session, letter_id, network="192.0.2.7", now=NOW)
    session.commit()
    session.expire_all()
    return moved


def states(session: Session) -> dict[str, str]:
    rows = session.execute(select(Subscription, Newsletter).join(Newsletter))
    return {newsletter.slug: subscription.state for subscription, newsletter in rows}


def test_what_only_the_old_address_had_moves_over(
    session: Session, newsletter: Newsletter, evening: Newsletter
) -> None:
    mine, theirs = join(session, newsletter, OLD), join(session, evening, NEW)
    moved = prove(session, owe(session, mine))
    assert moved == Moved(session.get_one(Subscriber, theirs.subscriber_id), merged=1)
    assert session.scalars(select(Subscriber.address_key)).all() == [NEW]
    assert states(session) == {"morning": "active", "evening": "active"}
    assert [proof.event for proof in consent.history(session, mine.id)] == ["requested", "confirmed", "moved"]
    assert session.scalars(select(Subscriber.generation)).all() == [2]


def test_of_what_both_had_the_new_ones_own_choice_stays_with_the_proofs_of_both(
    session: Session, newsletter: Newsletter
) -> None:
    mine, theirs = join(session, newsletter, OLD), join(session, newsletter, NEW)
    unsubscribe.leave(session, theirs.id, issue_id=None, network="", now=NOW)
    prove(session, owe(session, mine))
    assert states(session) == {"morning": "unsubscribed"}
    events = sorted(proof.event for proof in consent.history(session, theirs.id))
    assert events == ["confirmed", "confirmed", "moved", "requested", "requested", "unsubscribed"]


def test_a_sign_up_that_was_never_confirmed_gives_way(session: Session, newsletter: Newsletter) -> None:
    mine, theirs = join(session, newsletter, OLD), ask(session, newsletter, NEW)
    prove(session, owe(session, mine))
    assert states(session) == {"morning": "active"}
    kept = session.scalars(select(Subscription)).one()
    assert (kept.id, kept.subscriber_id) == (mine.id, theirs.subscriber_id)
    assert len(consent.history(session, mine.id)) == 4


def test_who_wants_not_to_be_counted_is_not_counted_as_somebody_else(session: Session, newsletter: Newsletter) -> None:
    mine, _ = join(session, newsletter, OLD), join(session, newsletter, NEW)
    preferences.choose_counting(session, mine.subscriber, True, network="", now=NOW)
    prove(session, owe(session, mine))
    assert session.scalars(select(Subscriber.uncounted)).all() == [True]


def test_a_proof_changes_nothing_twice(session: Session, newsletter: Newsletter, evening: Newsletter) -> None:
    mine = join(session, newsletter, OLD)
    join(session, evening, NEW)
    letter_id = owe(session, mine)
    first, second = prove(session, letter_id), prove(session, letter_id)
    assert first
    assert second
    assert second.merged is None
    assert len(consent.history(session, mine.id)) == 3


def test_an_address_that_was_suppressed_meanwhile_is_not_moved_to(session: Session, newsletter: Newsletter) -> None:
    letter_id = owe(session, join(session, newsletter, OLD))
    suppression.suppress(session, NEW, "complained", NOW)
    session.commit()
    assert prove(session, letter_id) is None
    assert session.scalars(select(Subscriber.address_key)).all() == [OLD]


def test_a_merged_readers_other_links_move_nobody(
    session: Session, newsletter: Newsletter, evening: Newsletter
) -> None:
    mine = join(session, newsletter, OLD)
    join(session, evening, NEW)
    other, letter_id = owe(session, mine, "mara@third.example"), owe(session, mine)
    prove(session, letter_id)
    assert prove(session, other) is None
    assert session.scalars(select(Subscriber.address_key)).all() == [NEW]


@pytest.mark.parametrize("merged", [False, True])
def test_what_went_to_the_old_mailbox_opens_nothing_at_the_new_one(
    session: Session, newsletter: Newsletter, evening: Newsletter, merged: bool
) -> None:
    mine, asked = join(session, newsletter, OLD), sign_up(session, evening, OLD)
    if merged:
        join(session, make_newsletter(session, "weekend"), NEW)
    assert asked.subscription_id
    prove(session, owe(session, mine))
    digits = code(b"key", asked.id)
    for each, ref in ((newsletter, REF), (evening, REF)):
        answer = confirmation.confirm_by_code(session, each.id, ref, digits, b"key", network="", now=NOW)
        assert not isinstance(answer, Confirmed)
    assert confirmation.confirm(session, asked.subscription_id, 1, network="", now=NOW) is Standing.STALE
    assert states(session)["evening"] == SubscriptionState.PENDING
    again = sign_up(session, evening, NEW, now=NOW + DAY)
    assert confirmation.confirm(session, asked.subscription_id, again.request, network="", now=NOW) is Standing.ACTIVE


def test_what_went_to_the_new_mailbox_before_still_confirms(
    session: Session, newsletter: Newsletter, evening: Newsletter
) -> None:
    mine, asked = join(session, newsletter, OLD), ask(session, evening, NEW)
    prove(session, owe(session, mine))
    assert confirmation.confirm(session, asked.id, 1, network="", now=NOW) is Standing.ACTIVE


def test_a_second_press_at_once_says_where_the_reader_is_without_a_merge(
    session: Session, engine: Engine, newsletter: Newsletter
) -> None:
    mine = join(session, newsletter, OLD)
    letter_id = owe(session, mine)
    with Session(engine, expire_on_commit=False) as late:
        seen = move.standing(late, letter_id)
        assert isinstance(seen, OwedLetter)
        late.commit()
        first = prove(session, letter_id)
        session.commit()
        second = move.by_link(late, letter_id, network="", now=NOW)
        assert first
        assert second
        assert second.subscriber.address == NEW
        late.commit()
    assert [proof.event for proof in consent.history(session, mine.id)] == ["requested", "confirmed", "moved"]


def test_of_many_presses_at_once_one_moves(
    session: Session, engine: Engine, newsletter: Newsletter, evening: Newsletter
) -> None:
    mine = join(session, newsletter, OLD)
    join(session, evening, NEW)
    letter_id = owe(session, mine)

    together = Barrier(4)

    def press(_: int) -> bool:
        with Session(engine, expire_on_commit=False) as own:
            seen = move.standing(own, letter_id)
            own.commit()  # what it has read is old when another is first
            together.wait(30)
            moved = move.by_link(own, letter_id, network="", now=NOW)
            own.commit()
            assert seen
            assert moved
            assert moved.subscriber.address == NEW
            return moved.merged is not None

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(press, range(4))) == [False, False, False, True]
    session.expire_all()
    assert states(session) == {"morning": SubscriptionState.ACTIVE, "evening": SubscriptionState.ACTIVE}
    assert session.get_one(OwedLetter, letter_id).request == 0

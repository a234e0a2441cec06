"""Readers from a file: counted to the last row, never against their will, safe to repeat."""

import io
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mailer.newsletters.models import EVERY_TOPIC, Newsletter
from mailer.subscriptions import audience, consent, exporting, suppression, unsubscribe
from mailer.subscriptions.imports import intake
from mailer.subscriptions.imports.run import CHUNK, Import, chunks
from mailer.subscriptions.imports.sheet import BadRow
from mailer.subscriptions.models import ConsentRecord, Subscriber, Subscription, SubscriptionState
from tests.subscriptions.making import NOW, ask, join, make_newsletter

LATER = NOW + timedelta(days=1)


def take_in(session: Session, newsletter: Newsletter, text: str) -> tuple[dict[str, int], list[BadRow]]:
    """What became of the rows, without the zeros, and the bad ones."""
    bad: list[BadRow] = []
    work = Import(session, newsletter, wording="The fair, May 2024", file="fair.csv", report=bad.append)
    file = io.BytesIO(text.encode())
    for chunk in chunks(intake.rows(file, intake.examine(file), LATER)):
        work.store(chunk, LATER)
        session.commit()
    session.expire_all()
    tally = asdict(work.tally)
    assert tally.pop("rows") == sum(tally.values())
    return {name: count for name, count in tally.items() if count}, bad


def subscription_of(session: Session, address: str) -> Subscription:
    return session.scalars(select(Subscription).join(Subscriber).where(Subscriber.address == address)).one()


def test_an_imported_reader_is_active_with_the_proof(session: Session, newsletter: Newsletter) -> None:
    tally, _ = take_in(
        session, newsletter, "email,topics,created_at,confirmed_at\nMara@Ledger.example,sport,2024-05-01,2024-05-02\n"
    )
    assert tally == {"imported": 1}
    reader = subscription_of(session, "Mara@ledger.example")
    assert (reader.state, reader.topics) == (SubscriptionState.ACTIVE, 2)
    assert reader.created_at == datetime(2024, 5, 1, tzinfo=UTC)
    assert reader.confirmed_at == datetime(2024, 5, 2, tzinfo=UTC)
    asked, confirmed, record = consent.history(session, reader.id)
    assert (asked.event, asked.at) == ("requested", datetime(2024, 5, 1, tzinfo=UTC))
    assert (confirmed.event, confirmed.at) == ("confirmed", datetime(2024, 5, 2, tzinfo=UTC))
    assert (record.event, record.wording, record.at) == ("imported", "The fair, May 2024", LATER)
    assert (record.address, record.page, record.form) == ("Mara@ledger.example", "fair.csv", "import")
    assert record.wording_hash == consent.fingerprint("The fair, May 2024")
    assert audience.count(session, newsletter.id, None) == 1


def test_without_columns_for_it_a_reader_gets_every_topic_and_joins_today(
    session: Session, newsletter: Newsletter
) -> None:
    take_in(session, newsletter, "address\nmara@ledger.example\n")
    reader = subscription_of(session, "mara@ledger.example")
    assert (reader.topics, reader.created_at, reader.confirmed_at) == (EVERY_TOPIC, LATER, LATER)


def test_nobody_is_taken_in_against_their_will(session: Session, newsletter: Newsletter) -> None:
    suppression.suppress(session, "never@ledger.example", "complained", NOW)
    left = join(session, newsletter, "left@ledger.example")
    unsubscribe.leave(session, left.id, issue_id=None, network="", now=NOW)
    fooled = join(session, newsletter, "fooled@ledger.example")
    unsubscribe.leave(session, fooled.id, issue_id=None, network="", now=NOW)
    ask(session, newsletter, "fooled@ledger.example")  # by a stranger: pending again, never confirmed
    text = "email\nnever@ledger.example\nLeft@ledger.example\nfooled@ledger.example\n"
    assert take_in(session, newsletter, text)[0] == {"suppressed": 1, "unsubscribed": 2}
    assert audience.count(session, newsletter.id, None) == 0


def test_a_reader_who_is_in_stays_as_they_are(session: Session, newsletter: Newsletter) -> None:
    reader = join(session, newsletter)
    assert take_in(session, newsletter, "email,topics\nmara@ledger.example,sport\n")[0] == {"already": 1}
    assert (reader.topics, reader.confirmed_at) == (1, NOW)
    assert len(consent.history(session, reader.id)) == 2


def test_a_reader_who_asked_but_never_confirmed_is_taken_in(session: Session, newsletter: Newsletter) -> None:
    reader = ask(session, newsletter)
    assert take_in(session, newsletter, "email\nmara@ledger.example\n")[0] == {"imported": 1}
    assert reader.state == SubscriptionState.ACTIVE


def test_a_reader_of_another_newsletter_gets_a_second_subscription(session: Session, newsletter: Newsletter) -> None:
    join(session, make_newsletter(session, "weekly", "The Week"))
    assert take_in(session, newsletter, "email\nMARA@ledger.example\n")[0] == {"imported": 1}
    assert session.scalar(select(func.count()).select_from(Subscriber)) == 1


def test_an_address_that_comes_twice_is_one_reader_however_far_apart(session: Session, newsletter: Newsletter) -> None:
    lines = [f"reader{n}@ledger.example" for n in range(CHUNK + 10)]
    lines += ["reader0@ledger.example", "READER9@ledger.example"]
    assert take_in(session, newsletter, "\n".join(["email", *lines]))[0] == {"imported": CHUNK + 10, "duplicates": 2}


def test_a_second_run_changes_nothing(session: Session, newsletter: Newsletter) -> None:
    text = "email\nmara@ledger.example\nlea@ledger.example\nmara@ledger.example\n"
    assert take_in(session, newsletter, text)[0] == {"imported": 2, "duplicates": 1}
    assert take_in(session, newsletter, text)[0] == {"already": 2, "duplicates": 1}
    assert session.scalar(select(func.count()).select_from(ConsentRecord)) == 2


def test_bad_rows_are_told_with_their_line(session: Session, newsletter: Newsletter) -> None:
    text = "email,topics\nmara@ledger.example,city;weather\nnobody,\nlea@ledger.example,city\n"
    tally, bad = take_in(session, newsletter, text)
    assert tally == {"imported": 1, "bad": 2}
    assert [(row.line, row.reason.split(":")[0]) for row in bad] == [
        (2, "this newsletter has no topic 'weather'"),
        (3, "'nobody'"),
    ]


def test_an_export_can_be_imported_elsewhere(session: Session, newsletter: Newsletter) -> None:
    join(session, newsletter, "+mara@ledger.example")
    left = join(session, newsletter, "left@ledger.example")
    unsubscribe.leave(session, left.id, issue_id=None, network="", now=NOW)
    session.commit()
    text = "".join(exporting.csv_lines(exporting.readers(session, newsletter)))
    head, *lines = text.splitlines()
    assert head == "email,state,topics,created_at,confirmed_at,unsubscribed_at"
    assert lines[0].startswith("'+mara@ledger.example,active,city,2026-11-24T07:00:00+00:00,")
    other = make_newsletter(session, "evening", "Evening")
    assert take_in(session, other, text)[0] == {"imported": 1, "left_there": 1}
    assert {row["email"]: row["state"] for row in exporting.readers(session, other)} == {
        "+mara@ledger.example": "active",
        "left@ledger.example": "unsubscribed",
    }


def test_who_left_elsewhere_is_remembered_as_having_left(session: Session, newsletter: Newsletter) -> None:
    text = "email,state,created_at,unsubscribed_at\nmara@ledger.example,unsubscribed,2023-01-01,2024-05-01\n"
    assert take_in(session, newsletter, text)[0] == {"left_there": 1}
    reader = subscription_of(session, "mara@ledger.example")
    assert (reader.state, reader.unsubscribed_at) == ("unsubscribed", datetime(2024, 5, 1, tzinfo=UTC))
    asked, record = consent.history(session, reader.id)
    assert (asked.event, asked.at) == ("requested", datetime(2023, 1, 1, tzinfo=UTC))
    assert (record.event, record.at, record.page) == ("unsubscribed", datetime(2024, 5, 1, tzinfo=UTC), "fair.csv")
    assert take_in(session, newsletter, "email\nmara@ledger.example\n")[0] == {"unsubscribed": 1}


def test_a_no_ends_a_yes_that_came_before_it_and_none_that_came_after(session: Session, newsletter: Newsletter) -> None:
    early, late = (
        f"email,state,unsubscribed_at\nmara@ledger.example,unsubscribed,{day}\n" for day in ("2026-11-01", "")
    )
    reader = join(session, newsletter)
    take_in(session, newsletter, early)
    session.refresh(reader)
    assert reader.state == "active"
    take_in(session, newsletter, late)
    session.refresh(reader)
    assert reader.state == "unsubscribed"
    assert audience.count(session, newsletter.id, None) == 0


def test_a_no_is_kept_whatever_is_wrong_with_the_rest_of_its_row(session: Session, newsletter: Newsletter) -> None:
    reader = join(session, newsletter)
    text = "email,state,topics,unsubscribed_at\nmara@ledger.example,unsubscribed,weather,soon\n"
    assert take_in(session, newsletter, text)[0] == {"left_there": 1}
    session.refresh(reader)
    assert (reader.state, reader.unsubscribed_at) == ("unsubscribed", LATER)


def test_who_asked_here_and_is_confirmed_by_a_file_has_its_date(session: Session, newsletter: Newsletter) -> None:
    reader = ask(session, newsletter)
    take_in(session, newsletter, "email,confirmed_at\nmara@ledger.example,2024-05-02\n")
    session.refresh(reader)
    assert (reader.state, reader.confirmed_at) == ("active", datetime(2024, 5, 2, tzinfo=UTC))

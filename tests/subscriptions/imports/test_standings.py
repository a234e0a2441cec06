"""Exports of other systems: consent, dates, leavers and blocked addresses come along, as their files write them."""

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.newsletters.models import Newsletter
from mailer.subscriptions import consent, suppression
from mailer.subscriptions.imports import intake
from mailer.subscriptions.imports.intake import Row
from mailer.subscriptions.imports.run import Import, chunks
from mailer.subscriptions.imports.sheet import BadRow
from mailer.subscriptions.imports.standings import Standing
from mailer.subscriptions.models import Subscriber, Subscription
from tests.subscriptions.making import NOW

EXPORTS = Path(__file__).parent / "exports"
"""Small samples of our own, with the columns and the writing of each system's files."""

MAILCHIMP = (EXPORTS / "mailchimp_subscribed.csv").read_text()
MAILCHIMP_LEFT = (EXPORTS / "mailchimp_unsubscribed.csv").read_text()
MAILCHIMP_CLEANED = (EXPORTS / "mailchimp_cleaned.csv").read_text()
LISTMONK = (EXPORTS / "listmonk.csv").read_text()
GHOST = (EXPORTS / "ghost.csv").read_text()
MAILPOET = (EXPORTS / "mailpoet.csv").read_text()


def read(text: str, name: str = "", list_: str = "") -> tuple[intake.Source, dict[str, Row]]:
    file = io.BytesIO(text.encode())
    source = intake.examine(file)
    rows = list(intake.rows(file, source, NOW, name=name, list_=list_))
    assert [row for row in rows if isinstance(row, BadRow)] == []
    return source, {row.address.address: row for row in rows if isinstance(row, Row)}


def standings(text: str, name: str = "", list_: str = "") -> dict[str, Standing]:
    return {address.partition("@")[0]: row.standing for address, row in read(text, name, list_)[1].items()}


@pytest.mark.parametrize(
    ("text", "system"),
    [
        (MAILCHIMP, "mailchimp"),
        (MAILCHIMP_LEFT, "mailchimp"),
        (MAILCHIMP_CLEANED, "mailchimp"),
        (LISTMONK, "listmonk"),
        (GHOST, "ghost"),
        (MAILPOET, "mailpoet"),
        ("email,state\na@b.example,active\n", "postroom"),
        ("Email Address,First Name\na@b.example,A\n", "postroom"),
    ],
)
def test_a_file_is_known_by_its_columns(text: str, system: str) -> None:
    assert read(text)[0].system.name == system


def test_each_file_of_mailchimp_holds_one_group() -> None:
    assert standings(MAILCHIMP, "subscribed_members_export.csv") == {"mara": Standing.SUBSCRIBED}
    assert standings(MAILCHIMP, "nonsubscribed_members_export.csv") == {"mara": Standing.OUTSIDE}
    assert standings(MAILCHIMP_LEFT) == {"lea": Standing.UNSUBSCRIBED}
    assert standings(MAILCHIMP_CLEANED) == {"gone": Standing.BLOCKED}


def test_listmonk_blocks_and_switches_off() -> None:
    assert standings(LISTMONK) == {
        "mara": Standing.SUBSCRIBED,
        "gone": Standing.BLOCKED,
        "off": Standing.OUTSIDE,
    }
    rows = read(LISTMONK)[1]
    assert rows["mara@ledger.example"].created_at == datetime(2024, 5, 1, 10, 0, 0, 123456, tzinfo=UTC)
    assert rows["gone@ledger.example"].created_at == datetime(2023, 1, 1, 8, 0, 0, 500000, tzinfo=UTC)


def test_ghost_says_who_wants_mail() -> None:
    assert standings(GHOST) == {
        "mara": Standing.SUBSCRIBED,
        "lea": Standing.UNSUBSCRIBED,
        "off": Standing.OUTSIDE,
    }


def test_mailpoet_speaks_for_each_list_and_what_was_said_to_all_mail_counts_first() -> None:
    source, _ = read(MAILPOET, list_="Morning")
    assert source.lists == ("Morning", "Weekend")
    assert standings(MAILPOET, list_="Morning") == {
        "mara": Standing.SUBSCRIBED,
        "lea": Standing.UNSUBSCRIBED,
        "all": Standing.UNSUBSCRIBED,
        "gone": Standing.BLOCKED,
        "new": Standing.UNCONFIRMED,
        "idle": Standing.SUBSCRIBED,
    }
    assert standings(MAILPOET, list_="Weekend") == {"mara": Standing.SUBSCRIBED}


def take_in(session: Session, newsletter: Newsletter, text: str, name: str, list_: str = "") -> Import:
    file = io.BytesIO(text.encode())
    source = intake.examine(file)
    work = Import(session, newsletter, wording="The old form", file=name, report=lambda bad: None)
    for chunk in chunks(intake.rows(file, source, NOW, name=name, list_=list_)):
        work.store(chunk, NOW)
        session.commit()
    return work


@pytest.mark.parametrize(("text", "list_"), [(MAILCHIMP, ""), (MAILPOET, "Morning")], ids=["mailchimp", "mailpoet"])
def test_the_proof_comes_along(session: Session, newsletter: Newsletter, text: str, list_: str) -> None:
    take_in(session, newsletter, text, "members.csv", list_)
    reader = session.scalars(
        select(Subscription).join(Subscriber).where(Subscriber.address == "mara@ledger.example")
    ).one()
    assert (reader.created_at, reader.confirmed_at) == (
        datetime(2024, 5, 1, 10, 0, tzinfo=UTC),
        datetime(2024, 5, 1, 10, 3, tzinfo=UTC),
    )
    proof = [(r.event, r.at, r.network, r.page) for r in consent.history(session, reader.id)]
    assert proof == [
        ("requested", datetime(2024, 5, 1, 10, 0, tzinfo=UTC), "203.0.113.7", "members.csv"),
        ("confirmed", datetime(2024, 5, 1, 10, 3, tzinfo=UTC), "203.0.113.8", "members.csv"),
        ("imported", NOW, "", "members.csv"),
    ]


def test_networks_come_along_as_precisely_as_ours_are_kept() -> None:
    file = io.BytesIO(MAILCHIMP.encode())
    source = intake.examine(file)
    (row,) = intake.rows(file, source, NOW, precision="truncated")
    assert isinstance(row, Row)
    assert (row.request_network, row.confirm_network) == ("203.0.113.0/24", "203.0.113.0/24")


def test_who_left_and_who_bounced_elsewhere_is_kept_with_the_reason(session: Session, newsletter: Newsletter) -> None:
    assert take_in(session, newsletter, MAILCHIMP_LEFT, "unsubscribed.csv").tally.left_there == 1
    left = session.scalars(select(Subscription)).one()
    confirmed, record = consent.history(session, left.id)
    assert (confirmed.event, confirmed.at) == ("confirmed", datetime(2023, 1, 1, 10, tzinfo=UTC))
    assert (left.state, record.event, record.detail) == ("unsubscribed", "unsubscribed", "NORMAL: too often")
    assert take_in(session, newsletter, MAILCHIMP_CLEANED, "cleaned.csv").tally.blocked_there == 1
    blocked = suppression.find(session, "gone@ledger.example")
    assert blocked is not None
    assert blocked.created_at == datetime(2024, 3, 3, 9, tzinfo=UTC)
    assert blocked.reason == "bounced or blocked, says cleaned.csv (Brief 14)"
    assert take_in(session, newsletter, LISTMONK, "subscribers.csv").tally.imported == 1

"""Take everything along, or have it forgotten."""

import json

import pytest
from flask.testing import FlaskClient
from sqlalchemy import String, Table, Text, select
from sqlalchemy.orm import Session

from mailer.db import Base
from mailer.delivery.models import Delivery, DeliveryState
from mailer.links import Links
from mailer.staff import audit
from mailer.subscriptions import erasure, suppression
from mailer.subscriptions.models import Subscriber, Suppression
from tests.conftest import SECRET
from tests.delivery.making import draft_of
from tests.subscriptions.making import NOW
from tests.web.preference_scenes import MARA, Centre


@pytest.fixture
def centre(session: Session, client: FlaskClient, links: Links) -> Centre:
    return Centre(session, client, links)


def deliver(centre: Centre, state: DeliveryState, answer: str) -> int:
    issue = draft_of(centre.session, centre.morning)
    reader_id = centre.subscription.subscriber_id
    centre.session.add(
        Delivery(
            issue_id=issue.id, subscriber_id=reader_id, state=state.value, answer=answer, attempts=1, settled_at=NOW
        )
    )
    centre.session.commit()
    return issue.id


def everywhere(session: Session) -> list[str]:
    """Every text of every table."""
    found: list[str] = []
    for table in Base.metadata.sorted_tables:
        assert isinstance(table, Table)
        for column in table.columns:
            if isinstance(column.type, (String, Text)):
                found += [f"{column}: {value}" for value in session.scalars(select(column)) if value]
    session.commit()
    return found


def test_the_file_has_all_that_is_kept(centre: Centre) -> None:
    deliver(centre, DeliveryState.ACCEPTED, "250 Ok")
    centre.change("hour", "6", newsletter="morning")
    answer = centre.client.get(f"{centre.path}/data.json")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="newsletters.json"'
    held = json.loads(answer.text)
    assert held["address"] == held["reader"]["address"] == MARA
    (subscription,) = held["subscriptions"]
    assert (subscription["newsletter"], subscription["hour"], subscription["topics"]) == ("morning", "06:00", ["city"])
    events = [(proof["event"], proof["form_version"], proof["detail"]) for proof in subscription["consent"]]
    assert events[0] == ("requested", 1, "")
    assert events[-1] == ("changed", 0, "hour: when it is sent -> 06:00")
    (delivery,) = held["deliveries"]
    assert (delivery["state"], delivery["answer"], delivery["attempts"]) == ("accepted", "250 Ok", 1)
    assert held["letters"][0]["kind"] == "confirmation"
    assert held["suppressed"] is None


def test_who_is_erased_is_gone_from_every_table(centre: Centre, links: Links) -> None:
    audit.record(centre.session, "command line", "address.suppressed", "Mara@ledger.example", f"{MARA} asked", NOW)
    issue_id = deliver(centre, DeliveryState.REFUSED, f"550 5.1.1 <{MARA}> unknown")
    skipped = deliver(centre, DeliveryState.SKIPPED, "topics")
    path = centre.path
    centre.client.post(f"{path}/move", data={"email": "mara@newhouse.example"})
    assert "This cannot be undone" in centre.client.get(f"{path}/erase").text
    answer = centre.client.post(f"{path}/erase")
    assert answer.status_code == 200
    assert "You are deleted" in answer.text
    assert [text for text in everywhere(centre.session) if "mara" in text.lower()] == []
    books = {d.issue_id: (d.state, d.answer) for d in centre.session.scalars(select(Delivery))}
    assert books == {issue_id: (DeliveryState.REFUSED, ""), skipped: (DeliveryState.SKIPPED, "topics")}
    centre.session.commit()
    assert centre.client.post(f"{path}/erase").status_code == 410
    assert centre.session.scalar(select(Suppression)) is None
    centre.session.commit()


def test_who_never_wants_mail_again_is_known_by_a_hash_only(centre: Centre) -> None:
    centre.client.post(f"{centre.path}/erase", data={"never": "1"})
    (kept,) = centre.session.scalars(select(Suppression)).all()
    assert kept.address_key == erasure.hashed(SECRET.encode(), MARA)
    assert kept.address_key.startswith("hmac:")
    assert [text for text in everywhere(centre.session) if "mara" in text.lower()] == []


def test_a_suppression_stays_as_a_hash(centre: Centre) -> None:
    suppression.suppress(centre.session, MARA, "complained", NOW)
    centre.session.commit()
    centre.client.post(f"{centre.path}/erase")
    (kept,) = centre.session.scalars(select(Suppression)).all()
    assert (kept.address_key[:5], kept.reason) == ("hmac:", "complained")
    assert centre.session.scalar(select(Subscriber)) is None

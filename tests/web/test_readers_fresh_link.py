"""Links to the preference centre: what an old one leads to, and how anybody asks for a fresh one."""

import pytest
from flask.testing import FlaskClient
from itsdangerous import TimestampSigner
from sqlalchemy import event, func, select, update
from sqlalchemy.orm import Session

from mailer.db import db
from mailer.links import Links, Purpose
from mailer.subscriptions.models import LetterKind, OwedLetter, Subscriber
from tests.web.preference_scenes import MARA, Centre


@pytest.fixture
def centre(session: Session, client: FlaskClient, links: Links) -> Centre:
    return Centre(session, client, links)


def letters(session: Session) -> int:
    owed = OwedLetter.kind == LetterKind.PREFERENCES, OwedLetter.due_at.is_not(None)
    found = session.scalar(select(func.count()).select_from(OwedLetter).where(*owed)) or 0
    session.commit()
    return found


def test_a_link_of_an_older_generation_is_dead(centre: Centre) -> None:
    path = centre.path
    centre.session.execute(update(Subscriber).values(generation=2))
    centre.session.commit()
    for answer in (centre.client.get(path), centre.client.post(path, data={"setting": "stop"})):
        assert answer.status_code == 410
        assert "Send me the link" in answer.text
        assert MARA not in answer.text
    assert centre.proofs() == []


def test_a_link_of_another_purpose_or_another_reader_opens_nothing(centre: Centre, links: Links) -> None:
    reader = centre.reader
    tokens = [
        links.token(Purpose.UNSUBSCRIBE, reader.id, reader.generation),
        links.token(Purpose.CONFIRM, reader.id, reader.generation),
        links.token(Purpose.MOVE, reader.id),
        links.token(Purpose.PREFERENCES, reader.id),
        links.token(Purpose.PREFERENCES, reader.id + 1, 1),
        links.token(Purpose.PREFERENCES, reader.id, 1)[:-1],
        "x",
    ]
    for token in tokens:
        for path in (f"/p/{token}", f"/p/{token}/data.json", f"/p/{token}/erase"):
            assert centre.client.get(path).status_code == 410
        for path in (f"/p/{token}", f"/p/{token}/move", f"/p/{token}/move/code", f"/p/{token}/erase"):
            assert centre.client.post(path, data={"setting": "stop", "email": "a@b.example"}).status_code == 410
    assert centre.proofs() == []
    assert centre.reader.address == MARA


def test_a_link_dies_after_two_days(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    path = centre.path
    assert centre.client.get(path).status_code == 200
    later = TimestampSigner.get_timestamp
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda self: later(self) + 2 * 24 * 3600 + 1)
    assert centre.client.get(path).status_code == 410


def test_known_and_unknown_addresses_get_the_same_answer_and_run_the_same_statements(centre: Centre) -> None:
    statements: list[str] = []
    with centre.client.application.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    known = centre.client.post("/p", data={"email": MARA})
    of_known, statements[:] = list(statements), []
    unknown = centre.client.post("/p", data={"email": "Nora@ledger.example"})
    assert known.status_code == unknown.status_code == 200
    assert known.text.replace(MARA, "") == unknown.text.replace("Nora@ledger.example", "")
    assert of_known == statements
    assert letters(centre.session) == 1


def test_an_address_is_mailed_a_few_links_a_day_and_answered_the_same(centre: Centre) -> None:
    answers = {centre.client.post("/p", data={"email": MARA}).text for _ in range(6)}
    assert len(answers) == 1
    assert letters(centre.session) <= 3


def test_what_is_no_address_is_said_beside_the_field(centre: Centre) -> None:
    answer = centre.client.post("/p", data={"email": "<script>@"})
    assert answer.status_code == 422
    assert "<script>@" not in answer.text
    assert 'role="alert"' in answer.text
    assert centre.client.get("/p").status_code == 200


def test_looking_at_the_pages_changes_nothing(centre: Centre) -> None:
    path, reader = centre.path, centre.reader
    for method in ("GET", "HEAD", "OPTIONS"):
        for _ in range(20):
            for each in (path, f"{path}/data.json", f"{path}/erase", "/p"):
                assert centre.client.open(each, method=method).status_code == 200
    assert centre.proofs() == []
    assert centre.reader.generation == reader.generation

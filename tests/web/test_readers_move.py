"""A reader moves to a new address: by the code on the page, by the link in the letter, and against those who play."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.links import Links
from mailer.subscriptions import code, suppression
from mailer.subscriptions.models import LetterKind, OwedLetter
from tests.conftest import SECRET
from tests.subscriptions.making import NOW, join
from tests.web.preference_scenes import MARA, Centre

NEW = "mara@newhouse.example"


@pytest.fixture
def centre(session: Session, client: FlaskClient, links: Links) -> Centre:
    return Centre(session, client, links)


def ask(centre: Centre, address: str = NEW, **more: str) -> str:
    """Ask for the move; the page."""
    return centre.client.post(f"{centre.path}/move", data={"email": address, **more}).text


def letter(centre: Centre) -> OwedLetter:
    centre.session.expire_all()
    wanted = select(OwedLetter).where(OwedLetter.kind == LetterKind.MOVE).order_by(OwedLetter.id.desc())
    found = centre.session.scalars(wanted).first()
    centre.session.commit()
    assert found
    return found


def ref_of(page: str) -> str:
    found = re.search(r'name="ref" value="([^"]+)"', page)
    assert found
    return found[1]


def type_code(centre: Centre, ref: str, digits: str) -> tuple[int, str]:
    answer = centre.client.post(f"{centre.path}/move/code", data={"ref": ref, "email": NEW, "code": digits})
    return answer.status_code, answer.text


def test_the_code_moves_everything_and_the_old_link_dies(centre: Centre) -> None:
    page, old = ask(centre), centre.path
    assert "We sent a code to" in page
    assert centre.reader.address == MARA
    status, page = type_code(centre, ref_of(page), code.spaced(code.code(SECRET.encode(), letter(centre).id)))
    assert status == 200
    assert NEW in page
    assert centre.reader.address_key == NEW
    assert centre.client.get(old).status_code == 410
    fresh = re.search(r'href="[^"]*(/p/[^"]+)"', page)
    assert fresh
    assert NEW in centre.client.get(fresh[1]).text
    assert centre.proofs() == [("moved", f"address: {MARA} -> {NEW}")]


def test_the_link_shows_a_button_and_works_once(centre: Centre, links: Links) -> None:
    ask(centre)
    path = links.move(letter(centre).id).removeprefix(links.base_url)
    for _ in range(20):
        assert "Is this your new address?" in centre.client.get(path).text
    assert centre.reader.address == MARA
    for _ in range(2):
        answer = centre.client.post(path)
        assert answer.status_code == 200
        assert "Your newsletters have moved" in answer.text
    assert centre.reader.address_key == NEW
    assert centre.reader.generation == 2
    assert len(centre.proofs()) == 1
    assert "Your newsletters have moved" in centre.client.get(path).text


def test_a_letter_that_was_overtaken_moves_nobody(centre: Centre, links: Links) -> None:
    ask(centre)
    first = letter(centre)
    ask(centre, "mara@other.example")
    for path, status in ((links.move(letter(centre).id), 200), (links.move(first.id), 410)):
        assert centre.client.post(path.removeprefix(links.base_url)).status_code == status
    assert centre.reader.address_key == "mara@other.example"


def test_five_wrong_codes_end_it(centre: Centre) -> None:
    ref = ref_of(ask(centre))
    right = code.code(SECRET.encode(), letter(centre).id)
    wrong = f"{(int(right) + 1) % 10**6:06}"
    for left in ("4 tries left", "3 tries left", "2 tries left", "One try left", "tried too often"):
        status, page = type_code(centre, ref, wrong)
        assert status == 422
        assert left in page
    assert type_code(centre, ref, right)[0] == 422
    assert centre.reader.address == MARA


def test_a_code_works_on_the_page_that_asked_only(centre: Centre) -> None:
    ask(centre)
    right = code.code(SECRET.encode(), letter(centre).id)
    assert type_code(centre, "another page's secret, long", right)[0] == 422
    assert centre.reader.address == MARA


def test_two_letters_a_day_are_mailed_and_all_asks_are_answered_alike(centre: Centre) -> None:
    pages = {
        re.sub(r'name="ref" value="[^"]+"|/p/[^/"]+', "", ask(centre, f"m{n}@newhouse.example").replace(f"m{n}@", ""))
        for n in range(4)
    }
    assert len(pages) == 1
    rows = centre.session.scalars(select(OwedLetter).where(OwedLetter.kind == LetterKind.MOVE)).all()
    assert [bool(row.due_at) for row in rows] == [True, True, False, False]


def test_an_address_nobody_may_mail_gets_no_letter_and_the_same_answer(centre: Centre) -> None:
    suppression.suppress(centre.session, NEW, "complained", NOW)
    centre.session.commit()
    assert "We sent a code to" in ask(centre)
    assert letter(centre).due_at is None


def test_the_own_address_and_a_slip_are_said(centre: Centre) -> None:
    assert "already" in ask(centre, MARA)
    page = ask(centre, "mara@gmial.com")
    assert "mara@gmail.com" in page
    assert "We sent a code to" in ask(centre, "mara@gmial.com", sure="mara@gmial.com")
    assert letter(centre).new_address == "mara@gmial.com"
    ask(centre, "mara@gmial.com", suggestion="mara@gmail.com")
    assert letter(centre).new_address == "mara@gmail.com"
    assert "no spaces" in ask(centre, "mara @ledger.example")


def test_a_move_to_another_reader_of_ours_makes_one_of_two(centre: Centre, links: Links) -> None:
    join(centre.session, centre.evening, NEW)
    centre.session.commit()
    wanted = select(OwedLetter.subscriber_id)
    assert len(set(centre.session.scalars(wanted))) == 2
    centre.session.commit()
    reader_id = centre.subscription.subscriber_id
    path = f"{links.preferences(reader_id, 1).removeprefix(links.base_url)}"
    centre.client.post(f"{path}/move", data={"email": NEW})
    link = links.move(letter(centre).id).removeprefix(links.base_url)
    for _ in range(2):
        assert "Your newsletters have moved" in centre.client.post(link).text
    assert centre.reader.address_key == NEW
    assert centre.subscription.subscriber_id == centre.of(centre.evening).subscriber_id == centre.reader.id

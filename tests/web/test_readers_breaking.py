"""Breaking news in the preference centre: asked for, with quiet hours, changed and undone."""

from datetime import time

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mailer.links import Links
from mailer.subscriptions import dossier
from tests.web.preference_scenes import MARA, Centre
from tests.web.test_readers_preferences import undo


@pytest.fixture
def centre(session: Session, client: FlaskClient, links: Links) -> Centre:
    made = Centre(session, client, links)
    made.morning.breaking_cap = 3
    session.commit()
    return made


def chosen(centre: Centre) -> tuple[bool, time | None, time | None]:
    subscription = centre.subscription
    return subscription.breaking, subscription.quiet_from, subscription.quiet_until


def test_nobody_gets_breaking_news_unasked_and_only_newsletters_that_bring_some_offer_it(centre: Centre) -> None:
    assert chosen(centre) == (False, None, None)
    page = centre.get()
    assert "At most 3 a day." in page
    assert "breaking-morning" in page
    assert "breaking-evening" not in page
    centre.change("frequency", "every", newsletter="evening")
    assert centre.change("breaking", "1", newsletter="evening").status_code == 422


def test_who_asks_for_it_has_quiet_hours_until_they_choose_others(centre: Centre) -> None:
    answer = centre.change("breaking", "1", newsletter="morning", part=True)
    assert "Saved: breaking news, but not between 10:00" in answer.text
    assert chosen(centre) == (True, time(22), time(7))
    answer = centre.change("quiet", "23", "5", newsletter="morning")
    assert chosen(centre) == (True, time(23), time(5))
    undo(centre, answer.text)
    assert chosen(centre) == (True, time(22), time(7))
    answer = centre.change("quiet", "", newsletter="morning")
    assert "Saved: breaking news, at any hour." in answer.text
    assert chosen(centre) == (True, None, None)
    assert chosen(centre) == (True, None, None)
    centre.change("quiet", "21", newsletter="morning")
    assert chosen(centre) == (True, time(21), time(7))
    assert ("changed", "breaking news: yes, at any hour -> yes, but not 21:00 to 07:00") in centre.proofs()


def test_turning_it_off_and_taking_that_back_brings_the_same_hours(centre: Centre) -> None:
    centre.change("breaking", "1", newsletter="morning")
    centre.change("quiet", "", newsletter="morning")
    answer = centre.change("breaking", newsletter="morning")
    assert "Saved: no breaking news." in answer.text
    assert not chosen(centre)[0]
    undo(centre, answer.text)
    assert chosen(centre) == (True, None, None)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [(("7", "7"), "Choose two different hours, or none."), (("24", "7"), "Choose one of these.")],
)
def test_hours_that_cannot_be_change_nothing(centre: Centre, values: tuple[str, str], sentence: str) -> None:
    centre.change("breaking", "1", newsletter="morning")
    answer = centre.change("quiet", *values, newsletter="morning")
    assert answer.status_code == 422
    assert sentence in answer.text
    assert chosen(centre) == (True, time(22), time(7))


def test_quiet_hours_without_breaking_news_are_no_choice(centre: Centre) -> None:
    answer = centre.change("quiet", "22", "7", newsletter="morning")
    assert answer.status_code == 422
    assert "You do not get breaking news. Turn it on first." in answer.text


def test_the_file_of_a_reader_says_it(centre: Centre, session: Session) -> None:
    centre.change("breaking", "1", newsletter="morning")
    (held,) = dossier.of(session, MARA)["subscriptions"]
    assert held["breaking_news"] is True
    assert held["quiet_hours"] == ["22:00", "07:00"]

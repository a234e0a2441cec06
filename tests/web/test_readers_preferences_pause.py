"""Pauses and the language, in the preference centre."""

from datetime import UTC, date, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mailer.links import Links
from mailer.subscriptions import audience, pause
from mailer.subscriptions.models import SubscriptionState
from tests.web.preference_scenes import Centre
from tests.web.test_readers_preferences import undo


@pytest.fixture
def centre(session: Session, client: FlaskClient, links: Links) -> Centre:
    return Centre(session, client, links)


def today() -> date:
    return datetime.now(UTC).date()


def test_everything_rests_for_two_weeks_and_comes_back_by_one_press(centre: Centre) -> None:
    centre.change("frequency", "every", newsletter="evening")
    answer = centre.change("pause", "14")
    assert "Saved: nothing comes until" in answer.text
    assert "It rests until" in answer.text
    for subscription in (centre.subscription, centre.of(centre.evening)):
        assert subscription.state == SubscriptionState.PAUSED
        assert subscription.paused_until
        assert subscription.paused_until.date() == today() + timedelta(days=14)
    assert audience.count(centre.session, centre.morning.id, None) == 0
    centre.session.commit()
    assert "Saved: it comes again." in undo(centre, answer.text)
    assert centre.subscription.state == centre.of(centre.evening).state == SubscriptionState.ACTIVE


def test_one_newsletter_rests_until_a_day_on_the_readers_clock(centre: Centre) -> None:
    centre.change("timezone", "Pacific/Kiritimati")
    day = today() + timedelta(days=30)
    answer = centre.change("pause", "date", newsletter="morning", until=day.isoformat())
    assert answer.status_code == 200
    midnight = centre.subscription.paused_until
    assert midnight is not None
    assert midnight.isoformat() == f"{day - timedelta(days=1)}T10:00:00+00:00"


def test_undo_of_a_longer_pause_sets_the_shorter_one_back(centre: Centre) -> None:
    centre.change("pause", "14", newsletter="morning")
    before = centre.subscription.paused_until
    page = centre.change("pause", "30").text
    assert centre.subscription.paused_until != before
    undo(centre, page)
    assert centre.subscription.paused_until == before


def test_a_row_that_rests_has_a_button_to_go_on(centre: Centre) -> None:
    centre.change("pause", "30")
    answer = centre.change("pauses", "morning=", newsletter="morning", part=True)
    assert answer.headers["X-Part"] == "newsletter-morning"
    assert "Saved: it comes again." in answer.text
    assert centre.subscription.state == SubscriptionState.ACTIVE
    undo(centre, answer.text)
    assert centre.subscription.state == SubscriptionState.PAUSED


def test_a_pause_survives_off_and_on(centre: Centre) -> None:
    centre.change("pause", "30")
    page = centre.change("frequency", "off", newsletter="morning").text
    undo(centre, page)
    assert centre.subscription.state == SubscriptionState.PAUSED


@pytest.mark.parametrize("days", [-1, 0, 367])
def test_a_pause_ends_from_tomorrow_on_and_within_a_year(centre: Centre, days: int) -> None:
    until = (today() + timedelta(days=days)).isoformat()
    answer = centre.change("pause", "date", until=until)
    assert answer.status_code == 422
    assert "Choose a day from tomorrow on" in answer.text
    assert centre.subscription.state == SubscriptionState.ACTIVE


def test_a_pause_of_thousands_of_digits_is_refused(centre: Centre) -> None:
    assert centre.change("pause", "9" * 5_000).status_code == 422
    assert centre.subscription.state == SubscriptionState.ACTIVE


def test_a_pause_that_is_over_ends_with_a_proof(centre: Centre) -> None:
    centre.change("pause", "14")
    until = centre.subscription.paused_until
    assert until is not None
    assert pause.resume_over(centre.session, until - timedelta(seconds=1), 10) == 0
    assert pause.resume_over(centre.session, until, 10) == 1
    centre.session.commit()
    assert pause.resume_over(centre.session, until, 10) == 0
    assert centre.subscription.state == SubscriptionState.ACTIVE
    assert centre.subscription.paused_until is None
    assert [event for event, _ in centre.proofs()] == ["paused", "resumed"]


def test_the_answer_speaks_the_language_that_was_chosen(centre: Centre) -> None:
    from mailer import texts

    if "ar" not in texts.languages():
        pytest.skip("there is no Arabic catalogue yet")
    page = centre.change("language", "ar").text
    assert '<html lang="ar" dir="rtl">' in page
    assert centre.subscription.language == "ar"
    assert '<html lang="ar" dir="rtl">' in centre.get()
    undo(centre, page)
    assert centre.subscription.language == "en"

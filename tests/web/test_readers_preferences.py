"""What readers choose in the preference centre, without a script: one thing at a time, said in its part, undone."""

import re
from datetime import time

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mailer.links import Links
from mailer.newsletters.models import EVERY_TOPIC
from mailer.subscriptions import audience, suppression
from mailer.subscriptions.models import SubscriptionState
from tests.subscriptions.making import NOW
from tests.web.preference_scenes import MARA, Centre


@pytest.fixture
def centre(session: Session, client: FlaskClient, links: Links) -> Centre:
    return Centre(session, client, links)


def undo(centre: Centre, page: str) -> str:
    """Press the one Undo of a page."""
    form = re.search(r'<input type="hidden" name="undo".*?</form>', page, re.DOTALL)
    assert form
    fields = page[: form.end()].rpartition("<form")[2]
    pairs = re.findall(r'name="(\w+)" value="([^"]*)"', fields)
    assert pairs
    names = {name for name, _ in pairs}
    data = {name: [value for key, value in pairs if key == name] for name in names}
    answer = centre.client.post(centre.path, data=data)
    assert answer.status_code == 200
    return answer.text


def test_the_page_shows_the_address_and_every_newsletter(centre: Centre) -> None:
    page = centre.get()
    assert MARA in page
    assert "Morning Briefing" in page
    assert "Evening Edition" in page
    assert page.index("Evening Edition") < page.index("Morning Briefing")
    assert re.findall(r'<option value="(\w+)" selected', page)[:2] == ["off", "every"]


def test_how_often_is_saved_said_and_undone(centre: Centre) -> None:
    answer = centre.change("frequency", str(centre.saturdays.id), newsletter="morning")
    assert "Saved: Saturdays from now on." in answer.text
    assert centre.subscription.schedule_id == centre.saturdays.id
    page = undo(centre, answer.text)
    assert "Saved: every issue from now on." in page
    assert 'name="undo"' not in page
    assert centre.subscription.schedule_id is None
    assert centre.proofs() == [
        ("changed", "frequency: every issue -> Saturdays"),
        ("changed", "frequency: Saturdays -> every issue"),
    ]


def test_what_is_chosen_already_leaves_no_proof(centre: Centre) -> None:
    for _ in range(3):
        centre.change("frequency", str(centre.saturdays.id), newsletter="morning")
    assert len(centre.proofs()) == 1


def test_a_newsletter_is_turned_on_at_once_with_a_proof(centre: Centre) -> None:
    answer = centre.change("frequency", "every", newsletter="evening")
    assert "Saved: every issue from now on." in answer.text
    assert centre.of(centre.evening).state == SubscriptionState.ACTIVE
    assert audience.count(centre.session, centre.evening.id, None) == 1
    centre.session.commit()
    assert centre.proofs() == [("confirmed", "frequency: off -> every issue")]
    undo(centre, answer.text)
    assert centre.of(centre.evening).state == SubscriptionState.UNSUBSCRIBED


def test_a_newsletter_is_turned_off_and_comes_back_as_it_was(centre: Centre) -> None:
    centre.change("frequency", str(centre.saturdays.id), newsletter="morning")
    answer = centre.change("frequency", "off", newsletter="morning")
    assert "Saved: it does not come any more." in answer.text
    assert centre.subscription.state == SubscriptionState.UNSUBSCRIBED
    undo(centre, answer.text)
    assert centre.subscription.state == SubscriptionState.ACTIVE
    assert centre.subscription.schedule_id == centre.saturdays.id


def test_topics_are_a_choice_of_their_own(centre: Centre) -> None:
    answer = centre.change("topics", "sport", newsletter="morning")
    assert "Saved: Sport." in answer.text
    assert centre.subscription.topics == 2
    undo(centre, answer.text)
    assert centre.subscription.topics == 1
    assert "Saved: all topics." in centre.change("topics", "city", "sport", newsletter="morning").text
    assert centre.subscription.topics == EVERY_TOPIC


def test_the_hour_is_one_on_the_readers_own_clock(centre: Centre) -> None:
    answer = centre.change("hour", "6", newsletter="morning")
    assert "Saved: at 6:00" in answer.text
    assert centre.subscription.delivery_hour == time(6)
    undo(centre, answer.text)
    assert centre.subscription.delivery_hour is None
    answer = centre.change("timezone", "Asia/Baku")
    assert "Saved: the time of Baku (UTC+04:00)." in answer.text
    assert centre.subscription.timezone == "Asia/Baku"
    undo(centre, answer.text)
    assert centre.subscription.timezone == ""


def test_an_hour_of_their_own_is_offered_where_an_issue_may_come_at_it(centre: Centre) -> None:
    assert 'id="hour-morning"' in centre.get()
    centre.weekdays.readers_hour = False
    centre.session.commit()
    assert 'id="hour-morning"' in centre.get()
    centre.change("frequency", str(centre.weekdays.id), newsletter="morning")
    page = centre.get()
    assert 'id="hour-morning"' not in page
    assert "<summary>Topics</summary>" in page


def test_a_new_newsletter_takes_over_clock_and_language(centre: Centre) -> None:
    centre.change("timezone", "Asia/Baku")
    centre.change("frequency", "every", newsletter="evening")
    assert centre.of(centre.evening).timezone == "Asia/Baku"


def test_plain_text_and_counting_are_choices_of_the_reader(centre: Centre) -> None:
    answer = centre.change("plain_text", "1")
    assert "Saved: plain text from now on." in answer.text
    assert centre.reader.plain_text
    undo(centre, answer.text)
    assert not centre.reader.plain_text
    centre.change("counting", "1")
    assert centre.reader.uncounted
    centre.change("counting")
    assert not centre.reader.uncounted
    assert ("changed", "not counted: yes") in centre.proofs()


def test_everything_stops_and_comes_back(centre: Centre) -> None:
    centre.change("frequency", "every", newsletter="evening")
    answer = centre.change("stop")
    assert "Saved: no newsletter comes any more." in answer.text
    assert {centre.subscription.state, centre.of(centre.evening).state} == {SubscriptionState.UNSUBSCRIBED}
    undo(centre, answer.text)
    assert {centre.subscription.state, centre.of(centre.evening).state} == {SubscriptionState.ACTIVE}


@pytest.mark.parametrize(
    ("setting", "value", "newsletter", "sentence"),
    [
        ("frequency", "999", "morning", "Choose one of these."),
        ("frequency", "every", "nowhere", "There is no such newsletter here."),
        ("topics", "", "morning", "Choose at least one topic"),
        ("topics", "weather", "morning", "Choose at least one topic"),
        ("topics", "city", "evening", "Turn it on first."),
        ("hour", "24", "morning", "Choose one of these."),
        ("hour", "²", "morning", "Choose one of these."),
        ("hour", "9" * 5_000, "morning", "Choose one of these."),
        ("timezone", "Port/Aster", "", "Choose one of these."),
        ("timezone", "../../etc/passwd", "", "Choose one of these."),
        ("language", "tlh", "", "Choose one of these."),
        ("pause", "0", "", "Choose one of these."),
        ("pause", "date", "", "Choose the day"),
        ("frequency\0", "\0", "morning\0", "Choose one of these."),
        ("everything", "1", "", "does not know what to change"),
    ],
)
def test_what_cannot_be_is_refused_in_words_and_changes_nothing(
    centre: Centre, setting: str, value: str, newsletter: str, sentence: str
) -> None:
    for part in (False, True):
        answer = centre.change(setting, *filter(None, (value,)), newsletter=newsletter, part=part)
        assert answer.status_code == 422
        if not part or "X-Part" in answer.headers:
            assert sentence in answer.text
    assert centre.proofs() == []


def test_nobody_comes_back_whose_address_may_not_be_mailed(centre: Centre) -> None:
    suppression.suppress(centre.session, MARA, "bounced", NOW)
    centre.session.commit()
    answer = centre.change("frequency", "every", newsletter="evening")
    assert answer.status_code == 422
    assert "Nobody may mail this address" in answer.text
    assert centre.proofs() == []


def test_a_script_gets_the_row_alone(centre: Centre) -> None:
    answer = centre.change("frequency", "off", newsletter="morning", part=True)
    assert answer.headers["X-Part"] == "newsletter-morning"
    assert answer.text.strip().startswith('<div class="nl" id="newsletter-morning"')
    assert "<html" not in answer.text
    assert "Evening Edition" not in answer.text
    answer = centre.change("timezone", "Asia/Baku", part=True)
    assert answer.text.strip().startswith('<div id="timezone"')


def test_two_tabs_do_not_undo_each_other(centre: Centre) -> None:
    first, second = centre.get(), centre.get()
    assert first.split("ref")[0] == second.split("ref")[0]
    centre.change("topics", "sport", newsletter="morning")
    centre.change("hour", "6", newsletter="morning")
    subscription = centre.subscription
    assert (subscription.topics, subscription.delivery_hour) == (2, time(6))


def test_a_newsletter_that_takes_no_readers_is_shown_to_its_own_only(centre: Centre) -> None:
    centre.morning.takes_readers = centre.evening.takes_readers = False
    centre.session.commit()
    page = centre.get()
    assert "Morning Briefing" in page
    assert "Evening Edition" not in page

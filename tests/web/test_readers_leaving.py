"""Leaving by the links of an issue: one press, each answer says what is true now, and the ways back."""

from datetime import UTC, datetime, time, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mailer.links import Links
from mailer.newsletters.models import Newsletter, Schedule
from mailer.subscriptions import audience, consent, unsubscribe
from mailer.subscriptions.models import Subscription, SubscriptionState
from tests.newsletters.making import make_schedule
from tests.subscriptions.making import ask, fresh, join, make_newsletter

ISSUE = 12
ONE_CLICK = {"List-Unsubscribe": "One-Click"}
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


@pytest.fixture(autouse=True)
def newsletter(session: Session) -> Newsletter:
    return make_newsletter(session)


@pytest.fixture
def saturdays(session: Session, newsletter: Newsletter) -> Schedule:
    """Beside it there is one for weekdays."""
    make_schedule(session, newsletter, title="Weekdays", weekdays=0b0011111)
    return make_schedule(session, newsletter, title="Saturdays", weekdays=0b0100000)


@pytest.fixture
def reader(session: Session, newsletter: Newsletter) -> Subscription:
    return join(session, newsletter)


@pytest.fixture
def link(links: Links, reader: Subscription) -> str:
    return links.unsubscribe(reader.id, ISSUE).removeprefix(links.base_url)


def state(session: Session, reader: Subscription) -> str:
    return fresh(session, reader.id).state


@pytest.mark.parametrize("form", FORMS)
def test_one_click_leaves_at_once_without_cookie_origin_or_page(
    client: FlaskClient, session: Session, reader: Subscription, link: str, form: str
) -> None:
    for _ in range(2):
        answer = client.post(link, data=ONE_CLICK, content_type=form)
        assert answer.status_code == 200
        assert answer.mimetype == "text/plain"
        assert not {"Location", "Set-Cookie"} & set(dict(answer.headers))
    assert state(session, reader) == SubscriptionState.UNSUBSCRIBED
    assert reader.unsubscribed_issue_id == ISSUE
    assert audience.count(session, reader.newsletter_id, None) == 0
    assert [record.form for record in consent.history(session, reader.id)][-1] == "one-click"


@pytest.mark.parametrize("form", FORMS)
def test_one_click_on_a_link_nobody_knows_is_still_answered_2xx(client: FlaskClient, links: Links, form: str) -> None:
    gone = links.unsubscribe(4711, ISSUE).removeprefix(links.base_url)
    for address in (gone, "/u/x", "/u/4711-1.tampered"):
        assert client.post(address, data=ONE_CLICK, content_type=form).status_code == 200
    assert client.post(gone).status_code == 410
    assert client.post("/u/x").status_code == 400


@pytest.mark.parametrize("data", [{"List-Unsubscribe": "one click"}, {"list-unsubscribe": "One-Click"}, {"a": "b"}, {}])
def test_nothing_else_makes_a_machine(
    client: FlaskClient, session: Session, reader: Subscription, link: str, data: dict[str, str]
) -> None:
    answer = client.post(link, data=data, headers={"User-Agent": "Mail/1.0"})
    assert "Done. No more" in answer.text
    assert state(session, reader) == SubscriptionState.UNSUBSCRIBED


def test_a_body_that_cannot_be_read_is_a_press_too(
    client: FlaskClient, session: Session, reader: Subscription, link: str
) -> None:
    answer = client.post(link, data=b"List-Unsubscribe=One-Click", content_type="text/plain")
    assert answer.status_code == 200
    assert state(session, reader) == SubscriptionState.UNSUBSCRIBED


def test_leaving_by_the_button_and_taking_it_back(
    client: FlaskClient, session: Session, reader: Subscription, link: str
) -> None:
    assert "Yes, stop it" in client.get(link).text
    done = client.post(link)
    assert "Done. No more" in done.text
    assert f'action="{link}/undo"' in done.text
    assert "Done. No more" in client.get(link).text
    assert "in again" in client.post(f"{link}/undo").text
    assert state(session, reader) == SubscriptionState.ACTIVE
    assert "in again" in client.post(f"{link}/undo").text


def test_after_thirty_days_there_is_no_way_back_but_a_sign_up(
    client: FlaskClient, session: Session, reader: Subscription, link: str, saturdays: Schedule
) -> None:
    unsubscribe.leave(session, reader.id, issue_id=None, network="", now=datetime.now(UTC) - timedelta(days=31))
    session.commit()
    page = client.get(link).text
    assert not [way for way in ("/undo", "/less", "/pause") if f"{link}{way}" in page]
    assert 'href="/s/morning"' in page
    for way, data in (("undo", {}), ("less", {"schedule": str(saturdays.id)}), ("pause", {})):
        assert client.post(f"{link}/{way}", data=data).status_code == 410
    assert state(session, reader) == SubscriptionState.UNSUBSCRIBED


def test_weekly_instead_in_one_press(
    client: FlaskClient, session: Session, reader: Subscription, link: str, saturdays: Schedule
) -> None:
    done = client.post(link).text
    assert f'<button name="schedule" value="{saturdays.id}"><span>Once a week: ' in done
    answer = client.post(f"{link}/less", data={"schedule": str(saturdays.id)}).text
    assert "Less often from now on" in answer
    assert "once a week: <bdi" in answer
    assert state(session, reader) == SubscriptionState.ACTIVE
    assert reader.schedule_id == saturdays.id
    assert consent.history(session, reader.id)[-1].event == "changed"


def test_who_stays_is_offered_less_first_and_the_end_last(
    client: FlaskClient, session: Session, reader: Subscription, link: str, saturdays: Schedule
) -> None:
    page = client.get(f"{link}/less").text
    assert page.index("Once a week") < page.index("5 times a week") < page.index("Pause for a month")
    assert page.index("Pause for a month") < page.index("Stop it altogether")
    client.post(f"{link}/less", data={"schedule": str(saturdays.id)})
    assert "does not come less often" in client.get(f"{link}/less").text
    session.commit()
    assert state(session, reader) == SubscriptionState.ACTIVE


def test_a_monthly_issue_is_offered_as_what_it_is(
    client: FlaskClient, session: Session, newsletter: Newsletter, reader: Subscription, link: str, saturdays: Schedule
) -> None:
    saturdays.hours = [time(9), time(18)]
    monthly = make_schedule(session, newsletter, title="The month", weekdays=0, month_day=1)
    page = client.get(f"{link}/less").text
    assert page.index("Once a month: ") < page.index("2 times a week: ") < page.index("5 times a week: ")
    client.post(link)
    answer = client.post(f"{link}/less", data={"schedule": str(monthly.id)}).text
    assert "once a month: <bdi" in answer


def test_a_pause_says_until_when(client: FlaskClient, session: Session, reader: Subscription, link: str) -> None:
    client.post(link)
    answer = client.post(f"{link}/pause").text
    assert "A pause until" in answer
    assert state(session, reader) == SubscriptionState.PAUSED
    until = reader.paused_until
    assert "It is paused until" in client.get(link).text
    client.post(f"{link}/pause")
    assert fresh(session, reader.id).paused_until == until


@pytest.mark.parametrize("schedule", ["", "0", "-1", "999999", "1; DROP TABLE", "١"])
def test_a_schedule_that_is_not_on_offer_changes_nothing(
    client: FlaskClient, session: Session, reader: Subscription, link: str, saturdays: Schedule, schedule: str
) -> None:
    foreign = make_schedule(session, make_newsletter(session, "evening"), weekdays=1)
    for wanted in (schedule, str(foreign.id)):
        assert client.post(f"{link}/less", data={"schedule": wanted}).status_code == 410
    assert fresh(session, reader.id).schedule_id is None


def test_a_reason_is_one_press_and_is_said_back(
    client: FlaskClient, session: Session, reader: Subscription, link: str
) -> None:
    page = client.post(link).text
    assert page.count('<button name="reason"') == 4
    assert "You said: I never signed up." in client.post(f"{link}/reason", data={"reason": "never_signed_up"}).text
    assert fresh(session, reader.id).leaving_reason == "never_signed_up"
    client.post(f"{link}/reason", data={"reason": "because"})
    assert fresh(session, reader.id).leaving_reason == "never_signed_up"
    client.post(f"{link}/undo")
    client.post(f"{link}/reason", data={"reason": "too_many"})
    assert fresh(session, reader.id).leaving_reason == ""


def test_the_issue_is_not_kept_of_who_is_not_to_be_counted(
    client: FlaskClient, session: Session, reader: Subscription, link: str
) -> None:
    reader.subscriber.uncounted = True
    session.commit()
    client.post(link, data=ONE_CLICK)
    assert unsubscribe.left_from(session, ISSUE) == 0
    session.commit()
    assert state(session, reader) == SubscriptionState.UNSUBSCRIBED


def test_other_newsletters_are_counted_and_reached_by_a_link_of_their_own(
    client: FlaskClient, session: Session, link: str
) -> None:
    join(session, make_newsletter(session, "evening", "Evening Letter"))
    page = client.post(link).text
    assert f'<a class="beside" href="{link}/change">One other newsletter that you get</a>' in page
    assert "Evening Letter" not in page


def test_who_never_confirmed_can_leave_and_is_offered_nothing_else(
    client: FlaskClient, session: Session, links: Links, newsletter: Newsletter, saturdays: Schedule
) -> None:
    weekly = {"schedule": str(saturdays.id)}
    pending = ask(session, newsletter, "pending@ledger.example")
    link = links.unsubscribe(pending.id, ISSUE).removeprefix(links.base_url)
    for page in (client.get(link).text, client.get(f"{link}/less").text):
        assert "Yes, stop it" in page
        assert "Less often" not in page
    assert client.post(f"{link}/less", data=weekly).status_code == 410
    assert "/undo" not in client.post(link).text


def test_pages_behind_a_link_are_kept_by_nobody_and_name_no_address_in_full(client: FlaskClient, link: str) -> None:
    for path in (link, f"{link}/less", f"{link}/change"):
        answer = client.get(path)
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Robots-Tag"] == "noindex"
        assert "mara@" not in answer.text
        assert "m•••@ledger.example" in answer.text

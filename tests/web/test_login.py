"""How staff come in: what strangers are told, what a link is worth, what the cookie is like."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.app import create_app
from mailer.config import Settings
from mailer.links import Links, Purpose
from mailer.staff import accounts, sessions
from mailer.staff.models import AuditEvent, LoginLink, Role, StaffSession
from tests.web.staffroom import LEA, log_in, login_path, person, press


def test_a_stranger_is_sent_to_the_login_and_comes_back_after_it(
    client: FlaskClient, session: Session, links: Links
) -> None:
    sent_away = client.get("/desk/?before=7")
    assert sent_away.status_code == 302
    assert sent_away.location == "/desk/login?next=/desk/?before%3D7"
    press(client, sent_away.location, "/desk/login", address=LEA, next="/desk/?before=7")
    path = login_path(session, links)
    assert press(client, path, path).location == "/desk/?before=7"


def test_a_link_is_looked_at_without_being_used(client: FlaskClient, session: Session, links: Links) -> None:
    path = login_path(session, links)
    for _ in range(3):
        assert "Log in?" in client.get(path).text
    client.head(path)
    assert session.scalars(select(LoginLink.used_at)).all() == [None]


def test_a_link_logs_in_and_the_cookie_is_well_kept(client: FlaskClient, session: Session, links: Links) -> None:
    path = login_path(session, links)
    entered = press(client, path, path)
    assert entered.location == "/desk/"
    cookie = next(c for c in entered.headers.getlist("Set-Cookie") if c.startswith("postroom_session="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert LEA in client.get("/desk/").text


def test_over_https_the_cookie_belongs_to_this_host_alone(settings: Settings, session: Session, links: Links) -> None:
    secure = create_app(settings.model_copy(update={"public_url": "https://news.example.org"}))
    client = secure.test_client()
    path = login_path(session, links)
    base = {"base_url": "https://news.example.org"}
    html = client.get(path, **base).text
    token = re.findall(r'csrf_token" value="([^"]+)', html)[0]
    entered = client.post(path, data={"csrf_token": token}, headers={"Referer": "https://news.example.org/"}, **base)
    cookie = next(c for c in entered.headers.getlist("Set-Cookie") if c.startswith("__Host-postroom="))
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie


def test_a_used_link_says_so_and_what_to_do(client: FlaskClient, app: Flask, session: Session, links: Links) -> None:
    path = login_path(session, links)
    press(client, path, path)
    again = app.test_client().get(path)
    assert again.status_code == 410
    assert "This link was used already" in again.text
    assert "Ask for a new link" in again.text


def test_a_link_pressed_twice_lets_in_once(client: FlaskClient, app: Flask, session: Session, links: Links) -> None:
    path, other = login_path(session, links), app.test_client()
    login_page = other.get("/desk/login").text
    press(client, path, path)
    token = re.findall(r'csrf_token" value="([^"]+)', login_page)[0]
    late = other.post(path, data={"csrf_token": token})
    assert late.status_code == 410
    assert len(session.scalars(select(StaffSession)).all()) == 1


def test_an_expired_link_says_so(client: FlaskClient, session: Session, links: Links) -> None:
    staff = accounts.add(session, LEA, Role.EDITOR, datetime.now(UTC))
    link = sessions.make_link(session, staff, datetime.now(UTC) - timedelta(hours=2))
    session.commit()
    answer = client.get(f"/desk/login/{links.token(Purpose.LOGIN, link.id)}")
    assert answer.status_code == 410
    assert "This link is too old" in answer.text


@pytest.mark.parametrize("change", ["{}x", "x{}", "1.{}", "0-{}"])
def test_a_tampered_link_lets_nobody_in(client: FlaskClient, session: Session, links: Links, change: str) -> None:
    path = login_path(session, links)
    tampered = "/desk/login/" + change.format(path.rpartition("/")[2])
    assert "This link does not work" in client.get(tampered).text
    assert press(client, "/desk/login", tampered).status_code == 410
    assert client.get("/desk/").status_code == 302


def test_a_token_of_another_purpose_lets_nobody_in(client: FlaskClient, session: Session, links: Links) -> None:
    login_path(session, links)
    for purpose in set(Purpose) - {Purpose.LOGIN}:
        assert press(client, "/desk/login", f"/desk/login/{links.token(purpose, 1)}").status_code == 410


def test_strangers_and_staff_get_the_same_answer(client: FlaskClient, session: Session) -> None:
    accounts.add(session, LEA, Role.EDITOR, datetime.now(UTC))
    session.commit()
    answers = []
    for address in (LEA, "zoe@else.example"):
        asked = press(client, "/desk/login", "/desk/login", address=address)
        told = client.get("/desk/login").text
        answers.append((asked.status_code, asked.location, re.sub(r'value="[^"]*"', "", told.replace(address, "A"))))
    assert answers[0] == answers[1]
    assert "If A works here, a link is on its way there" in answers[0][2]


def test_a_link_asked_for_is_owed_to_staff_and_to_nobody_else(client: FlaskClient, session: Session) -> None:
    accounts.add(session, LEA, Role.EDITOR, datetime.now(UTC))
    session.commit()
    for address in (f" {LEA.upper()} ", "zoe@else.example", "no address"):
        press(client, "/desk/login", "/desk/login", address=address)
    owed = session.scalars(select(LoginLink)).one()
    assert owed.mail_due_at is not None
    assert owed.staff_id == person(session).id


def test_the_fourth_link_in_a_quarter_hour_is_not_made_but_the_answer_is_the_same(
    client: FlaskClient, session: Session
) -> None:
    accounts.add(session, LEA, Role.EDITOR, datetime.now(UTC))
    session.commit()
    answers = {press(client, "/desk/login", "/desk/login", address=LEA).status_code for _ in range(4)}
    assert answers == {302}
    assert len(session.scalars(select(LoginLink)).all()) == 3


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "/u/1", "desk/"])
def test_the_login_leads_nowhere_but_to_our_own_pages(
    client: FlaskClient, session: Session, links: Links, elsewhere: str
) -> None:
    press(client, "/desk/login", "/desk/login", address=LEA, next=elsewhere)
    path = login_path(session, links)
    assert press(client, path, path).location == "/desk/"


def test_logging_out_ends_the_session_here_and_in_the_database(
    client: FlaskClient, session: Session, links: Links
) -> None:
    log_in(client, session, links)
    cookie = client.get_cookie("postroom_session")
    assert cookie is not None
    assert press(client, "/desk/", "/desk/logout").location == "/desk/login"
    client.set_cookie("postroom_session", cookie.value)  # somebody kept it
    assert client.get("/desk/").status_code == 302
    assert session.scalars(select(StaffSession)).all() == []


def test_a_post_without_its_token_is_refused(client: FlaskClient, session: Session, links: Links) -> None:
    log_in(client, session, links)
    assert client.post("/desk/logout").status_code == 400
    assert client.get("/desk/").status_code == 200


def test_a_stranger_cannot_post(client: FlaskClient) -> None:
    assert press(client, "/desk/login", "/desk/newsletters/morning/draft").status_code == 403


def test_an_operator_has_no_place_at_the_desk_and_lands_at_the_queues(
    client: FlaskClient, session: Session, links: Links
) -> None:
    path = login_path(session, links, Role.OPERATOR)
    assert press(client, path, path).location == "/ops/"
    refused = client.get("/desk/")
    assert refused.status_code == 403
    assert "You are logged in as operator" in refused.text


def test_an_administrator_may_open_everything(client: FlaskClient, session: Session, links: Links) -> None:
    log_in(client, session, links, Role.ADMINISTRATOR)
    page = client.get("/desk/")
    assert page.status_code == 200
    assert 'href="/ops/"' in page.text


def test_logging_in_is_written_down(client: FlaskClient, session: Session, links: Links) -> None:
    log_in(client, session, links)
    assert session.scalars(select(AuditEvent.action)).all() == ["staff.logged_in"]

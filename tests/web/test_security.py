"""The headers of every answer, and which forms a stranger's page may send."""

import pytest
from flask import Flask, Response, make_response, render_template_string
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mailer.app import create_app
from mailer.config import Settings
from tests.subscriptions.making import make_newsletter


@pytest.fixture
def doors(app: Flask) -> FlaskClient:
    @app.route("/desk/for-the-test", methods=["GET", "POST"])
    def guarded() -> str:
        return render_template_string("{{ csrf_token() }}")

    @app.get("/own-policy")
    def own() -> Response:
        return make_response("x", {"Content-Security-Policy": "default-src 'none'", "Cache-Control": "max-age=60"})

    return app.test_client()


def test_pages_of_readers_run_no_script_and_stand_in_no_frame(client: FlaskClient) -> None:
    headers = client.get("/privacy").headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"


def test_pages_of_staff_load_only_our_own(doors: FlaskClient) -> None:
    policy = doors.get("/desk/for-the-test").headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


def test_errors_carry_the_headers_too(client: FlaskClient) -> None:
    assert "default-src 'none'" in client.get("/desks").headers["Content-Security-Policy"]


def test_a_view_may_set_its_own_policy(doors: FlaskClient) -> None:
    headers = doors.get("/own-policy").headers
    assert headers.getlist("Content-Security-Policy") == ["default-src 'none'"]
    assert headers["Cache-Control"] == "max-age=60"


def test_https_is_remembered_only_where_it_is_used(client: FlaskClient, settings: Settings) -> None:
    assert "Strict-Transport-Security" not in client.get("/privacy").headers
    secure = create_app(settings.model_copy(update={"public_url": "https://n.ledger.example"})).test_client()
    assert secure.get("/privacy").headers["Strict-Transport-Security"] == "max-age=31536000"


def test_a_form_of_staff_without_the_token_is_refused_in_words(doors: FlaskClient) -> None:
    answer = doors.post("/desk/for-the-test")
    assert answer.status_code == 400
    assert "open for too long" in answer.text


def test_a_form_of_staff_with_the_token_goes_through(doors: FlaskClient) -> None:
    token = doors.get("/desk/for-the-test").text
    assert doors.post("/desk/for-the-test", data={"csrf_token": token}).status_code == 200


def test_a_token_of_another_session_is_refused(doors: FlaskClient, app: Flask) -> None:
    token = app.test_client().get("/desk/for-the-test").text
    assert doors.post("/desk/for-the-test", data={"csrf_token": token}).status_code == 400


def test_strangers_need_no_token_to_sign_up(client: FlaskClient, session: Session) -> None:
    make_newsletter(session)
    headers = {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}
    assert client.post("/s/morning", data={"email": "mara@ledger.example"}, headers=headers).status_code == 200


def test_pages_of_readers_set_no_cookie(client: FlaskClient, session: Session) -> None:
    make_newsletter(session)
    for path in ("/", "/s/morning", "/privacy", "/u/x", "/c/x"):
        assert "Set-Cookie" not in client.get(path).headers

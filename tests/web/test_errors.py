"""Every error is answered with what is wrong and what to do, as a page or as JSON."""

from pathlib import Path

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.exceptions import TooManyRequests

from mailer.app import create_app
from mailer.config import Settings
from mailer.db import db
from mailer.embedded.ports import free as free_port
from mailer.staff.models import Staff
from tests.subscriptions.making import NOW, make_newsletter

JSON = {"Accept": "application/json"}


@pytest.fixture
def broken(app: Flask) -> FlaskClient:
    """A client of an application with doors that fail; errors are answered, not raised into the test."""

    @app.get("/fail/<int:code>")
    def fail(code: int) -> str:
        if code == 429:
            raise TooManyRequests(retry_after=7)
        abort(code)

    @app.get("/said")
    def said() -> str:
        abort(403, description="This page is for operators.")

    @app.get("/burst")
    def burst() -> str:
        raise ZeroDivisionError("a secret detail")

    @app.get("/writes")
    def writes() -> str:
        db.session.add(Staff(address="lea@ledger.example", role="editor", created_at=NOW))
        db.session.flush()
        return "written"

    return app.test_client()


@pytest.mark.parametrize("code", [400, 403, 404, 405, 413, 422, 429, 500, 503])
def test_each_error_is_a_page_or_json(broken: FlaskClient, code: int) -> None:
    page, data = broken.get(f"/fail/{code}"), broken.get(f"/fail/{code}", headers=JSON)
    assert (page.status_code, data.status_code) == (code, code)
    assert page.mimetype == "text/html"
    assert "<h1>" in page.text
    assert data.json is not None
    assert data.json["error"] == code
    assert data.json["text"] in page.text.replace("&#39;", "'")


def test_an_error_says_what_its_door_said(broken: FlaskClient) -> None:
    assert "This page is for operators." in broken.get("/said").text


def test_an_error_keeps_its_headers(broken: FlaskClient, client: FlaskClient) -> None:
    assert broken.get("/fail/429").headers["Retry-After"] == "7"
    assert "GET" in client.post("/privacy").headers["Allow"]


def test_a_surprise_tells_no_detail(broken: FlaskClient) -> None:
    answer = broken.get("/burst")
    assert answer.status_code == 500
    assert "It is our fault" in answer.text
    assert "secret detail" not in answer.text


def test_a_get_that_writes_is_our_fault_and_not_the_database_s(broken: FlaskClient) -> None:
    assert broken.get("/writes").status_code == 500


def test_too_large_a_form_is_refused(client: FlaskClient, session: Session) -> None:
    make_newsletter(session)
    answer = client.post("/s/morning", data={"email": "x" * 2_000_000}, headers=JSON)
    assert answer.status_code == 413
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_while_the_database_is_away_visitors_are_asked_to_come_back(settings: Settings, tmp_path: Path) -> None:
    away = f"postgresql+psycopg://postgres@127.0.0.1:{free_port()}/gone"
    if settings.database.startswith("sqlite"):
        away = f"sqlite:///{tmp_path / 'no such folder' / 'postroom.sqlite'}"
    client = create_app(settings.model_copy(update={"database_url": away})).test_client()
    for answer in (client.get("/"), client.post("/s/morning", data={"email": "mara@ledger.example"})):
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "30"
        assert "Nothing is lost" in answer.text

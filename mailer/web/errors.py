"""Domain error -> answer, one table."""

import logging
import sqlite3
from collections.abc import Iterable

from flask import Flask, Response, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from mailer.texts import FALLBACK, mark
from mailer.web.access import local_path
from mailer.web.speech import say, speak

log = logging.getLogger(__name__)

RETRY_AFTER = 30
"""Seconds after which a visitor may try again when the database is away."""

SAID: dict[int, tuple[str, str]] = {
    400: (mark("That did not work"), mark("The request could not be read. Go back, reload the page and try again.")),
    403: (mark("This page is not for you"), mark("You are not allowed to do this here.")),
    404: (mark("There is no such page"), mark("The address may be cut off, or the page is gone.")),
    405: (mark("That does not work here"), mark("This address does not take that kind of request.")),
    413: (mark("That is too much"), mark("What was sent is larger than this page takes.")),
    422: (mark("Something is missing"), mark("What was sent is not complete. Go back and look at each field.")),
    429: (mark("That was too often"), mark("Wait a minute, then try again.")),
    500: (
        mark("Something broke here"),
        mark("It is our fault, and we have written it down. Try again in a few minutes."),
    ),
    503: (mark("We cannot answer just now"), mark("Nothing is lost. Try again in half a minute.")),
}

FORM_TOO_OLD = mark(
    "The form was open for too long, or your browser sent no cookie. Go back, reload the page and try again."
)


def register(app: Flask) -> None:
    """Answer every error with a page (or JSON) that says what is wrong and what to do."""
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(CSRFError, lambda error: _answer(400, FORM_TOO_OLD))
    app.register_error_handler(OperationalError, _database_away)
    app.register_error_handler(PoolTimeout, _database_away)


def wants_json() -> bool:
    """Whether the visitor asked for JSON rather than a page; programs always do."""
    return (
        request.path.startswith("/api/")
        or request.accept_mimetypes.best_match(("text/html", "application/json")) == "application/json"
    )


def _refused(error: HTTPException) -> Response:
    description = error.description if error.description != type(error).description else None
    headers = [(name, value) for name, value in error.get_headers() if name != "Content-Type"]
    return _answer(error.code or 500, description, headers, title=error.name)


def _database_away(error: Exception) -> Response:
    # SQLite also calls it "operational" when a statement is wrong or a GET tries to write.
    cause = getattr(error, "orig", None)
    if isinstance(cause, sqlite3.Error) and cause.sqlite_errorcode in (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_READONLY):
        log.exception("The database refused a statement")
        return _answer(500)
    log.error("The database is away: %s", cause or error)
    return _answer(503, headers=[("Retry-After", str(RETRY_AFTER))])


def _answer(
    code: int, description: str | None = None, headers: Iterable[tuple[str, str]] = (), title: str = ""
) -> Response:
    staff = local_path(request.path) is not None
    if staff:
        speak(FALLBACK)
    usual_title, usual_text = SAID.get(code, (title, ""))
    said = {"title": say(usual_title), "text": say(description or usual_text)}
    if wants_json():
        response = make_response({"error": code, **said}, code)
    else:
        response = make_response(render_template("errors/error.html", **said, staff=staff), code)
    response.headers.extend(headers)
    return response

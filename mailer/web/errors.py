"""Domain error -> answer, one table."""

import logging
import sqlite3
from collections.abc import Iterable

from flask import Flask, Response, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from mailer.web.access import local_path

log = logging.getLogger(__name__)

RETRY_AFTER = 30
"""Seconds after which a visitor may try again when the database is away."""

SAID: dict[int, tuple[str, str]] = {
    400: ("That did not work", "The request could not be read. Go back, reload the page and try again."),
    403: ("This page is not for you", "You are not allowed to do this here."),
    404: ("There is no such page", "The address may be cut off, or the page is gone."),
    405: ("That does not work here", "This address does not take that kind of request."),
    413: ("That is too much", "What was sent is larger than this page takes."),
    422: ("Something is missing", "What was sent is not complete. Go back and look at each field."),
    429: ("That was too often", "Wait a minute, then try again."),
    500: ("Something broke here", "It is our fault, and we have written it down. Try again in a few minutes."),
    503: ("We cannot answer just now", "Nothing is lost. Try again in half a minute."),
}

FORM_TOO_OLD = "The form was open for too long, or your browser sent no cookie. Go back, reload the page and try again."


def register(app: Flask) -> None:
    """Answer every error with a page (or JSON) that says what is wrong and what to do."""
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(CSRFError, lambda error: _answer(400, FORM_TOO_OLD))
    app.register_error_handler(OperationalError, _database_away)
    app.register_error_handler(PoolTimeout, _database_away)


def wants_json() -> bool:
    """Whether the visitor asked for JSON rather than a page."""
    return request.accept_mimetypes.best_match(("text/html", "application/json")) == "application/json"


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
    usual_title, usual_text = SAID.get(code, (title, ""))
    text = description or usual_text
    if wants_json():
        response = make_response({"error": code, "title": usual_title, "text": text}, code)
    else:
        staff = local_path(request.path) is not None
        response = make_response(render_template("errors/error.html", title=usual_title, text=text, staff=staff), code)
    response.headers.extend(headers)
    return response

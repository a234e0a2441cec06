"""CSRF, and the headers every answer carries. A view that needs another policy sets the header itself."""

from flask import Flask, Response, current_app, request
from flask_wtf import CSRFProtect

from mailer.config import Settings
from mailer.web.access import local_path
from mailer.web.api import api
from mailer.web.readers import readers
from mailer.web.readers.policy import policy

STAFF_POLICY = (
    "default-src 'self'; img-src 'self' https: data:; frame-src 'self'; style-src 'self'; script-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
)

YEAR = 365 * 24 * 3600


def register(app: Flask) -> None:
    """Guard every form of the staff and set the security headers."""
    app.config.setdefault("WTF_CSRF_TIME_LIMIT", None)  # the token lives as long as the session: a desk is open all day
    csrf = CSRFProtect(app)
    # A forged request is dangerous where the browser adds a cookie. Readers have none: what may be done stands in the
    # signed link, and sign-up forms are on other people's pages.
    csrf.exempt(readers)
    csrf.exempt(api)  # programs show a key, which no browser adds by itself
    app.after_request(_guard)


def _guard(response: Response) -> Response:
    settings: Settings = current_app.extensions["settings"]
    headers = response.headers
    headers.setdefault("Content-Security-Policy", STAFF_POLICY if local_path(request.path) else policy())
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if request.endpoint != "static":
        headers.setdefault("Cache-Control", "no-store")
    if settings.secure:
        headers.setdefault("Strict-Transport-Security", f"max-age={YEAR}")
    return response

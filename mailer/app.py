"""create_app(): the web side, put together. The only module that knows every part."""

import logging
import os

from flask import Flask, request
from werkzeug.middleware.proxy_fix import ProxyFix

from mailer.config import Settings, load_settings
from mailer.db import db, engine_options, read_only
from mailer.links import Links
from mailer.queue import configure
from mailer.web import demo, errors, operators, security
from mailer.web.api import api
from mailer.web.editors import desk, login
from mailer.web.limits import Counters
from mailer.web.readers import readers

WITHOUT_DATABASE = (
    "static",
    "operators.healthz",
    "readers.script_of_today",
    "readers.script_of_these_bytes",
    "readers.proof_script",
)
"""Doors that open even when the database is away."""


def create_app(settings: Settings | None = None) -> Flask:
    """The WSGI application. Without `settings` they are read from the environment; raises SettingError."""
    settings = settings or load_settings(os.environ)
    logging.basicConfig(level=settings.log_level, format="%(levelname)s %(name)s: %(message)s")
    app = Flask(__name__, template_folder="web/templates", static_folder="web/static")
    app.config.update(
        SECRET_KEY=settings.secret,
        SQLALCHEMY_DATABASE_URI=settings.database,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings.database),
        SESSION_COOKIE_SECURE=settings.secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=1024 * 1024,
        MAX_FORM_MEMORY_SIZE=256 * 1024,
    )
    app.extensions["settings"] = settings
    app.extensions["counters"] = Counters(settings.broker, settings.secret)
    app.extensions["links"] = Links(settings.secret, settings.base_url, settings.unsubscribe_mailbox)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    db.init_app(app)
    configure(settings)
    app.before_request(_reading_requests_only_read)
    errors.register(app)
    security.register(app)
    for blueprint in (readers, api, login.login, desk.desk, operators.operators):
        app.register_blueprint(blueprint)
    if settings.newsroom:
        app.register_blueprint(demo.demo)
    return app


def _reading_requests_only_read() -> None:
    """GET never changes anything: the database itself refuses it."""
    if request.method in ("GET", "HEAD", "OPTIONS") and request.endpoint not in WITHOUT_DATABASE:
        read_only(db.session())

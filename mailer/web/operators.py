"""The doors of operators: the queue board, and what machines ask: health and metrics."""

import hmac
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from prometheus_client import CONTENT_TYPE_LATEST
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.wrappers import Response as AnyResponse

from mailer.config import Settings
from mailer.db import db
from mailer.delivery import recovery
from mailer.delivery.models import DeliveryState
from mailer.newsletters import flood
from mailer.ops import alerts, backlog, clocks, failures, pipeline, workers
from mailer.queue import Job, Queue, enqueue
from mailer.staff import audit
from mailer.staff.models import Role
from mailer.subscriptions import leaving_reasons
from mailer.web import broker, health, metrics
from mailer.web.access import requires, visitor
from mailer.web.editors import words
from mailer.web.readers import abuse

operators = Blueprint("operators", __name__)

WEEK = timedelta(days=7)

PURPOSES = {
    Queue.CONFIRM: "Double opt-in, must be fast",
    Queue.BREAKING: "Breaking news, before every issue",
    Queue.SEND: "Issues to readers",
    Queue.FEEDS: "Fetch articles",
    Queue.UPKEEP: "Clock and sweep",
}
"""What each queue is for, most urgent first."""


@operators.get("/ops/")
@requires(Role.OPERATOR)
def board() -> str:
    """Is a reader affected? Then everything that waits, works and fails."""
    return render_template("ops/board.html", **_numbers())


@operators.get("/ops/board")
@requires(Role.OPERATOR)
def refreshed() -> Response:
    """The part of the board that moves; 304 while nothing did."""
    response = make_response(render_template("ops/_board.html", **_numbers()))
    response.cache_control.no_cache = True
    response.cache_control.private = True
    response.add_etag()
    response.make_conditional(request)
    return response


@operators.post("/ops/retry")
@requires(Role.OPERATOR)
def retry() -> AnyResponse:
    """Queue the refused deliveries of one group once more."""
    issue_id, colon, beginning = request.form.get("cause", "").partition(":")
    if not (colon and issue_id.isdecimal()):
        abort(400)
    session, now = db.session(), datetime.now(UTC)
    count = recovery.retry_refused(session, int(issue_id), beginning, now)
    if count:
        detail = f"{words.amount(count, 'reader')}, answers that begin with “{beginning}”"
        audit.record(session, visitor().address, "deliveries.retried", f"issue {issue_id}", detail, now)
    session.commit()
    if count:
        enqueue(Job.SEND)
    flash(f"{words.amount(count, 'reader')} tried again." if count else "Nothing to try again.", "good")
    return redirect(url_for("operators.board"), 303)


@operators.get("/healthz")
def healthz() -> tuple[Response, int]:
    """200 when everything works, else 503 with which part does not."""
    parts = health.check(db.engine, _settings().broker)
    ok = all(said == health.OK for said in parts.values())
    return jsonify(ok=ok, **parts), 200 if ok else 503


@operators.get("/metrics")
def numbers() -> Response:
    """For Prometheus: with METRICS_TOKEN as bearer; without the setting, from this machine only."""
    _may_read_metrics()
    session, now = db.session(), datetime.now(UTC)
    of_rows = metrics.of_rows(session, now)
    session.commit()
    of_queues = metrics.of_queues(broker.waiting(_settings().broker), now)
    of_doors = metrics.of_doors(abuse.counters().tallies())
    return Response(metrics.exposition([*of_rows, *of_queues, *of_doors]), content_type=CONTENT_TYPE_LATEST)


@operators.context_processor
def _words() -> dict[str, object]:
    return {"duration": words.duration, "amount": words.amount, "number": words.number, "kinds": DeliveryState}


def _numbers() -> dict[str, object]:
    """All that the board shows. The broker is asked last, when no transaction is open."""
    session, now = db.session(), datetime.now(UTC)
    issues, feeds = pipeline.recent(session, now), clocks.feeds(session, now)
    signs, owed = workers.signs(session, now), backlog.owed(session, now)
    floods, strangers = flood.lasting(session, now), leaving_reasons.strangers(session, now - WEEK)
    failed, schedules = failures.group(session, issues), clocks.clocks(session, now)
    session.commit()
    queues = broker.waiting(_settings().broker)
    raised = alerts.raise_alerts(
        broker_away=queues is None,
        signs=signs,
        owed=owed,
        issues=issues,
        feeds=feeds,
        floods={each: abuse.pace(each.form_id) for each in floods},
        strangers=strangers,
        now=now,
    )
    return {
        "now": now,
        "alerts": raised,
        "queues": [(queue, PURPOSES[queue], (queues or {}).get(queue)) for queue in Queue],
        "broker_away": queues is None,
        "oldest": min((w.oldest for w in (queues or {}).values() if w.oldest), default=None),
        "owed": owed,
        "issues": issues,
        "failures": failed,
        "failing": pipeline.lately(issues).share,
        "signs": signs,
        "feeds": feeds,
        "clocks": schedules,
    }


def _may_read_metrics() -> None:
    """Raises 401 or 403. A proxy on this machine is not a visitor from this machine."""
    token = _settings().metrics_token.get_secret_value()
    if token:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
        if not hmac.compare_digest(given.encode(), token.encode()):
            abort(401, description="Send METRICS_TOKEN as bearer.", www_authenticate=WWWAuthenticate("bearer"))
    elif not _is_loopback() or "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        abort(403, description="Only this machine may read the metrics. Set METRICS_TOKEN to read them from elsewhere.")


def _is_loopback() -> bool:
    """Whether the connection itself comes from this machine, whatever a trusted proxy says."""
    original = request.environ.get("werkzeug.proxy_fix.orig", request.environ)
    try:
        return ip_address(original.get("REMOTE_ADDR") or "").is_loopback
    except ValueError:
        return False


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings

"""Doors for programs: a newsroom's own CMS brings its articles here. Every answer is JSON, also a refusal."""

from collections import Counter
from http import HTTPStatus

from flask import Blueprint, Response, current_app, jsonify, request
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from werkzeug.exceptions import RequestEntityTooLarge

from mailer.articles import push
from mailer.articles.kinds import SourceKind
from mailer.articles.models import Source
from mailer.db import db
from mailer.web.house import now
from mailer.web.limits import Limit, networks
from mailer.web.readers.abuse import counters

api = Blueprint("api", __name__, url_prefix="/api")

PUSHES = Limit("push", 120, 60)
"""To one source from one line; each may bring a hundred articles."""

MOST_PROBLEMS = 20
"""Said of one request; a program that is wrong once is wrong in each article."""


@api.post("/sources/<int:source_id>/articles")
def take(source_id: int) -> Response:
    """Articles for the source, with its key in `Authorization: Bearer`. The same ones once more change nothing."""
    if not counters().allow(PUSHES, f"{source_id} {networks(request.remote_addr or '')}"):
        return _refusal(429, f"A source takes {PUSHES.amount} pushes a minute. Send several articles in one.", wait=60)
    source = db.session.get(Source, source_id)
    if source is None or source.kind != SourceKind.PUSH:
        return _refusal(404, "There is no source with this number that takes pushes.")
    if not push.opens(source, _key()):
        return _refusal(401, "The key is missing or not the one of this source. Send it as Authorization: Bearer KEY.")
    if not source.active:
        return _refusal(403, "This source is switched off. An editor can switch it on again.")
    try:
        pushed = push.Push.model_validate_json(request.get_data())
    except ValidationError as error:
        problems = [_problem(each) for each in error.errors(include_url=False, include_context=False)]
        return _refusal(422, "Nothing was taken. Mend these fields and send it again.", problems[:MOST_PROBLEMS])
    results = push.take(db.session(), source, pushed, now())
    db.session.commit()
    return _answer(pushed, results)


@api.errorhandler(RequestEntityTooLarge)
def too_large(_error: RequestEntityTooLarge) -> Response:
    """More than the house takes in one request."""
    most = current_app.config["MAX_CONTENT_LENGTH"] // 1024
    return _refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"A push takes at most {most} kB. Send fewer articles in one.")


def _key() -> str:
    """The key of the request; "" where there is none."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""


def _answer(pushed: push.Push, results: list[push.Result]) -> Response:
    counts = Counter(results)
    told = [{"url": each.url, "result": result} for each, result in zip(pushed.articles, results, strict=True)]
    return jsonify({result.value: counts[result] for result in push.Result} | {"articles": told})


def _problem(error: ErrorDetails) -> dict[str, str]:
    """Where it is, as a program would write it (articles[2].title), and what to do."""
    field = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error["loc"]).lstrip(".")
    match error["type"]:
        case "missing":
            said = "is missing"
        case "extra_forbidden":
            said = "is not a field; known are " + ", ".join(push.Pushed.model_fields if "." in field else ["articles"])
        case "timezone_aware":
            said = "has to name its time zone, such as 2026-11-24T07:00:00+04:00"
        case "json_invalid":
            said = f"cannot be read: {error['msg'].removeprefix('Invalid JSON: ')}"
        case _:
            said = error["msg"].removeprefix("Value error, ")
    return {"field": field or "the request", "problem": said}


def _refusal(code: int, text: str, problems: list[dict[str, str]] | None = None, wait: int = 0) -> Response:
    response = jsonify({"error": code, "text": text} | ({"fields": problems} if problems else {}))
    response.status_code = code
    if wait:
        response.headers["Retry-After"] = str(wait)
    if code == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = 'Bearer realm="postroom"'
    return response

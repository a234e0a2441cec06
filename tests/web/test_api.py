"""Programs that bring articles, over the real application."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from mailer.articles import push
from mailer.articles.models import Source
from mailer.web.api import PUSHES
from tests.articles.making import HOME, NOW, articles, make_source
from tests.newsletters.making import make_newsletter

ONE = {"url": f"{HOME}/1", "title": "The ferry is back", "published_at": "2026-11-24T06:00:00Z"}


class Program:
    """A newsroom's CMS with a key."""

    def __init__(self, client: FlaskClient, session: Session) -> None:
        self.client = client
        source, self.key = push.add(session, make_newsletter(session), "Our CMS", None, NOW)
        session.commit()
        self.source: Source = source
        self.address = f"/api/sources/{source.id}/articles"

    def send(self, body: Any, key: str | None = None, address: str = "") -> TestResponse:
        said = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.key if key is None else key}", "Content-Type": "application/json"}
        return self.client.post(address or self.address, data=said, headers=headers)


@pytest.fixture
def program(client: FlaskClient, session: Session) -> Program:
    return Program(client, session)


def test_articles_are_taken_and_each_is_answered(program: Program, session: Session) -> None:
    first = program.send({"articles": [ONE, {"url": f"{HOME}/2", "title": "Second"}]})
    assert (first.status_code, first.json) == (
        200,
        {
            "new": 2,
            "updated": 0,
            "unchanged": 0,
            "articles": [{"url": f"{HOME}/1", "result": "new"}, {"url": f"{HOME}/2", "result": "new"}],
        },
    )
    again = program.send({"articles": [ONE, {"url": f"{HOME}/2", "title": "Changed"}]})
    assert again.json is not None
    assert [again.json[result] for result in ("new", "updated", "unchanged")] == [0, 1, 1]
    assert [article.title for article in articles(session)] == ["The ferry is back", "Changed"]


def test_without_the_key_of_the_source_nothing_is_taken(program: Program, session: Session) -> None:
    other, _ = push.add(session, program.source.newsletter, "Another", None, NOW)
    polled = make_source(session, slug="evening")
    answers = [
        program.send({"articles": [ONE]}, key="push_guess"),
        program.send({"articles": [ONE]}, key=""),
        program.client.post(program.address, json={"articles": [ONE]}),
        program.send({"articles": [ONE]}, address=f"/api/sources/{other.id}/articles"),
        program.send({"articles": [ONE]}, address=f"/api/sources/{polled.id}/articles"),
        program.send({"articles": [ONE]}, address="/api/sources/99999999999999/articles"),
    ]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 401, 404, 404]
    assert all(answer.json and answer.json["text"] for answer in answers)
    assert answers[0].headers["WWW-Authenticate"].startswith("Bearer")
    assert articles(session) == []


def test_a_source_that_is_switched_off_takes_nothing(program: Program, session: Session) -> None:
    program.source.active = False
    session.commit()
    assert program.send({"articles": [ONE]}).status_code == 403


def test_each_wrong_field_is_named_with_what_to_do(program: Program, session: Session) -> None:
    wrong = {"url": "x", "titel": "Typo", "published_at": "2026-11-24T06:00:00"}
    answer = program.send({"articles": [ONE, wrong], "draft": True})
    assert (answer.status_code, answer.json and answer.json["fields"]) == (
        422,
        [
            {
                "field": "articles[1].url",
                "problem": "has to be an address that begins with https:// or http://",
            },
            {"field": "articles[1].title", "problem": "is missing"},
            {
                "field": "articles[1].published_at",
                "problem": "has to name its time zone, such as 2026-11-24T07:00:00+04:00",
            },
            {
                "field": "articles[1].titel",
                "problem": "is not a field; known are url, title, summary, picture_url, picture_alt, author, "
                "categories, language, published_at, id",
            },
            {"field": "draft", "problem": "is not a field; known are articles"},
        ],
    )
    broken = program.send(b'{"articles": [')
    assert broken.json is not None
    assert broken.json["fields"][0]["field"] == "the request"
    assert broken.json["fields"][0]["problem"].startswith("cannot be read: EOF")
    assert articles(session) == []


def test_a_request_that_is_too_large_or_comes_wrongly_is_answered_in_json(program: Program) -> None:
    large = program.send(b" " * (1024 * 1024 + 1))
    assert (large.status_code, large.json) == (
        413,
        {"error": 413, "text": "A push takes at most 1024 kB. Send fewer articles in one."},
    )
    get = program.client.get(program.address)
    assert (get.status_code, get.json and get.json["error"]) == (405, 405)


def test_who_pushes_too_often_waits(program: Program, session: Session) -> None:
    for _ in range(PUSHES.amount):
        program.send(b"", key="")
    answer = program.send({"articles": [ONE]})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    assert articles(session) == []

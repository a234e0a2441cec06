"""The desk, pressed button by button: what each press changes, and what it says when it cannot."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from mailer.articles.models import Source
from mailer.digests.models import Issue
from mailer.links import Links
from mailer.staff.models import AuditEvent, Role
from mailer.web.access import roles_of
from tests.digests.making import titles
from tests.newsletters.making import make_newsletter
from tests.web.newsroom import HEADLINES, draft_issue, fresh, open_newsroom, publish
from tests.web.staffroom import LEA, log_in, press

PORT, TRAINS, RIVER = HEADLINES


@pytest.fixture
def lea(client: FlaskClient, session: Session, links: Links) -> FlaskClient:
    """An editor's browser."""
    log_in(client, session, links)
    return client


def change(lea: FlaskClient, issue: Issue, what: str, **fields: str | int) -> TestResponse:
    page = f"/desk/issues/{issue.id}"
    return press(lea, page, f"{page}/{what}", **{"version": issue.version, **fields})


def test_an_empty_desk_says_how_to_begin(lea: FlaskClient) -> None:
    page = lea.get("/desk/").text
    assert "There is no newsletter yet" in page
    assert 'href="/desk/newsletters"' in page


def test_a_newsletter_without_new_articles_gets_no_draft_but_a_sentence(lea: FlaskClient, session: Session) -> None:
    make_newsletter(session)
    answer = press(lea, "/desk/", "/desk/newsletters/morning/draft")
    assert answer.location == "/desk/"
    assert "There was no new article." in lea.get("/desk/").text
    assert session.scalars(select(Issue)).all() == []


def test_one_press_drafts_an_issue_from_what_is_new(lea: FlaskClient, session: Session) -> None:
    open_newsroom(session)
    assert "3 new articles, 2 readers" in lea.get("/desk/").text
    answer = press(lea, "/desk/", "/desk/newsletters/morning/draft")
    issue = session.scalars(select(Issue)).one()
    assert answer.location == f"/desk/issues/{issue.id}"
    assert titles(issue) == list(HEADLINES)
    page = lea.get(answer.location).text
    assert "Send to 2 readers" in page
    assert PORT in page


def test_the_list_shows_what_each_draft_needs(lea: FlaskClient, session: Session) -> None:
    issue = draft_issue(session, open_newsroom(session))
    assert "3 articles, for 2 readers" in lea.get("/desk/").text
    issue.subject = ""
    session.commit()
    assert "1 to fix" in lea.get("/desk/").text


def test_subject_preview_line_and_note_are_saved_together(lea: FlaskClient, session: Session) -> None:
    issue = draft_issue(session, open_newsroom(session))
    answer = change(lea, issue, "head", subject=" By one  vote ", preview_line="Also: trains", note="Good morning.")
    assert answer.status_code == 303
    issue = fresh(session, issue)
    assert (issue.subject, issue.preview_line, issue.note) == ("By one vote", "Also: trains", "Good morning.")
    assert re.search(r"Saved \d\d:\d\d", lea.get(answer.location).text)


def test_articles_move_up_and_down(lea: FlaskClient, session: Session) -> None:
    issue = draft_issue(session, open_newsroom(session))
    change(lea, issue, f"articles/{issue.articles[2].id}/up")
    issue = fresh(session, issue)
    assert titles(issue) == [PORT, RIVER, TRAINS]
    change(lea, issue, f"articles/{issue.articles[0].id}/down")
    assert titles(fresh(session, issue)) == [RIVER, PORT, TRAINS]


def test_a_dropped_article_stays_on_the_wire_and_can_be_put_back(lea: FlaskClient, session: Session) -> None:
    issue = draft_issue(session, open_newsroom(session))
    item_id, article_id = issue.articles[0].id, issue.articles[0].article_id
    change(lea, issue, f"articles/{item_id}/drop")
    issue = fresh(session, issue)
    assert titles(issue) == [TRAINS, RIVER]
    assert f'aria-label="Add “{PORT}”"' in lea.get(f"/desk/issues/{issue.id}").text
    change(lea, issue, f"wire/{article_id}")
    assert titles(fresh(session, issue)) == [TRAINS, RIVER, PORT]


def test_what_came_in_after_the_draft_is_on_the_wire(lea: FlaskClient, session: Session) -> None:
    issue = draft_issue(session, open_newsroom(session))
    publish(session, session.scalars(select(Source)).one(), "Harvest is early", minutes_ago=0)
    assert "Add “Harvest is early”" in lea.get(f"/desk/issues/{issue.id}").text


def test_what_the_issue_before_had_stands_apart_with_its_date(lea: FlaskClient, session: Session) -> None:
    newsletter = open_newsroom(session)
    draft_issue(session, newsletter)
    publish(session, session.scalars(select(Source)).one(), "Harvest is early", minutes_ago=0)
    second = draft_issue(session, newsletter)
    new, past = lea.get(f"/desk/issues/{second.id}").text.split("Sent in the last issue, ")
    assert "Harvest is early" in new
    assert PORT not in new
    assert f"Add “{PORT}”" in past
    assert "0 more since the issue of" in new


def test_a_headline_is_rewritten_in_this_issue_and_nowhere_else(lea: FlaskClient, session: Session) -> None:
    issue = draft_issue(session, open_newsroom(session))
    item = issue.articles[0]
    assert 'id="editor"' in lea.get(f"/desk/issues/{issue.id}?edit={item.id}").text
    answer = change(lea, issue, f"articles/{item.id}/text", title="One vote", summary="After nine hours.")
    assert answer.location.endswith(f"#story-{item.id}")
    item = fresh(session, issue).articles[0]
    assert (item.title, item.summary, item.article.title) == ("One vote", "After nine hours.", PORT)


def test_the_second_of_two_editors_loses_nothing(lea: FlaskClient, session: Session) -> None:
    issue = draft_issue(session, open_newsroom(session))
    stale = issue.version
    change(lea, issue, "head", subject="From Jonas", preview_line="", note="")
    answer = change(lea, issue, "head", version=stale, subject="From Lea", preview_line="", note="My note")
    assert answer.status_code == 409
    assert "Somebody else changed this issue first" in answer.text
    assert "From Lea" in answer.text
    assert "My note" in answer.text
    assert 'value="From Jonas"' in answer.text
    assert fresh(session, issue).subject == "From Jonas"


def test_an_article_of_another_issue_is_not_found(lea: FlaskClient, session: Session) -> None:
    newsletter = open_newsroom(session)
    first = draft_issue(session, newsletter)
    foreign = first.articles[0].id
    publish(session, session.scalars(select(Source)).one(), "Harvest is early", minutes_ago=0)
    second = draft_issue(session, newsletter)
    assert change(lea, second, f"articles/{foreign}/drop").status_code == 404
    assert len(fresh(session, first).articles) == 3
    assert fresh(session, second).version == 1


def test_every_change_is_written_down_with_the_name(lea: FlaskClient, session: Session) -> None:
    issue = draft_issue(session, open_newsroom(session))
    change(lea, issue, f"articles/{issue.articles[0].id}/drop")
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "issue.dropped")).one()
    assert (event.actor, event.subject) == (LEA, f"issue {issue.id}")


def test_a_draft_that_is_thrown_away_gives_its_articles_back(lea: FlaskClient, session: Session) -> None:
    issue = draft_issue(session, open_newsroom(session))
    question = lea.get(f"/desk/issues/{issue.id}/cancel").text
    assert "Throw this draft away?" in question
    assert press(lea, f"/desk/issues/{issue.id}/cancel", f"/desk/issues/{issue.id}/cancel").location == "/desk/"
    assert "3 new articles" in lea.get("/desk/").text


def test_articles_with_hostile_words_stay_words(lea: FlaskClient, session: Session) -> None:
    hostile = '"><script>alert(1)</script>{{ 7 * 7 }}'
    issue = draft_issue(session, open_newsroom(session, headlines=(hostile,)))
    page = lea.get(f"/desk/issues/{issue.id}?edit={issue.articles[0].id}").text
    assert "<script>alert" not in page
    assert "{{ 7 * 7 }}" in page


def test_every_door_of_the_desk_asks_who_is_there(app: Flask, session: Session) -> None:
    issue = draft_issue(session, open_newsroom(session))
    stranger = app.test_client()
    for path in (
        "/desk/",
        f"/desk/issues/{issue.id}",
        f"/desk/issues/{issue.id}/preview",
        f"/desk/issues/{issue.id}/send",
    ):
        assert stranger.get(path).location.startswith("/desk/login?next=/desk/")
    assert press(stranger, "/desk/login", f"/desk/issues/{issue.id}/head", version=1, subject="x").status_code == 403
    assert fresh(session, issue).version == 1


def test_no_door_of_the_desk_is_left_without_a_guard(app: Flask) -> None:
    doors = {name: view for name, view in app.view_functions.items() if name.startswith("desk.")}
    assert len(doors) > 10
    assert [name for name, view in doors.items() if roles_of(view) != {Role.EDITOR}] == []


def test_reading_the_desk_changes_nothing(lea: FlaskClient, session: Session) -> None:
    issue = draft_issue(session, open_newsroom(session))
    for path in ("", "/preview", "/send", "/cancel", "/progress"):
        assert lea.get(f"/desk/issues/{issue.id}{path}").status_code == 200
    assert fresh(session, issue).version == issue.version
    assert session.scalars(select(AuditEvent.action)).all() == ["staff.logged_in"]

"""The sources of a newsletter on the desk: found by a front page, read, decided about, put to sleep, taken away."""

from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.articles.models import Article, Sighting, Source
from mailer.config import Settings
from mailer.links import Links
from mailer.newsletters.models import Newsletter
from mailer.staff.models import AuditEvent
from tests.articles.making import item, rss
from tests.articles.outlet import Answer, outlet
from tests.digests.making import make_issue, make_source, make_topic, see
from tests.newsletters.making import make_newsletter
from tests.web.staffroom import LEA, log_in, press

PAGE = "/desk/newsletters/morning/sources"
FRONT = '<!doctype html><html><head><link rel="alternate" type="application/rss+xml" href="/feed.rss"></head></html>'


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"private_sources": True})


@pytest.fixture
def newsletter(session: Session) -> Newsletter:
    return make_newsletter(session)


@pytest.fixture
def lea(client: FlaskClient, session: Session, links: Links, newsletter: Newsletter) -> FlaskClient:
    log_in(client, session, links)
    return client


def fresh(session: Session) -> list[Source]:
    found = session.scalars(select(Source).order_by(Source.id).execution_options(populate_existing=True)).all()
    session.commit()
    return list(found)


def actions(session: Session) -> list[str]:
    found = session.scalars(select(AuditEvent.action).where(AuditEvent.actor == LEA).order_by(AuditEvent.id)).all()
    session.commit()
    return list(found)


def test_the_front_page_of_a_site_is_enough(lea: FlaskClient, session: Session, newsletter: Newsletter) -> None:
    make_topic(session, newsletter, "city", 0)
    assert "Where do your articles come from?" in lea.get(PAGE).text
    with outlet() as site:
        site.serve("/", Answer(FRONT.encode(), headers={"Content-Type": "text/html"}))
        feed = site.feed("/feed.rss", rss(item(1), item(2)))
        offered = press(lea, PAGE, f"{PAGE}/find", site=site.url)
        assert offered.status_code == 200
        assert "2 articles, the newest of" in offered.text
        offer = f"feed {feed} The Harbour Ledger"
        assert f'value="{offer}" checked' in offered.text
    answer = press(lea, PAGE, PAGE, offer=offer, topic="city")
    [source] = fresh(session)
    assert answer.location == f"{PAGE}#source-{source.id}"
    assert (source.url, source.title, source.kind) == (feed, "The Harbour Ledger", "feed")
    assert source.topic_id is not None
    assert "source.added" in actions(session)
    page = lea.get(PAGE).text
    assert "The Harbour Ledger is added." in page
    assert "Not read yet" in page


def test_a_site_that_cannot_be_read_says_why_and_keeps_what_was_written(lea: FlaskClient, session: Session) -> None:
    with outlet() as site:
        answer = press(lea, PAGE, f"{PAGE}/find", site=f"{site.url}/gone")
        assert answer.status_code == 422
        assert "There is nothing at this address. (HTTP 404)" in answer.text
        assert f'value="{site.url}/gone"' in answer.text
    assert fresh(session) == []


def test_an_offer_that_is_none_or_there_already_adds_nothing(
    lea: FlaskClient, session: Session, newsletter: Newsletter
) -> None:
    source = make_source(session, newsletter)
    for offer in ("", "push https://ledger.example/x y", "feed nonsense title"):
        assert press(lea, PAGE, PAGE, offer=offer).status_code == 422
    answer = press(lea, PAGE, PAGE, offer=f"feed {source.url} The Ledger")
    assert answer.status_code == 422
    assert "has this source already" in answer.text
    assert len(fresh(session)) == 1


def test_each_source_says_how_it_is(lea: FlaskClient, session: Session, newsletter: Newsletter) -> None:
    now = datetime.now(UTC)
    make_source(session, newsletter, "down", title="Sport live", error="There is nothing there. (HTTP 404)", failures=3)
    make_source(session, newsletter, "off", title="Old blog", active=False)
    make_source(session, newsletter, "fine", title="The Ledger", succeeded_at=now, newest_at=now, habit_minutes=30)
    page = unescape(lea.get(PAGE).text)
    for said in ("Cannot be read", "There is nothing there. (HTTP 404)", "Asleep", "Fine", "Read just now"):
        assert said in page
    today = unescape(lea.get("/desk/").text)
    assert "Sources in trouble" in today
    assert "There is nothing there. (HTTP 404)" in today


def test_items_that_are_held_wait_for_a_decision(lea: FlaskClient, session: Session, newsletter: Newsletter) -> None:
    source = make_source(session, newsletter, held_at=datetime.now(UTC), held_count=412)
    page = lea.get(PAGE).text
    assert "412 items look new at once." in page
    assert "They are known" in page
    press(lea, PAGE, f"/desk/sources/{source.id}/take/known")
    [source] = fresh(session)
    assert source.take == "known"
    assert source.next_poll_at <= datetime.now(UTC)
    assert actions(session)[-1] == "source.taken_as_known"
    assert "They are known" not in lea.get(PAGE).text
    source.held_at, source.take = None, ""
    session.commit()
    press(lea, PAGE, f"/desk/sources/{source.id}/take/news")
    assert fresh(session)[0].take == ""
    assert "Nothing of this source is held any more." in lea.get(PAGE).text


def test_a_source_is_read_now_sleeps_wakes_and_changes_its_topic(
    lea: FlaskClient, session: Session, newsletter: Newsletter
) -> None:
    make_topic(session, newsletter, "city", 0)
    source_id = make_source(session, newsletter).id
    press(lea, PAGE, f"/desk/sources/{source_id}/read")
    assert fresh(session)[0].next_poll_at <= datetime.now(UTC)
    press(lea, PAGE, f"/desk/sources/{source_id}/sleep")
    assert fresh(session)[0].active is False
    press(lea, PAGE, f"/desk/sources/{source_id}/wake")
    assert fresh(session)[0].active is True
    press(lea, PAGE, f"/desk/sources/{source_id}/topic", topic="city")
    assert fresh(session)[0].topic_id is not None
    press(lea, PAGE, f"/desk/sources/{source_id}/topic", topic="")
    assert fresh(session)[0].topic_id is None
    assert actions(session)[-3:] == ["source.woken", "source.topic_changed", "source.topic_changed"]


def test_a_source_is_removed_after_a_question_that_says_what_stays(
    lea: FlaskClient, session: Session, newsletter: Newsletter
) -> None:
    source, other = make_source(session, newsletter, title="The Ledger"), make_source(session, newsletter, "other")
    shared = see(session, source, "Shared", datetime.now(UTC) - timedelta(hours=1))
    see(session, source, "Alone", datetime.now(UTC))
    session.add(Sighting(article_id=shared.id, source_id=other.id, seen_at=datetime.now(UTC)))
    session.commit()
    page = f"/desk/sources/{source.id}/remove"
    question = lea.get(page).text
    assert "It brought 2 articles." in question
    assert "1 of them came from nowhere else" in question
    assert press(lea, page, page).location == PAGE
    assert [left.id for left in fresh(session)] == [other.id]
    assert len(session.scalars(select(Article)).all()) == 2
    session.commit()
    assert lea.get(page).status_code == 404


def test_a_key_for_pushing_is_shown_once_and_opens_the_door(lea: FlaskClient, session: Session, app: Flask) -> None:
    made = press(lea, PAGE, f"{PAGE}/push", title="Our CMS")
    assert made.status_code == 200
    page = unescape(made.text)
    key = page.split('aria-label="Key"')[1].split(">")[1].split("<")[0]
    [source] = fresh(session)
    assert f"/api/sources/{source.id}/articles" in page
    assert key not in lea.get(PAGE).text
    assert key not in source.key_hash
    sent = {"articles": [{"url": "https://www.ledger.example/port", "title": "Port expansion passes"}]}
    door, program = f"/api/sources/{source.id}/articles", app.test_client()
    assert program.post(door, json=sent, headers={"Authorization": f"Bearer {key}"}).status_code == 200
    press(lea, PAGE, f"/desk/sources/{source.id}/key")
    assert program.post(door, json=sent, headers={"Authorization": f"Bearer {key}"}).status_code == 401
    assert actions(session)[-2:] == ["source.added", "source.key_changed"]


def test_the_wire_says_at_its_foot_how_the_sources_are(
    lea: FlaskClient, session: Session, newsletter: Newsletter
) -> None:
    now = datetime.now(UTC)
    see(session, make_source(session, newsletter, succeeded_at=now, newest_at=now), "Port", now)
    issue = make_issue(session, newsletter, now)
    assert "1 source, read just now" in lea.get(f"/desk/issues/{issue.id}").text
    make_source(session, newsletter, "down", error="There is nothing there.")
    assert "1 of 2 sources needs a look" in lea.get(f"/desk/issues/{issue.id}").text

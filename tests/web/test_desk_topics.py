"""Topics and rules on the desk: made, renamed, tried before they are made, and followed by the next draft."""

from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.articles.models import TopicRule
from mailer.links import Links
from mailer.newsletters.models import Newsletter, Topic
from mailer.staff.models import AuditEvent
from tests.digests.making import make_issue, make_source, make_topic, see
from tests.newsletters.making import make_newsletter
from tests.web.staffroom import log_in, press

PAGE = "/desk/newsletters/morning/topics"
RULES = "/desk/newsletters/morning/rules"


@pytest.fixture
def newsletter(session: Session) -> Newsletter:
    return make_newsletter(session)


@pytest.fixture
def lea(client: FlaskClient, session: Session, links: Links, newsletter: Newsletter) -> FlaskClient:
    log_in(client, session, links)
    return client


def topics(session: Session) -> list[tuple[str, str, int]]:
    rows = session.execute(select(Topic.slug, Topic.title, Topic.bit).order_by(Topic.bit)).all()
    session.commit()
    return [(slug, title, bit) for slug, title, bit in rows]


def rules(session: Session) -> list[TopicRule]:
    found = session.scalars(select(TopicRule).execution_options(populate_existing=True)).all()
    session.commit()
    return list(found)


def test_a_topic_is_made_by_its_title_and_renamed(lea: FlaskClient, session: Session) -> None:
    assert press(lea, PAGE, PAGE, title="Öl & Gas").location == PAGE
    press(lea, PAGE, PAGE, title="İdman", name="sport")
    assert topics(session) == [("ol-gas", "Öl & Gas", 0), ("sport", "İdman", 1)]
    first = session.scalars(select(Topic).order_by(Topic.bit)).first()
    session.commit()
    assert first is not None
    press(lea, PAGE, f"/desk/topics/{first.id}", title="Energy")
    assert topics(session)[0] == ("ol-gas", "Energy", 0)
    actions = session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert actions[-3:] == ["topic.added", "topic.added", "topic.renamed"]


def test_a_topic_that_cannot_be_made_says_why(lea: FlaskClient, session: Session, newsletter: Newsletter) -> None:
    make_topic(session, newsletter, "city", 0)
    wrong = {
        ("", ""): "Write between 1 and 120 characters.",
        ("Спорт", ""): "Write a name for it in addresses",
        ("Sport", "Sport Pages"): "Write small letters",
        ("City", ""): "has a topic “city” already.",
    }
    for (title, name), said in wrong.items():
        answer = press(lea, PAGE, PAGE, title=title, name=name)
        assert answer.status_code == 422
        assert said in unescape(answer.text)
    assert len(topics(session)) == 1


def test_a_rule_shows_what_it_would_change_before_it_is_made(
    lea: FlaskClient, session: Session, newsletter: Newsletter
) -> None:
    city, sport = make_topic(session, newsletter, "city", 0), make_topic(session, newsletter, "sport", 1)
    source, now = make_source(session, newsletter, topic=city), datetime.now(UTC)
    see(session, source, "Derby ends without a goal", now - timedelta(hours=1), categories="Football\nHarbour")
    see(session, source, "Port expansion passes", now - timedelta(hours=2), categories="Harbour")
    page = lea.get(PAGE).text
    assert "Make one<span" in page
    assert "category=Football" in page

    wanted = {"category": "FOOTBALL", "topic": "sport", "source": ""}
    looked = unescape(press(lea, PAGE, f"{RULES}/look", **wanted).text)
    assert "It would change 1 of the 2 articles of the last 30 days." in looked
    assert "Derby ends without a goal" in looked
    assert "City → City, Sport" in looked
    assert rules(session) == []

    assert press(lea, PAGE, RULES, **wanted).location == f"{PAGE}#rules"
    [rule] = rules(session)
    assert (rule.category, rule.topic_id) == ("football", sport.id)
    masks = {item.title: item.topics for item in make_issue(session, newsletter, now).articles}
    assert masks == {"Derby ends without a goal": city.mask | sport.mask, "Port expansion passes": city.mask}

    press(lea, PAGE, f"{RULES}/{rule.id}/remove")
    assert rules(session) == []
    actions = session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert actions[-2:] == ["rule.added", "rule.removed"]


def test_a_rule_that_changes_nothing_says_so(lea: FlaskClient, session: Session, newsletter: Newsletter) -> None:
    make_topic(session, newsletter, "city", 0)
    answer = press(lea, PAGE, f"{RULES}/look", category="Weather", topic="city")
    assert "It would change none of the 0 articles" in answer.text


def test_a_rule_that_cannot_be_made_says_why(lea: FlaskClient, session: Session, newsletter: Newsletter) -> None:
    make_topic(session, newsletter, "city", 0)
    wrong = {("x", ""): "Choose a topic.", (" ", "city"): "A category has 1 to 200 characters."}
    for (category, topic), said in wrong.items():
        for door in (RULES, f"{RULES}/look"):
            answer = press(lea, PAGE, door, category=category, topic=topic)
            assert answer.status_code == 422
            assert said in answer.text
    assert rules(session) == []

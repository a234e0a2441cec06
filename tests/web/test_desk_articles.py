"""Articles on the desk: pasted by address, held, kept back until an hour, and changed by their source meanwhile."""

from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.articles.models import Article, ArticleChange, Source
from mailer.config import Settings
from mailer.digests.models import Issue
from mailer.links import Links
from mailer.newsletters.calendar import zone
from mailer.newsletters.models import Newsletter
from mailer.staff.models import AuditEvent
from tests.articles.outlet import Answer, outlet
from tests.digests.making import NOW, make_source, see, titles
from tests.web.newsroom import HEADLINES, draft_issue, fresh, open_newsroom, publish
from tests.web.staffroom import LEA, log_in, press

PORT, TRAINS, RIVER = HEADLINES

STORY = """<!doctype html><html lang="en"><head><title>Museum reopens</title>
<meta property="og:title" content="Museum reopens with free Sundays">
<meta property="og:description" content="After two years of repairs.">
<meta property="og:image" content="https://ledger.example/m.jpg"></head>
<body><article><h1>Museum reopens with free Sundays</h1>
<p>After two years of repairs the doors open.</p></article></body></html>"""


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"private_sources": True})


@pytest.fixture
def newsletter(session: Session) -> Newsletter:
    newsletter = open_newsroom(session)
    newsletter.timezone = "Asia/Baku"
    session.commit()
    return newsletter


@pytest.fixture
def issue(session: Session, newsletter: Newsletter) -> Issue:
    return draft_issue(session, newsletter)


@pytest.fixture
def lea(client: FlaskClient, session: Session, links: Links) -> FlaskClient:
    log_in(client, session, links)
    return client


def article(session: Session, title: str = PORT) -> Article:
    query = select(Article).where(Article.title == title).execution_options(populate_existing=True)
    found = session.scalars(query).one()
    session.commit()
    return found


def wire(lea: FlaskClient, issue: Issue, **asked: str) -> str:
    """What the page shows on the wire."""
    page = lea.get(f"/desk/issues/{issue.id}", query_string=asked).text
    return page.split('id="wire-list"')[1].split('id="issue"')[0]


def test_a_pasted_link_becomes_an_article_of_the_issue(lea: FlaskClient, session: Session, issue: Issue) -> None:
    page = f"/desk/issues/{issue.id}"
    with outlet() as site:
        link = site.serve("/museum", Answer(STORY.encode(), headers={"Content-Type": "text/html"}))
        asked = lea.get(page, query_string={"q": link}).text
        assert "This is a link." in asked
        assert f'value="{link}"' in asked
        assert press(lea, page, f"{page}/paste", link=link, version=issue.version).status_code == 303
    issue = fresh(session, issue)
    assert titles(issue)[-1] == "Museum reopens with free Sundays"
    assert issue.articles[-1].picture_url == "https://ledger.example/m.jpg"
    pasted = session.scalars(select(Source).where(Source.kind == "pasted")).one()
    actions = session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
    session.commit()
    assert pasted.newsletter_id == issue.newsletter_id
    assert actions[-2:] == ["article.pasted", "issue.added"]
    known = lea.get(page, query_string={"q": link}).text
    assert "This is a link." not in known
    assert "Museum reopens with free Sundays" in known
    assert "Pasted by hand" in lea.get("/desk/newsletters/morning/sources").text


def test_a_pasted_link_that_leads_to_a_known_article_makes_both_one(
    lea: FlaskClient, session: Session, issue: Issue, newsletter: Newsletter
) -> None:
    with outlet() as site:
        site.serve("/museum", Answer(STORY.encode(), headers={"Content-Type": "text/html"}))
        short = site.serve("/short", Answer(status=301, headers={"Location": "/museum"}))
        known = see(session, make_source(session, newsletter, "links"), "Museum reopens with free Sundays", NOW)
        known.canonical_url = known.url = short
        session.commit()
        page = f"/desk/issues/{issue.id}"
        press(lea, page, f"{page}/paste", link=short, version=issue.version)
        added = article(session, "Museum reopens with free Sundays")
        assert (added.url, titles(fresh(session, issue))[-1]) == (f"{site.url}/museum", added.title)


def test_a_pasted_link_that_leads_nowhere_says_why(lea: FlaskClient, session: Session, issue: Issue) -> None:
    page = f"/desk/issues/{issue.id}"
    with outlet() as site:
        press(lea, page, f"{page}/paste", link=f"{site.url}/gone", version=issue.version)
    assert "There is nothing at this address. (HTTP 404)" in lea.get(page).text
    press(lea, page, f"{page}/paste", link="javascript:alert(1)", version=issue.version)
    assert "That is no address of an article" in lea.get(page).text
    assert fresh(session, issue).version == issue.version


def test_the_wire_is_searched_by_words(lea: FlaskClient, issue: Issue) -> None:
    found = wire(lea, issue, q="night TRAINS")
    assert TRAINS in found
    assert PORT not in found
    assert "Nothing on the wire has these words." in wire(lea, issue, q="harvest")


def test_an_article_is_held_and_let_go(lea: FlaskClient, session: Session, issue: Issue) -> None:
    page = f"/desk/articles/{article(session).id}?issue={issue.id}"
    press(lea, page, page.replace("?", "/hold?"))
    assert article(session).held_by == LEA
    assert f"{LEA} holds it since" in lea.get(page).text
    assert "Held</span>" in lea.get(f"/desk/issues/{issue.id}").text
    press(lea, page, page.replace("?", "/hold?"))
    assert "Somebody did that already." in lea.get(page).text
    press(lea, page, page.replace("?", "/unhold?"))
    assert article(session).held_at is None
    actions = session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
    session.commit()
    assert actions[-2:] == ["article.held", "article.let_go"]


def test_an_embargo_is_an_hour_on_the_clock_of_the_newsletter(lea: FlaskClient, session: Session, issue: Issue) -> None:
    page = f"/desk/articles/{article(session).id}"
    tomorrow = datetime.now(zone("Asia/Baku")).date() + timedelta(days=1)
    press(lea, page, f"{page}/embargo", day=f"{tomorrow}", hour="06:00")
    until = article(session).embargo_until
    assert until == datetime(tomorrow.year, tomorrow.month, tomorrow.day, 2, 0, tzinfo=UTC)
    assert "06:00, Asia/Baku." in lea.get(page).text
    assert "Not by mail before" in lea.get(f"/desk/issues/{issue.id}").text
    press(lea, page, f"{page}/embargo", lift="yes")
    assert article(session).embargo_until is None


def test_an_embargo_that_cannot_be_says_why(lea: FlaskClient, session: Session, newsletter: Newsletter) -> None:
    newsletter.timezone = "Europe/Berlin"
    session.commit()
    page = f"/desk/articles/{article(session).id}"
    wrong = {
        ("2020-01-01", "06:00"): "That is over.",
        ("tomorrow", "six"): "Write a day and an hour",
        ("0001-01-01", "00:00"): "Write a day and an hour",
        ("2199-03-31", "02:30"): "The clock jumps over this hour.",
    }
    for (day, hour), said in wrong.items():
        answer = press(lea, page, f"{page}/embargo", day=day, hour=hour)
        assert answer.status_code == 422
        assert said in answer.text
    assert article(session).embargo_until is None


def change(session: Session, title: str) -> None:
    """The source writes another headline over PORT."""
    found, now = article(session), datetime.now(UTC)
    session.add(ArticleChange(article_id=found.id, at=now, field="title", before=PORT, after=title))
    found.title, found.updated_at = title, now
    session.commit()


def test_what_the_source_changes_is_offered_and_taken(lea: FlaskClient, session: Session, issue: Issue) -> None:
    page, item = f"/desk/issues/{issue.id}", issue.articles[0]
    change(session, "Port expansion fails")
    shown = unescape(lea.get(page).text)
    assert "The headline changed at" in shown
    assert "“Port expansion fails”" in shown
    press(lea, page, f"{page}/articles/{item.id}/take", version=issue.version)
    assert titles(fresh(session, issue))[0] == "Port expansion fails"
    assert "The headline changed at" not in lea.get(page).text
    shown = unescape(lea.get(f"/desk/articles/{item.article_id}").text)
    assert f"{PORT}</del> → <ins" in shown


def test_the_editors_own_wording_can_be_kept(lea: FlaskClient, session: Session, issue: Issue) -> None:
    page, item = f"/desk/issues/{issue.id}", issue.articles[0]
    text = {"title": "One vote decides", "summary": "After nine hours."}
    press(lea, page, f"{page}/articles/{item.id}/text", version=issue.version, **text)
    assert "The headline changed at" not in lea.get(page).text
    change(session, "Port expansion fails")
    assert "The headline changed at" in lea.get(page).text
    press(lea, page, f"{page}/articles/{item.id}/keep", version=issue.version + 1)
    assert titles(fresh(session, issue))[0] == "One vote decides"
    assert "The headline changed at" not in lea.get(page).text
    actions = session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert actions[-1] == "issue.change_left"


def test_an_article_told_alike_elsewhere_is_named_on_the_wire_and_on_its_page(
    lea: FlaskClient, session: Session, newsletter: Newsletter, issue: Issue
) -> None:
    coast = Source(
        newsletter_id=newsletter.id,
        url="https://coast.example/feed",
        title="The Coast Daily",
        created_at=datetime.now(UTC),
        next_poll_at=datetime.now(UTC) + timedelta(days=1),
    )
    session.add(coast)
    session.commit()
    publish(session, coast, "Port expansion is passed", minutes_ago=1)
    ours, theirs = article(session), article(session, "Port expansion is passed")
    ours.cluster_id = theirs.cluster_id = ours.id
    session.commit()
    shown = wire(lea, issue)
    assert "Also at The Coast Daily" in shown
    assert "Port expansion is passed" not in shown
    assert "Port expansion is passed" in lea.get(f"/desk/articles/{ours.id}").text


def test_what_is_gone_or_taken_back_says_so_on_the_wire(lea: FlaskClient, session: Session, issue: Issue) -> None:
    article(session, TRAINS).gone_at = datetime.now(UTC)
    article(session, RIVER).retracted_at = datetime.now(UTC)
    session.commit()
    assert "Gone since" in wire(lea, issue)
    assert "Taken back" in wire(lea, issue)

"""The archive: who may read it, what it shows, and what it says of corrections; as pages and as feeds."""

import json
from datetime import UTC, datetime, timedelta
from xml.etree.ElementTree import Element, fromstring

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from mailer.articles.models import Article
from mailer.digests import corrections
from mailer.digests.archive import PAGE
from mailer.digests.models import EVERY_ARTICLE, Issue, IssueKind, IssueState
from mailer.links import Links
from mailer.newsletters.models import Archive, Newsletter
from tests.delivery.making import draft_of
from tests.subscriptions.making import NOW, make_newsletter

ATOM = "{http://www.w3.org/2005/Atom}"
HOUSE = "http://localhost:8000"


@pytest.fixture
def newsletter(session: Session) -> Newsletter:
    made = make_newsletter(session)
    made.archive = Archive.PUBLIC
    session.commit()
    return made


def sent(session: Session, newsletter: Newsletter, subject: str = "", *, minutes: int = 0, articles: int = 1) -> Issue:
    issue = draft_of(session, newsletter, *[0] * articles)
    issue.subject = subject or issue.subject
    issue.state, issue.released_at = IssueState.SENT, NOW + timedelta(minutes=minutes)
    session.commit()
    return issue


def say(session: Session, issue: Issue, text: str, *, retracted: bool = False) -> None:
    article_id = issue.articles[0].article_id
    at = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
    corrections.correct(session, article_id, text, retracted=retracted, by="lea@ledger.example", now=at)
    session.commit()


def texts(feed: Element, name: str) -> list[str]:
    return [found.text or "" for found in feed.iter(f"{ATOM}{name}")]


def link(feed: Element, relation: str) -> str:
    return next((each.attrib["href"] for each in feed if each.attrib.get("rel") == relation), "")


def test_an_archive_without_issues_says_so_and_takes_readers(client: FlaskClient, newsletter: Newsletter) -> None:
    page = client.get("/a/morning").text
    assert "No issue has been sent yet." in page
    assert 'href="/s/morning"' in page
    feed = fromstring(client.get("/a/morning.atom").data)
    assert texts(feed, "updated") == [f"{NOW:%Y-%m-%dT%H:%M:%SZ}"]
    assert texts(feed, "entry") == []


def test_issues_stand_there_the_newest_first_and_page_by_page(
    client: FlaskClient, session: Session, newsletter: Newsletter
) -> None:
    for number in range(PAGE + 2):
        sent(session, newsletter, f"Subject {number:02}", minutes=number // 2)
    seen, path = [], "/a/morning.atom"
    while path:
        feed = fromstring(client.get(path).data)
        seen += texts(feed, "title")[1:]
        path = link(feed, "next").removeprefix(HOUSE)
    assert seen == [f"Subject {number:02}" for number in reversed(range(PAGE + 2))]
    first = client.get("/a/morning").text
    assert first.index("Subject 21") < first.index("Subject 02")
    assert "Subject 01" not in first
    older = first.partition('rel="next" href="')[2].partition('"')[0]
    assert ["Subject 01" in client.get(older).text, "The newest issues" in client.get(older).text] == [True, True]
    assert "next_url" in json.loads(client.get("/a/morning.json").data)


def test_only_what_left_and_was_for_everybody_is_listed(
    client: FlaskClient, session: Session, newsletter: Newsletter
) -> None:
    shown = sent(session, newsletter, "It left")
    for state in (IssueState.DRAFT, IssueState.CANCELLED):
        sent(session, newsletter, f"It is a {state}").state = state
    for kind in (IssueKind.AWAY, IssueKind.CORRECTION):
        sent(session, newsletter, f"It is of kind {kind}").kind = kind
    session.commit()
    page = client.get("/a/morning").text
    assert "It left" in page
    assert "It is" not in page
    others = [client.get(f"/a/morning/{shown.id + n}").status_code for n in range(5)]
    assert others == [200, 404, 404, 404, 404]
    assert "All issues" in client.get(f"/a/morning/{shown.id + 1}").text
    assert client.get(f"/a/morning/{10**20}").status_code == 404
    assert "It left" in client.get(f"/a/morning?before={10**20}").text


def test_an_issue_shows_all_its_articles_but_those_that_may_not_be_mailed(
    client: FlaskClient, session: Session, newsletter: Newsletter, links: Links
) -> None:
    issue = sent(session, newsletter, articles=5)
    held, embargoed, gone = (item.article_id for item in issue.articles[1:4])
    later = datetime.now(UTC) + timedelta(hours=1)
    for article_id, values in {
        held: {"held_at": NOW},
        embargoed: {"embargo_until": later},
        gone: {"gone_at": NOW},
    }.items():
        session.execute(update(Article).where(Article.id == article_id).values(values))
    session.commit()
    for path in (f"/a/morning/{issue.id}", links.view(issue.id, EVERY_ARTICLE).removeprefix(HOUSE)):
        page = client.get(path).text
        assert [f"Story 0 {n}" in page for n in range(5)] == [True, False, False, False, True]


def test_every_page_has_one_address_that_search_engines_are_told(
    client: FlaskClient, session: Session, newsletter: Newsletter, links: Links
) -> None:
    issue = sent(session, newsletter)
    canonical = f'<link rel="canonical" href="{HOUSE}/a/morning/{issue.id}">'
    page = client.get(f"/a/morning/{issue.id}")
    assert canonical in page.text
    assert "noindex" not in page.text + page.headers.get("X-Robots-Tag", "")
    mail = client.get(links.view(issue.id, EVERY_ARTICLE).removeprefix(HOUSE))
    assert mail.text.index(canonical) < mail.text.index("</head>")
    assert mail.headers["X-Robots-Tag"] == "noindex"


def test_an_unlisted_archive_is_read_by_who_knows_it_and_found_by_nobody(
    client: FlaskClient, session: Session, newsletter: Newsletter
) -> None:
    issue = sent(session, newsletter)
    assert 'href="/a/morning"' in client.get("/").text
    newsletter.archive = Archive.UNLISTED
    session.commit()
    for path in ("/a/morning", f"/a/morning/{issue.id}", "/a/morning.atom", "/a/morning.json"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["X-Robots-Tag"]) == (200, "noindex")
    assert 'name="robots" content="noindex"' in client.get("/a/morning").text
    assert "/a/morning" not in client.get("/").text


def test_a_private_archive_is_not_there_but_links_from_mails_work(
    client: FlaskClient, session: Session, newsletter: Newsletter, links: Links
) -> None:
    issue = sent(session, newsletter)
    newsletter.archive = Archive.PRIVATE
    session.commit()
    for path in ("/a/morning", f"/a/morning/{issue.id}", "/a/morning.atom", "/a/morning.json", "/a/nowhere"):
        assert client.get(path).status_code == 404
    mail = client.get(links.view(issue.id, EVERY_ARTICLE).removeprefix(HOUSE))
    assert mail.status_code == 200
    assert "canonical" not in mail.text


def test_a_correction_stands_beside_the_article_and_moves_the_date(
    client: FlaskClient, session: Session, newsletter: Newsletter, links: Links
) -> None:
    issue = sent(session, newsletter)
    before = client.get("/a/morning.atom")
    say(session, issue, "The bridge is 40 m long, not 400 m.")
    page = client.get(f"/a/morning/{issue.id}").text
    assert "Corrected on November 24, 2026, 09:30." in page
    assert "The bridge is 40 m long, not 400 m." in page
    assert "Corrected since" in client.get("/a/morning").text
    mail = client.get(links.view(issue.id, EVERY_ARTICLE).removeprefix(HOUSE)).text
    assert mail.index("<body") < mail.index("The bridge is 40 m") < mail.index('role="article"')
    after = client.get("/a/morning.atom", headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    feed = fromstring(after.data)
    assert texts(feed, "updated") == ["2026-11-24T09:30:00Z"] * 2
    assert texts(feed, "published") == ["2026-11-24T07:00:00Z"]
    assert "The bridge is 40 m long" in texts(feed, "content")[0]


def test_an_article_that_was_taken_back_is_struck_and_told_no_more(
    client: FlaskClient, session: Session, newsletter: Newsletter, links: Links
) -> None:
    issue = sent(session, newsletter, articles=2)
    url = issue.articles[0].url
    say(session, issue, "It never happened.", retracted=True)
    mail = client.get(links.view(issue.id, EVERY_ARTICLE).removeprefix(HOUSE)).text
    for shown in (
        client.get(f"/a/morning/{issue.id}").text,
        mail,
        texts(fromstring(client.get("/a/morning.atom").data), "content")[0],
    ):
        assert "<s>Story 0 0</s>" in shown
        assert "Taken back on November 24, 2026, 09:30." in shown
        assert "It never happened." in shown
        assert url not in shown
        assert "Story 0 1" in shown


def test_feeds_are_whole_absolute_and_asked_for_again_by_their_tag(
    client: FlaskClient, session: Session, newsletter: Newsletter
) -> None:
    newsletter.language, newsletter.timezone = "az", "Asia/Baku"
    issue = sent(session, newsletter, "Subject & <more>\x0b")
    atom = client.get("/a/morning.atom")
    assert atom.content_type == "application/atom+xml; charset=utf-8"
    feed = fromstring(atom.data)
    assert feed.attrib["{http://www.w3.org/XML/1998/namespace}lang"] == "az"
    assert [link(feed, "self"), link(feed, "alternate")] == [f"{HOUSE}/a/morning.atom", f"{HOUSE}/a/morning"]
    assert texts(feed, "id") == [f"{HOUSE}/a/morning", f"{HOUSE}/a/morning/{issue.id}"]
    assert texts(feed, "title")[1] == "Subject & <more>"
    document = json.loads(client.get("/a/morning.json").data)
    assert document["version"] == "https://jsonfeed.org/version/1.1"
    assert document["language"] == "az"
    assert document["items"][0]["url"] == f"{HOUSE}/a/morning/{issue.id}"
    for path in ("/a/morning.atom", "/a/morning.json", "/a/morning"):
        answer = client.get(path)
        assert answer.headers["Cache-Control"] == "public, max-age=300"
        again = client.get(path, headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")

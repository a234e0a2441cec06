"""An issue in the browser: what was sent, as its readers received it, and never a draft."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mailer.digests.models import Issue, IssueState
from mailer.links import Links
from mailer.newsletters.models import Newsletter
from tests.digests.making import make_issue, make_source, see
from tests.subscriptions.making import NOW, make_newsletter


@pytest.fixture
def newsletter(session: Session) -> Newsletter:
    return make_newsletter(session)


@pytest.fixture
def issue(session: Session, newsletter: Newsletter) -> Issue:
    city, sport = newsletter.topics
    for topic, title in ((city, "The Bridge Opens"), (sport, "The Cup Is Ours")):
        see(session, make_source(session, newsletter, title.split()[1], topic=topic), title, NOW)
    return make_issue(session, newsletter)


def path(links: Links, issue: Issue, topics: int) -> str:
    return links.view(issue.id, topics).removeprefix(links.base_url)


def test_an_issue_shows_what_readers_of_these_topics_received(
    client: FlaskClient, session: Session, links: Links, issue: Issue
) -> None:
    issue.state = IssueState.SENT
    session.commit()
    page = client.get(path(links, issue, 1))
    assert page.status_code == 200
    assert "the-bridge-opens" in page.text
    assert "the-cup-is-ours" not in page.text
    assert "/u/" not in page.text


def test_the_page_of_an_issue_may_load_pictures_and_nothing_else(
    client: FlaskClient, session: Session, links: Links, issue: Issue
) -> None:
    issue.state = IssueState.PAUSED
    session.commit()
    headers = client.get(path(links, issue, 3)).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'; img-src https: http: data:; style-src 'self' 'unsafe-inline'" in policy
    assert "script-src" not in policy
    assert headers["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize("state", [IssueState.DRAFT, IssueState.CANCELLED])
def test_what_was_not_sent_is_not_shown(
    client: FlaskClient, session: Session, links: Links, issue: Issue, state: IssueState
) -> None:
    issue.state = state
    session.commit()
    assert client.get(path(links, issue, 3)).status_code == 404


def test_a_link_to_another_issue_cannot_be_made_up(client: FlaskClient, links: Links, issue: Issue) -> None:
    assert client.get(path(links, issue, 3).replace("-3", "-1")).status_code == 400
    assert client.get(links.view(4711, 3).removeprefix(links.base_url)).status_code == 404

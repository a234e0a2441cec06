from calendar import timegm
from datetime import UTC, datetime
from urllib.parse import urlsplit

import feedparser
import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mailer.app import create_app
from mailer.config import Settings
from mailer.demo import newsroom
from mailer.demo.seed import seed


@pytest.fixture(autouse=True)
def _newsroom(session: Session, settings: Settings) -> None:
    """Opened now: the last four articles have not appeared."""
    seed(session, settings, datetime.now(UTC))
    session.commit()


def test_the_front_page_shows_every_section_and_says_that_it_is_a_sample(client: FlaskClient) -> None:
    page = client.get("/demo").text
    assert "A sample newsroom" in page
    assert all(f'href="/demo/{section}"' in page for section in newsroom.SECTIONS)
    assert client.get("/demo/").text == page


def test_a_section_shows_its_articles_only(client: FlaskClient) -> None:
    page = client.get("/demo/sport").text
    assert "Rovers win in the 93rd minute" in page
    assert "North channel" not in page
    assert client.get("/demo/weather").status_code == 404


def test_an_article_says_what_it_is_to_people_and_to_machines(client: FlaskClient, settings: Settings) -> None:
    page = client.get("/demo/article/north-channel-vote").text
    address = f"{settings.base_url}/demo/article/north-channel-vote"
    assert f'<link rel="canonical" href="{address}">' in page
    assert f'<meta property="og:url" content="{address}">' in page
    assert f'<meta property="og:image" content="{settings.base_url}/static/demo/council.jpg">' in page
    assert '<html lang="en" dir="ltr">' in page
    assert "Mara Lindqvist" in page


def test_the_form_under_an_article_names_the_service_by_its_full_address(
    client: FlaskClient, settings: Settings
) -> None:
    page = client.get("/demo/article/kohne-bazar").text
    assert f'<form class="signup" action="{settings.base_url}/s/morning-brief" method="post" novalidate>' in page
    assert 'name="topic" value="city" checked' in page
    assert f'name="page" value="{settings.base_url}/demo/article/kohne-bazar"' in page
    assert page.count('id="signup-email-kohne-bazar"') == 1


def test_an_arabic_article_reads_from_right_to_left(client: FlaskClient) -> None:
    page = client.get("/demo/article/arabic-evening-lessons").text
    assert '<html lang="ar" dir="rtl">' in page
    assert "الاشتراك في النشرة البريدية" in page


def test_an_article_appears_when_its_time_has_come(client: FlaskClient) -> None:
    assert client.get("/demo/article/storm-warning-lifted").status_code == 404
    assert "Storm warning lifted" not in client.get("/demo/feed.rss").text


@pytest.mark.parametrize("path", ["/demo/feed.rss", "/demo/atom.xml"])
def test_a_feed_carries_every_article_with_all_that_is_known_of_it(client: FlaskClient, path: str) -> None:
    now = datetime.now(UTC)
    feed = feedparser.parse(client.get(path).data)
    assert not feed.bozo
    entries = {urlsplit(entry.link).path.rsplit("/", 1)[1]: entry for entry in feed.entries}
    expected = newsroom.published(now, now)
    assert set(entries) == {article.slug for article in expected}
    for article in expected:
        entry = entries[article.slug]
        assert (entry.title, entry.author, entry.summary) == (article.title, article.author, article.summary)
        assert abs(timegm(entry.published_parsed) - article.published_at.timestamp()) < 300
        pictures = [media["url"] for media in entry.get("media_content", [])]
        assert [urlsplit(url).path for url in pictures] == (
            [f"/static/demo/{article.picture}"] if article.picture else []
        )


def test_feeds_tell_the_language_of_each_article(client: FlaskClient) -> None:
    atom = feedparser.parse(client.get("/demo/atom.xml").data)
    rss = feedparser.parse(client.get("/demo/feed.rss").data)
    assert {entry.title_detail.language for entry in atom.entries} == {"en", "az", "ru", "ar"}
    assert {entry.language for entry in rss.entries} == {"en", "az", "ru", "ar"}


def test_a_section_feed_carries_its_section(client: FlaskClient) -> None:
    feed = feedparser.parse(client.get("/demo/culture/feed.rss").data)
    assert feed.feed.title == "The Harbour Ledger, Culture"
    assert {tag.term for entry in feed.entries for tag in entry.tags} == {"Culture"}
    assert client.get("/demo/weather/feed.rss").status_code == 404


@pytest.mark.parametrize("path", ["/demo/feed.rss", "/demo/atom.xml", "/demo/harbour/feed.rss"])
def test_whoever_has_the_feed_already_gets_304(client: FlaskClient, path: str) -> None:
    first = client.get(path)
    assert first.headers["Content-Type"].endswith("+xml; charset=utf-8")
    by_tag = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    by_date = client.get(path, headers={"If-Modified-Since": first.headers["Last-Modified"]})
    assert (by_tag.status_code, by_date.status_code) == (304, 304)
    assert by_tag.data == b""


def test_without_the_setting_there_is_no_newsroom(settings: Settings) -> None:
    bare = create_app(settings.model_copy(update={"sample_newsroom": False}))
    assert bare.test_client().get("/demo").status_code == 404

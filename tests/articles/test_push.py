from collections.abc import Mapping
from datetime import timedelta

import pytest
from pydantic import ValidationError
from sqlalchemy.orm import Session

from mailer.articles import push
from mailer.articles.models import Source
from mailer.articles.push import Push, Result
from tests.articles.making import HOME, NOW, articles
from tests.newsletters.making import make_newsletter

ALL = {
    "url": f"{HOME}/1",
    "title": "The ferry is back",
    "summary": "It runs from Monday.",
    "picture_url": f"{HOME}/p.jpg",
    "picture_alt": "A ferry",
    "author": "Mara Quist",
    "categories": ["City", "Sea"],
    "language": "en-gb",
    "published_at": "2026-11-24T06:00:00+04:00",
    "id": "1",
}


def pushed(*given: Mapping[str, object]) -> Push:
    return Push.model_validate({"articles": given})


@pytest.fixture
def source(session: Session) -> Source:
    source, key = push.add(session, make_newsletter(session), "Our CMS", None, NOW)
    session.commit()
    assert push.opens(source, key)
    return source


def test_a_key_opens_its_own_source_until_there_is_a_new_one(session: Session, source: Source) -> None:
    _, other = push.add(session, source.newsletter, "Another", None, NOW)
    renewed = push.new_key(source)
    assert (push.opens(source, renewed), push.opens(source, other), push.opens(source, "")) == (True, False, False)
    assert renewed not in (source.key_hash, source.url)
    source.key_hash = ""
    assert not push.opens(source, "")


def test_what_a_program_says_becomes_an_article(session: Session, source: Source) -> None:
    assert push.take(session, source, pushed(ALL), NOW) == [Result.NEW]
    (article,) = articles(session)
    assert (article.title, article.summary, article.author) == (ALL["title"], ALL["summary"], "Mara Quist")
    assert (article.picture_url, article.picture_alt) == (f"{HOME}/p.jpg", "A ferry")
    assert (article.section, article.categories, article.language) == ("City", "City\nSea", "en-GB")
    assert article.published_at == NOW.replace(hour=2)
    assert (source.succeeded_at, source.newest_at) == (NOW, NOW)


def test_the_same_push_once_more_changes_nothing_and_another_title_updates(session: Session, source: Source) -> None:
    later = NOW + timedelta(minutes=5)
    two = {**ALL, "url": f"{HOME}/2", "id": "2"}
    assert push.take(session, source, pushed(ALL, two), NOW) == [Result.NEW, Result.NEW]
    session.commit()
    again: list[Mapping[str, object]] = [ALL, {**two, "title": "Changed"}, {"url": f"{HOME}/3", "title": "Third"}]
    assert push.take(session, source, pushed(*again), later) == [Result.UNCHANGED, Result.UPDATED, Result.NEW]
    assert [article.title for article in articles(session)] == ["The ferry is back", "Changed", "Third"]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"url": "ledger.example/1"}, "has to be an address"),
        ({"url": "ftp://ledger.example/1"}, "has to be an address"),
        ({"url": f"{HOME}/" + "x" * 2000}, "at most 2000 characters"),
        ({"title": "  "}, "at least 1 character"),
        ({"summary": 7}, "valid string"),
        ({"picture_url": f"{HOME}/p.webp"}, "a JPEG, PNG or GIF"),
        ({"picture_url": "http://ledger.example/p.jpg"}, "https:// address"),
        ({"language": "english"}, "a language tag"),
        ({"published_at": "2026-11-24T06:00:00"}, "timezone"),
        ({"categories": ["x"] * 21}, "at most 20"),
        ({"text": "x"}, "Extra inputs"),
    ],
)
def test_a_field_that_is_wrong_is_refused(given: dict[str, object], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        pushed({**ALL, **given})


@pytest.mark.parametrize("count", [0, push.MOST + 1])
def test_a_push_has_some_articles_and_not_too_many(count: int) -> None:
    with pytest.raises(ValidationError, match=r"at (?:least|most)"):
        pushed(*[ALL] * count)

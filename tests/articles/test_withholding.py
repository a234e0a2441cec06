from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.articles.ingest import store
from mailer.articles.models import Article
from mailer.articles.withholding import embargo, hold, unhold, withheld
from tests.articles.making import HOME, NOW, articles, entry, feed, make_source

SIX = NOW.replace(hour=6) + timedelta(days=1)


@pytest.fixture
def article(session: Session) -> Article:
    store(session, make_source(session), feed(entry(1), entry(2)), NOW)
    return articles(session)[0]


def kept_out(session: Session, now: object = NOW) -> list[str]:
    return list(session.scalars(select(Article.url).where(withheld(now))))  # type: ignore[arg-type]


def test_a_held_article_stays_out_until_it_is_let_go(session: Session, article: Article) -> None:
    assert kept_out(session) == []
    assert hold(session, article.id, "mara@ledger.example", NOW)
    assert not hold(session, article.id, "somebody@ledger.example", NOW)
    assert kept_out(session) == [f"{HOME}/1"]
    session.refresh(article)
    assert (article.held_at, article.held_by) == (NOW, "mara@ledger.example")
    assert unhold(session, article.id, NOW)
    assert not unhold(session, article.id, NOW)
    assert kept_out(session) == []


def test_an_embargo_ends_at_its_minute(session: Session, article: Article) -> None:
    assert embargo(session, article.id, SIX)
    assert not embargo(session, article.id, SIX)
    assert kept_out(session, SIX - timedelta(seconds=1)) == [f"{HOME}/1"]
    assert kept_out(session, SIX) == []
    assert embargo(session, article.id, None)
    assert not embargo(session, article.id, None)
    assert kept_out(session) == []


@pytest.mark.parametrize("column", ["retracted_at", "gone_at"])
def test_what_was_taken_back_or_is_gone_stays_out(session: Session, article: Article, column: str) -> None:
    setattr(article, column, NOW)
    session.flush()
    assert kept_out(session, NOW - timedelta(days=1)) == [f"{HOME}/1"]


def test_an_article_that_is_not_there_cannot_be_held(session: Session) -> None:
    assert not hold(session, 7, "mara@ledger.example", NOW)
    assert not embargo(session, 7, SIX)

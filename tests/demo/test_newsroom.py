from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import mailer.web
from mailer.demo import newsroom

OPENED = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
PICTURES = Path(mailer.web.__file__).parent / "static" / "demo"


def test_the_paper_is_full_on_the_first_day() -> None:
    articles = newsroom.published(OPENED, OPENED)
    assert len(articles) >= 24
    assert {a.section for a in articles} == set(newsroom.SECTIONS)
    languages = Counter(a.language for a in articles)
    assert all(languages[language] >= 2 for language in ("en", "az", "ru", "ar"))


def test_an_article_is_several_paragraphs_long() -> None:
    for article in newsroom.published(OPENED, OPENED + timedelta(days=1)):
        assert 4 <= len(article.paragraphs) <= 7, article.slug
        assert all(len(paragraph) > 60 for paragraph in article.paragraphs), article.slug


def test_the_news_is_three_days_old_at_most_and_newest_first() -> None:
    moments = [a.published_at for a in newsroom.published(OPENED, OPENED)]
    assert moments == sorted(moments, reverse=True)
    assert OPENED - timedelta(days=3) < moments[-1] < moments[0] < OPENED


def test_four_articles_appear_after_the_opening() -> None:
    counts = [len(newsroom.published(OPENED, OPENED + timedelta(minutes=m))) for m in (0, 14, 15, 30, 60, 120, 10_000)]
    first = counts[0]
    assert counts == [first, first, first + 1, first + 2, first + 3, first + 4, first + 4]


def test_every_language_has_its_words() -> None:
    for article in newsroom.published(OPENED, OPENED):
        assert set(newsroom.words(article.language).sections) == set(newsroom.SECTIONS)
    assert newsroom.words("ar").direction == "rtl"


def test_every_picture_is_there_and_all_are_small() -> None:
    for article in newsroom.published(OPENED, OPENED + timedelta(days=1)):
        if article.picture:
            assert article.picture_alt, article.slug
            assert (PICTURES / article.picture).read_bytes().startswith(b"\xff\xd8\xff"), article.slug
    assert sum(path.stat().st_size for path in PICTURES.iterdir()) < 1_500_000

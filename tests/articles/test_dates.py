from datetime import UTC, datetime, timedelta

import pytest

from mailer.articles.dates import are_stamped, published, still_published

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
BEFORE = NOW - timedelta(days=3)


@pytest.mark.parametrize(
    ("said", "counts"),
    [
        (None, None),
        (BEFORE, BEFORE),
        (NOW, NOW),
        (NOW + timedelta(hours=4), NOW),  # local time without its zone, read as UTC
        (NOW + timedelta(days=1), NOW),
        (NOW + timedelta(days=1, seconds=1), None),
        (datetime(2099, 1, 1, tzinfo=UTC), None),
        (datetime.max.replace(tzinfo=UTC), None),
        (datetime(1995, 1, 1, tzinfo=UTC), datetime(1995, 1, 1, tzinfo=UTC)),
        (datetime(1994, 12, 31, 23, 59, tzinfo=UTC), None),
        (datetime(1970, 1, 1, tzinfo=UTC), None),
        (datetime.min.replace(tzinfo=UTC), None),
    ],
)
def test_a_new_article_has_a_date_that_can_be(said: datetime | None, counts: datetime | None) -> None:
    assert published(said, NOW) == counts


@pytest.mark.parametrize(
    ("before", "said", "counts"),
    [
        (BEFORE, None, BEFORE),
        (BEFORE, BEFORE, BEFORE),
        (BEFORE, BEFORE + timedelta(hours=1), BEFORE),
        (BEFORE, BEFORE - timedelta(hours=1), BEFORE - timedelta(hours=1)),
        (BEFORE, datetime(1970, 1, 1, tzinfo=UTC), BEFORE),
        (None, NOW + timedelta(minutes=5), None),  # dated after we saw it: that moment goes on to count
        (None, BEFORE, BEFORE),
    ],
)
def test_a_known_article_only_becomes_older(before: datetime | None, said: datetime | None, counts: datetime) -> None:
    assert still_published(before, NOW, said) == counts


def test_one_date_for_all_entries_is_the_date_of_the_feed() -> None:
    assert are_stamped([NOW] * 5)
    assert not are_stamped([NOW] * 4)
    assert not are_stamped([NOW] * 5 + [BEFORE])
    assert not are_stamped([])

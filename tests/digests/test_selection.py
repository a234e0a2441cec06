"""Which articles make an issue, and in which order."""

from datetime import datetime, timedelta

import pytest

from mailer.digests.selection import Candidate, NotEnough, pick
from tests.digests.making import NOW


def candidate(
    article_id: int, *, hours: float = 0, seen: datetime = NOW, published: bool = True, pictured: bool = False
) -> Candidate:
    """One that was published so many hours before NOW."""
    return Candidate(article_id, seen, NOW - timedelta(hours=hours) if published else None, pictured)


def test_the_newest_come_first() -> None:
    found = [candidate(1, hours=3), candidate(2, hours=1), candidate(3, hours=2)]
    assert pick(found, minimum=1, maximum=9) == [2, 3, 1]


def test_the_newest_with_a_picture_leads() -> None:
    found = [
        candidate(1, hours=1),
        candidate(2, hours=2, pictured=True),
        candidate(3, hours=3, pictured=True),
    ]
    assert pick(found, minimum=1, maximum=9) == [2, 1, 3]


def test_a_picture_does_not_bring_an_old_article_into_a_full_issue() -> None:
    found = [candidate(1, hours=1), candidate(2, hours=2), candidate(3, hours=3, pictured=True)]
    assert pick(found, minimum=1, maximum=2) == [1, 2]


def test_an_article_without_a_date_counts_from_when_it_was_seen() -> None:
    found = [candidate(1, hours=2), candidate(2, published=False, seen=NOW - timedelta(hours=1))]
    assert pick(found, minimum=1, maximum=9) == [2, 1]


def test_a_date_in_the_future_does_not_keep_an_article_on_top() -> None:
    found = [candidate(1, hours=1), candidate(2, hours=-9999, seen=NOW - timedelta(hours=2))]
    assert pick(found, minimum=1, maximum=9) == [1, 2]


def test_equally_new_articles_keep_their_order() -> None:
    found = [candidate(3, hours=1), candidate(1, hours=1), candidate(2, hours=1)]
    assert pick(found, minimum=1, maximum=9) == [1, 2, 3]


@pytest.mark.parametrize(
    ("found", "minimum", "sentence"),
    [
        (0, 1, "There was no new article."),
        (0, 0, "There was no new article."),
        (1, 3, "There was 1 new article; an issue needs 3."),
        (2, 3, "There were 2 new articles; an issue needs 3."),
    ],
)
def test_too_few_articles_are_answered_with_a_sentence(found: int, minimum: int, sentence: str) -> None:
    answer = pick([candidate(n) for n in range(found)], minimum=minimum, maximum=9)
    assert isinstance(answer, NotEnough)
    assert answer.sentence == sentence


def test_just_enough_articles_are_enough() -> None:
    assert pick([candidate(1), candidate(2)], minimum=2, maximum=2) == [1, 2]

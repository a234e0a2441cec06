"""Which articles make an issue, and in which order."""

from datetime import datetime, timedelta

import pytest

from mailer.digests.selection import SECTIONS_FROM, Candidate, Selection, in_sections, pick, too_few
from tests.digests.making import NOW


def candidate(
    article_id: int,
    *,
    hours: float = 0,
    seen: datetime = NOW,
    published: bool = True,
    pictured: bool = False,
    cluster: int | None = None,
) -> Candidate:
    """One that was published so many hours before NOW."""
    return Candidate(article_id, seen, NOW - timedelta(hours=hours) if published else None, pictured, cluster)


def chosen(*found: Candidate, maximum: int = 9) -> tuple[int, ...]:
    return pick(found, maximum).chosen


def test_the_newest_come_first() -> None:
    assert chosen(candidate(1, hours=3), candidate(2, hours=1), candidate(3, hours=2)) == (2, 3, 1)


def test_the_newest_with_a_picture_leads() -> None:
    found = (candidate(1, hours=1), candidate(2, hours=2, pictured=True), candidate(3, hours=3, pictured=True))
    assert chosen(*found) == (2, 1, 3)


def test_a_picture_does_not_bring_an_old_article_into_a_full_issue() -> None:
    found = (candidate(1, hours=1), candidate(2, hours=2), candidate(3, hours=3, pictured=True))
    assert pick(found, 2) == Selection(chosen=(1, 2), beyond=(3,), instead={})


def test_an_article_without_a_date_counts_from_when_it_was_seen() -> None:
    assert chosen(candidate(1, hours=2), candidate(2, published=False, seen=NOW - timedelta(hours=1))) == (2, 1)


def test_a_date_in_the_future_does_not_keep_an_article_on_top() -> None:
    assert chosen(candidate(1, hours=1), candidate(2, hours=-9999, seen=NOW - timedelta(hours=2))) == (1, 2)


def test_equally_new_articles_keep_their_order() -> None:
    assert chosen(candidate(3, hours=1), candidate(1, hours=1), candidate(2, hours=1)) == (1, 2, 3)


def test_of_near_duplicates_the_first_is_shown() -> None:
    found = (candidate(1, hours=3, cluster=1), candidate(2, hours=1, cluster=1), candidate(3, hours=2))
    picked = pick(found, 9)
    assert picked == Selection(chosen=(3, 1), beyond=(), instead={2: 1})
    assert picked.stands_for(1) == [1, 2]
    assert picked.stands_for(3) == [3]


def test_of_near_duplicates_one_with_a_picture_is_shown() -> None:
    found = (candidate(1, hours=3, cluster=1), candidate(2, hours=1, cluster=1, pictured=True))
    assert pick(found, 9) == Selection(chosen=(2,), beyond=(), instead={1: 2})


def test_near_duplicates_take_one_place_of_the_maximum() -> None:
    found = (*(candidate(n, hours=n, cluster=1) for n in (1, 2, 3)), candidate(4, hours=9))
    assert pick(found, 2).chosen == (3, 4)


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
    few = too_few(pick([candidate(n) for n in range(found)], 9), minimum)
    assert few is not None
    assert few.sentence == sentence


def test_just_enough_articles_are_enough() -> None:
    assert too_few(pick([candidate(1), candidate(2)], 2), 2) is None


def test_a_long_issue_stands_in_sections_below_its_lead() -> None:
    masks = (0b10, 0b10, 0b01, 0, 0b11, 0b10, 0, 0b01, 0b10)
    topics = dict(enumerate(masks, 1))
    assert len(topics) == SECTIONS_FROM
    assert in_sections(list(topics), topics) == ([1, 4, 7, 3, 5, 8, 2, 6, 9], {3: 0b01, 2: 0b10})


def test_a_short_issue_or_one_of_one_topic_has_no_sections() -> None:
    masks = dict.fromkeys(range(1, 10), 0b10)
    assert in_sections(list(masks), masks) == (list(masks), {})
    masks |= {2: 0b01}
    del masks[9]
    assert in_sections(list(masks), masks) == (list(masks), {})

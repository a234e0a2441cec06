from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.articles.changes import LONGEST, MOST
from mailer.articles.ingest import store
from mailer.articles.models import ArticleChange, Source
from tests.articles.making import HOME, NOW, entry, feed, make_source

LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def source(session: Session) -> Source:
    return make_source(session)


def changes(session: Session) -> list[tuple[str, str, str]]:
    rows = session.execute(
        select(ArticleChange.field, ArticleChange.before, ArticleChange.after).order_by(ArticleChange.id)
    )
    return [(field, before, after) for field, before, after in rows]


def test_an_update_is_kept_field_by_field(session: Session, source: Source) -> None:
    store(session, source, feed(entry(1, summary="Old.", language="en", published_at=NOW)), NOW)
    assert changes(session) == []
    new = entry(
        1,
        title="Tram is back",
        summary="New.",
        picture_url=f"{HOME}/1.jpg",
        author="Mara",
        section="City",
        categories=("City", "Harbour"),
        language="en-GB",
        published_at=NOW - timedelta(hours=1),
    )
    store(session, source, feed(new), LATER)
    assert changes(session) == [
        ("title", "Story 1", "Tram is back"),
        ("summary", "Old.", "New."),
        ("picture", "", f"{HOME}/1.jpg"),
        ("author", "", "Mara"),
        ("section", "", "City"),
        ("categories", "", "City, Harbour"),
        ("language", "en", "en-GB"),
        ("published", "2026-11-24 07:00 UTC", "2026-11-24 06:00 UTC"),
    ]
    assert set(session.scalars(select(ArticleChange.at))) == {LATER}


def test_what_another_source_says_changes_nothing(session: Session, source: Source) -> None:
    other = make_source(session, f"{HOME}/other", slug="evening")
    store(session, source, feed(entry(1)), NOW)
    store(session, other, feed(entry(1, title="Louder")), LATER)
    assert changes(session) == []


def test_a_picture_whose_address_is_only_signed_anew_did_not_change(session: Session, source: Source) -> None:
    store(session, source, feed(entry(1, picture_url=f"{HOME}/1.jpg?sig=1")), NOW)
    assert store(session, source, feed(entry(1, picture_url=f"{HOME}/1.jpg?sig=2")), LATER).updated == 1
    assert changes(session) == []


def test_long_texts_are_kept_in_part_and_old_changes_not_at_all(session: Session, source: Source) -> None:
    for minute in range(MOST + 3):
        words = f"{minute} {'word ' * 300}"
        store(session, source, feed(entry(1, summary=words), entry(2, title="x" * minute)), NOW)
    kept = [(before, after) for field, before, after in changes(session) if field == "summary"]
    assert len(kept) == MOST
    assert kept[-1][1].startswith(f"{MOST + 2} word")
    assert max(len(text) for change in kept for text in change) <= LONGEST

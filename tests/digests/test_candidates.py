"""What is new for an issue, and what keeps the rest out."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from mailer.articles import withholding
from mailer.articles.models import Article, Source
from mailer.digests import assembly, release
from mailer.digests.models import Issue, IssueKind
from mailer.digests.rehearsal import Rehearsal, rehearse
from mailer.newsletters.models import Mode, Newsletter, Schedule, Slot
from tests.digests.making import NOW, make_issue, make_source, make_topic, see, sight, titles
from tests.newsletters.making import make_newsletter, make_schedule

HOUR = timedelta(hours=1)


@pytest.fixture
def newsletter(session: Session) -> Newsletter:
    return make_newsletter(session)


@pytest.fixture
def source(session: Session, newsletter: Newsletter) -> Source:
    return make_source(session, newsletter)


@pytest.fixture
def schedule(session: Session, newsletter: Newsletter) -> Schedule:
    return make_schedule(session, newsletter)


def draft(session: Session, newsletter: Newsletter, schedule: Schedule | None, hours: float) -> list[str]:
    made = assembly.draft(session, newsletter, schedule=schedule, slot=None, now=NOW + hours * HOUR)
    session.commit()
    return titles(made) if isinstance(made, Issue) else []


def reasons(found: Rehearsal) -> dict[str, str]:
    return {each.article.title: each.reason for each in found.left_out}


def alike(session: Session, *articles: Article) -> None:
    for article in articles:
        article.cluster_id = articles[0].id
    session.commit()


@pytest.mark.parametrize(
    ("kept_out", "reason"),
    [
        ({"held_at": NOW, "held_by": "lea@ledger.example"}, "Held by lea@ledger.example."),
        ({"embargo_until": NOW + 9 * HOUR}, "Not by mail before 24 November, 16:00."),
        ({"retracted_at": NOW}, "It was taken back."),
        ({"gone_at": NOW}, "Gone: since 24 November, 07:00 there is nothing at its address."),
        ({"backlog": True}, "It was known when its source was added."),
    ],
)
def test_what_must_not_be_mailed_is_left_out_with_the_reason(
    session: Session, newsletter: Newsletter, source: Source, kept_out: dict[str, object], reason: str
) -> None:
    see(session, source, "Ferry", NOW, **kept_out)
    see(session, source, "Tram", NOW)
    found = rehearse(session, newsletter, None, NOW + HOUR)
    assert titles(found.issue) == ["Tram"]
    assert reasons(found) == {"Ferry": reason}
    assert draft(session, newsletter, None, 1) == ["Tram"]


def test_an_embargo_that_ends_before_the_issue_leaves_keeps_nothing_out(
    session: Session, newsletter: Newsletter, source: Source, schedule: Schedule
) -> None:
    schedule.mode, schedule.lead_minutes = Mode.UNLESS_HELD.value, 30
    see(session, source, "Ferry", NOW, embargo_until=NOW + 2 * HOUR)
    slot = Slot(schedule=schedule, due_at=NOW + 2 * HOUR)
    session.add(slot)
    made = assembly.draft(session, newsletter, schedule=schedule, slot=slot, now=NOW + HOUR)
    assert titles(made) == ["Ferry"]


def test_what_was_under_embargo_at_the_last_issue_is_new_for_the_next(
    session: Session, newsletter: Newsletter, source: Source, schedule: Schedule
) -> None:
    see(session, source, "Tram", NOW)
    see(session, source, "Ferry", NOW, embargo_until=NOW + 3 * HOUR)
    assert draft(session, newsletter, schedule, 1) == ["Tram"]
    assert draft(session, newsletter, schedule, 2) == []
    assert draft(session, newsletter, schedule, 4) == ["Ferry"]


def test_what_was_held_at_the_last_issue_and_let_go_since_is_new_for_the_next(
    session: Session, newsletter: Newsletter, source: Source, schedule: Schedule
) -> None:
    ferry = see(session, source, "Ferry", NOW, held_at=NOW)
    see(session, source, "Tram", NOW)
    assert draft(session, newsletter, schedule, 1) == ["Tram"]
    assert withholding.unhold(session, ferry.id, NOW + 2 * HOUR)
    assert draft(session, newsletter, schedule, 3) == ["Ferry"]


def test_old_and_taken_articles_and_those_of_sleeping_sources_say_so(
    session: Session, newsletter: Newsletter, source: Source, schedule: Schedule
) -> None:
    schedule.maximum_articles = 1
    see(session, source, "Old", NOW)
    see(session, source, "Ferry", NOW + HOUR)
    draft(session, newsletter, schedule, 2)
    see(session, make_source(session, newsletter, "asleep", active=False), "Dream", NOW + 3 * HOUR)
    see(session, source, "Tram", NOW + 3 * HOUR)
    see(session, source, "Chess", NOW + 4 * HOUR)
    found = rehearse(session, newsletter, schedule, NOW + 5 * HOUR)
    assert titles(found.issue) == ["Chess"]
    assert reasons(found) == {
        "Tram": "Beyond the maximum: the newer ones fill the issue.",
        "Dream": "Its source is asleep.",
        "Ferry": "Already in the issue of 24 November.",
        "Old": "Too old: it was there when the last issue was made.",
    }


def test_a_near_duplicate_is_left_out_for_the_one_that_is_shown_whose_topics_are_theirs(
    session: Session, newsletter: Newsletter
) -> None:
    city, sport = (make_topic(session, newsletter, slug, bit) for slug, bit in (("city", 0), ("sport", 1)))
    first = see(session, make_source(session, newsletter, "city", topic=city), "Marathon", NOW)
    second = see(session, make_source(session, newsletter, "sport", topic=sport), "The marathon", NOW + HOUR)
    alike(session, first, second)
    found = rehearse(session, newsletter, None, NOW + 2 * HOUR)
    assert [(item.title, item.topics) for item in found.issue.articles] == [("Marathon", 0b11)]
    assert reasons(found) == {"The marathon": "Tells the same as “Marathon”."}
    issue = make_issue(session, newsletter, NOW + 2 * HOUR)
    assert [item.topics for item in issue.articles] == [0b11]


def test_what_an_issue_told_is_not_told_again_in_other_words(
    session: Session, newsletter: Newsletter, source: Source, schedule: Schedule
) -> None:
    first = see(session, source, "Ferry", NOW)
    assert draft(session, newsletter, schedule, 1) == ["Ferry"]
    alike(session, first, see(session, source, "A ferry", NOW + 2 * HOUR))
    assert reasons(rehearse(session, newsletter, schedule, NOW + 3 * HOUR)) == {
        "A ferry": "Already in the issue of 24 November.",
        "Ferry": "Already in the issue of 24 November.",
    }


def test_breaking_news_keeps_nothing_from_the_digest(
    session: Session, newsletter: Newsletter, source: Source, schedule: Schedule
) -> None:
    see(session, source, "Ferry", NOW)
    news = make_issue(session, newsletter, NOW + HOUR)
    news.kind = IssueKind.BREAKING.value
    release.release(session, news.id, news.version, "lea@ledger.example", NOW + HOUR)
    see(session, source, "Tram", NOW)
    assert set(draft(session, newsletter, schedule, 2)) == {"Ferry", "Tram"}


def test_an_issue_that_a_wrong_clock_dated_makes_nothing_old(
    session: Session, newsletter: Newsletter, source: Source, schedule: Schedule
) -> None:
    see(session, source, "Ferry", NOW)
    assert draft(session, newsletter, schedule, 24 * 30) == ["Ferry"]
    see(session, source, "Tram", NOW + HOUR)
    assert draft(session, newsletter, schedule, 2) == ["Tram"]


def test_a_long_issue_has_headings(session: Session, newsletter: Newsletter, schedule: Schedule) -> None:
    sources = [
        make_source(session, newsletter, slug, topic=make_topic(session, newsletter, slug, bit))
        for bit, slug in enumerate(("city", "sport"))
    ]
    for n in range(10):
        see(session, sources[n % 2], f"Article {n}", NOW + n * timedelta(minutes=1))
    session.expire(newsletter)
    issue = assembly.draft(session, newsletter, schedule=schedule, slot=None, now=NOW + HOUR)
    assert isinstance(issue, Issue)
    assert [(item.title[-1], item.heading) for item in issue.articles if item.heading] == [
        ("8", "City"),
        ("7", "Sport"),
    ]
    assert [item.position for item in issue.articles] == list(range(10))


def test_an_article_that_another_source_brings_again_is_looked_at_once(
    session: Session, newsletter: Newsletter, source: Source
) -> None:
    article = see(session, source, "Ferry", NOW)
    sight(session, make_source(session, newsletter, "harbour"), article, NOW + HOUR)
    found = rehearse(session, newsletter, None, NOW + 2 * HOUR)
    assert (titles(found.issue), found.left_out, found.obstacle) == (["Ferry"], (), "")


def test_a_rehearsal_changes_nothing_and_names_what_stands_in_the_way(
    session: Session, newsletter: Newsletter, source: Source, schedule: Schedule
) -> None:
    schedule.minimum_articles = 2
    see(session, source, "Ferry", NOW)
    found = rehearse(session, newsletter, schedule, NOW + HOUR)
    session.commit()
    assert found.obstacle == "There was 1 new article; an issue needs 2."
    assert titles(found.issue) == ["Ferry"]
    assert session.query(Issue).all() == []

"""The draft: what is new since the last issue, and never twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from mailer.articles.models import Source
from mailer.digests import assembly, release
from mailer.digests.models import Issue, IssueState
from mailer.digests.selection import NotEnough
from mailer.newsletters.models import Newsletter, Schedule
from tests.digests.making import NOW, make_issue, make_source, make_topic, see, sight, titles
from tests.newsletters.making import make_newsletter, make_schedule

HOUR = timedelta(hours=1)


@pytest.fixture
def newsletter(session: Session) -> Newsletter:
    return make_newsletter(session)


@pytest.fixture
def source(session: Session, newsletter: Newsletter) -> Source:
    return make_source(session, newsletter)


def draft(session: Session, newsletter: Newsletter, hours: int, schedule: Schedule | None = None) -> Issue | NotEnough:
    """So many hours after NOW."""
    made = assembly.draft(session, newsletter, schedule=schedule, slot=None, now=NOW + hours * HOUR)
    session.commit()
    return made


def test_a_draft_holds_copies_of_what_is_new(session: Session, newsletter: Newsletter, source: Source) -> None:
    see(session, source, "Ferry", NOW, summary="It sails.", author="Lea", section="Harbour", language="en")
    see(session, source, "Tram", NOW + HOUR, picture_url="https://ledger.example/tram.jpg", picture_alt="A tram")
    see(session, source, "Chess", NOW + HOUR)
    issue = draft(session, newsletter, 2)
    assert isinstance(issue, Issue)
    session.expire_all()
    assert (issue.state, issue.version, issue.schedule_id, issue.slot_id) == (IssueState.DRAFT, 1, None, None)
    assert (issue.subject, issue.preview_line) == ("Tram", "Chess · Ferry")
    assert [(a.position, a.title, a.picture_alt) for a in issue.articles] == [
        (0, "Tram", "A tram"),
        (1, "Chess", ""),
        (2, "Ferry", ""),
    ]
    ferry = issue.articles[2]
    assert (ferry.summary, ferry.author, ferry.section, ferry.language) == ("It sails.", "Lea", "Harbour", "en")


def test_nothing_new_makes_no_issue(session: Session, newsletter: Newsletter, source: Source) -> None:
    see(session, source, "Ferry", NOW)
    assert titles(draft(session, newsletter, 1)) == ["Ferry"]
    assert draft(session, newsletter, 2) == NotEnough(0, 1)


def test_what_a_full_issue_left_out_is_not_new_for_the_next(
    session: Session, newsletter: Newsletter, source: Source
) -> None:
    schedule = make_schedule(session, newsletter, maximum_articles=1)
    see(session, source, "Old", NOW)
    see(session, source, "Newer", NOW + HOUR)
    assert titles(draft(session, newsletter, 2, schedule)) == ["Newer"]
    see(session, source, "Newest", NOW + 3 * HOUR)
    assert titles(draft(session, newsletter, 4, schedule)) == ["Newest"]
    assert draft(session, newsletter, 5, schedule) == NotEnough(0, 1)


def test_an_article_stored_while_the_last_draft_was_made_is_not_lost(
    session: Session, newsletter: Newsletter, source: Source
) -> None:
    see(session, source, "Ferry", NOW)
    draft(session, newsletter, 1)
    see(session, source, "Tram", NOW + HOUR - timedelta(seconds=20))  # its poll ended after the draft
    assert titles(draft(session, newsletter, 2)) == ["Tram"]


def test_an_article_known_for_long_is_new_where_it_was_never_seen(session: Session, newsletter: Newsletter) -> None:
    elsewhere = make_source(session, make_newsletter(session, "evening"))
    article = see(session, elsewhere, "Ferry", NOW - 900 * HOUR)
    sight(session, make_source(session, newsletter), article, NOW)
    assert titles(draft(session, newsletter, 1)) == ["Ferry"]


def test_an_article_that_a_second_source_brings_later_is_not_new_again(
    session: Session, newsletter: Newsletter, source: Source
) -> None:
    schedule = make_schedule(session, newsletter, maximum_articles=1)
    left_out = see(session, source, "Ferry", NOW)
    see(session, source, "Tram", NOW + HOUR)
    draft(session, newsletter, 2, schedule)
    sight(session, make_source(session, newsletter, "harbour"), left_out, NOW + 3 * HOUR)
    assert draft(session, newsletter, 4, schedule) == NotEnough(0, 1)


def test_articles_of_other_newsletters_and_sleeping_sources_stay_out(session: Session, newsletter: Newsletter) -> None:
    see(session, make_source(session, newsletter, active=False), "Asleep", NOW)
    see(session, make_source(session, make_newsletter(session, "evening")), "Elsewhere", NOW)
    assert draft(session, newsletter, 1) == NotEnough(0, 1)


def test_a_cancelled_issue_gives_its_articles_back(session: Session, newsletter: Newsletter, source: Source) -> None:
    see(session, source, "Ferry", NOW)
    issue = make_issue(session, newsletter, NOW + HOUR)
    release.cancel(session, issue.id)
    assert titles(draft(session, newsletter, 2)) == ["Ferry"]


def test_each_schedule_has_its_own_news(session: Session, newsletter: Newsletter, source: Source) -> None:
    daily = make_schedule(session, newsletter)
    weekly = make_schedule(session, newsletter, title="Weekly")
    see(session, source, "Ferry", NOW)
    assert titles(draft(session, newsletter, 1, daily)) == ["Ferry"]
    assert titles(draft(session, newsletter, 1, weekly)) == ["Ferry"]
    assert draft(session, newsletter, 2, daily) == NotEnough(0, 1)
    assert draft(session, newsletter, 2) == NotEnough(0, 1)


def test_a_schedule_repeats_nothing_that_went_to_everybody_by_hand(
    session: Session, newsletter: Newsletter, source: Source
) -> None:
    schedule = make_schedule(session, newsletter)
    see(session, source, "Ferry", NOW)
    by_hand = make_issue(session, newsletter, NOW + HOUR)
    release.release(session, by_hand.id, by_hand.version, "lea@ledger.example", NOW + HOUR)
    see(session, source, "Tram", NOW - HOUR)
    assert titles(draft(session, newsletter, 2, schedule)) == ["Tram"]


def test_a_forgotten_draft_by_hand_keeps_nothing_from_a_schedule(
    session: Session, newsletter: Newsletter, source: Source
) -> None:
    schedule = make_schedule(session, newsletter)
    see(session, source, "Ferry", NOW)
    make_issue(session, newsletter, NOW + HOUR)
    assert titles(draft(session, newsletter, 2, schedule)) == ["Ferry"]


def test_the_recipe_of_the_schedule_is_kept(session: Session, newsletter: Newsletter, source: Source) -> None:
    schedule = make_schedule(session, newsletter, minimum_articles=2, maximum_articles=3)
    see(session, source, "Article 1", NOW)
    assert draft(session, newsletter, 1, schedule) == NotEnough(1, 2)
    for n in range(2, 6):
        see(session, source, f"Article {n}", NOW + n * timedelta(minutes=1))
    assert titles(draft(session, newsletter, 1, schedule)) == ["Article 5", "Article 4", "Article 3"]


def test_an_article_has_the_topics_of_the_sources_that_brought_it(session: Session, newsletter: Newsletter) -> None:
    city, sport = (make_topic(session, newsletter, slug, bit) for slug, bit in (("city", 0), ("sport", 3)))
    in_city = make_source(session, newsletter, "city", topic=city)
    in_sport = make_source(session, newsletter, "sport", topic=sport)
    for_all = make_source(session, newsletter, "all")
    see(session, in_city, "Tram", NOW)
    sight(session, in_sport, see(session, in_city, "Marathon", NOW), NOW)
    sight(session, for_all, see(session, in_sport, "Election", NOW), NOW)
    issue = make_issue(session, newsletter, NOW + HOUR)
    assert {a.title: a.topics for a in issue.articles} == {"Tram": 0b0001, "Marathon": 0b1001, "Election": 0}


def test_an_issue_whose_lead_has_no_title_has_a_subject_all_the_same(
    session: Session, newsletter: Newsletter, source: Source
) -> None:
    see(session, source, "", NOW)
    assert make_issue(session, newsletter, NOW + HOUR).subject == "Morning Briefing"


def test_many_new_articles_cost_as_few_questions_as_one(
    engine: Engine, session: Session, newsletter: Newsletter, source: Source
) -> None:
    asked: list[str] = []
    see(session, source, "Article", NOW)
    make_issue(session, newsletter, NOW + HOUR)
    for n in range(300):
        see(session, source, f"Article {n}", NOW + 2 * HOUR)
    event.listen(engine, "before_cursor_execute", lambda *execution: asked.append(execution[2]))
    issue = make_issue(session, newsletter, NOW + 3 * HOUR)
    assert len(issue.articles) == 12
    assert len([statement for statement in asked if statement.startswith("SELECT")]) <= 6


def test_two_drafts_at_once_do_not_hold_the_same_article(
    engine: Engine, session: Session, newsletter: Newsletter, source: Source
) -> None:
    see(session, source, "Ferry", NOW)
    together = Barrier(2)

    def run() -> Issue | NotEnough:
        with Session(engine, expire_on_commit=False) as mine:
            together.wait(10)
            return draft(mine, mine.get_one(Newsletter, newsletter.id), 1)

    with ThreadPoolExecutor(2) as pool:
        made = [future.result(30) for future in [pool.submit(run), pool.submit(run)]]
    assert sorted(type(each).__name__ for each in made) == ["Issue", "NotEnough"]

"""A due slot ends in an issue or in a written reason; a draft whose time has come leaves, or says why not."""

from concurrent.futures import ThreadPoolExecutor
from datetime import time, timedelta
from threading import Barrier

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from mailer.articles.models import Article, Source
from mailer.digests import due, holding
from mailer.digests.models import Issue, IssueState
from mailer.newsletters import slots
from mailer.newsletters.models import Mode, Newsletter, Slot, SlotState
from mailer.staff.models import AuditEvent
from tests.digests.making import NOW, make_source, see, titles
from tests.newsletters.making import make_newsletter, make_schedule

AT_EIGHT = NOW + timedelta(hours=1)
SMALL = 20_000
"""Bytes of an e-mail."""


@pytest.fixture
def newsletter(session: Session) -> Newsletter:
    return make_newsletter(session)


@pytest.fixture
def source(session: Session, newsletter: Newsletter) -> Source:
    return make_source(session, newsletter)


def opened(session: Session, newsletter: Newsletter, **recipe: object) -> Slot:
    make_schedule(session, newsletter, hours=[time(8)], **recipe)
    (slot_id,) = slots.open_due_slots(session, AT_EIGHT)
    session.commit()
    return session.get_one(Slot, slot_id)


def drafted(session: Session, newsletter: Newsletter, **recipe: object) -> Issue:
    """A draft that leaves at eight by itself unless somebody holds it."""
    slot = opened(session, newsletter, **{"mode": Mode.UNLESS_HELD.value, "lead_minutes": 30, **recipe})
    issue_id = due.settle(session, slot.id, AT_EIGHT - timedelta(minutes=30))
    session.commit()
    return session.get_one(Issue, issue_id)


def left(session: Session, issue: Issue, minutes: float = 0, size: int = SMALL) -> bool:
    """Whether it leaves so many minutes after eight."""
    answer = due.leave(session, issue.id, size, AT_EIGHT + timedelta(minutes=minutes))
    session.commit()
    session.refresh(issue)
    return answer


def the_issue(session: Session) -> Issue | None:
    session.commit()
    session.expire_all()
    return session.scalars(select(Issue)).one_or_none()


def test_a_slot_becomes_a_draft_that_waits_for_the_editor(
    session: Session, newsletter: Newsletter, source: Source
) -> None:
    see(session, source, "Ferry", NOW)
    slot = opened(session, newsletter, template="brief")
    issue_id = due.settle(session, slot.id, AT_EIGHT)
    issue = the_issue(session)
    assert titles(issue) == ["Ferry"]
    assert issue is not None
    assert (issue.id, issue.state, issue.slot_id) == (issue_id, IssueState.DRAFT, slot.id)
    assert (issue.schedule_id, issue.template, issue.leaves_at) == (slot.schedule_id, "brief", None)
    assert (slot.state, slot.settled_at) == (SlotState.ISSUE, AT_EIGHT)
    assert due.leaving(session, AT_EIGHT + timedelta(days=1)) == []


def test_an_issue_that_leaves_by_itself_is_drafted_in_time_to_look_at_its_links(
    session: Session, newsletter: Newsletter, source: Source
) -> None:
    see(session, source, "Ferry", NOW)
    issue = drafted(session, newsletter, mode=Mode.AUTOMATIC.value, lead_minutes=0)
    assert slots.open_due_slots(session, AT_EIGHT) == []
    assert issue.leaves_at == AT_EIGHT
    assert due.leaving(session, AT_EIGHT - timedelta(seconds=1)) == []
    assert due.leaving(session, AT_EIGHT) == [issue.id]
    assert left(session, issue)
    assert (issue.state, issue.released_by, issue.released_at) == (IssueState.SENDING, "schedule", AT_EIGHT)
    assert due.leaving(session, AT_EIGHT) == []


def test_too_few_articles_close_the_slot_with_the_number(
    session: Session, newsletter: Newsletter, source: Source
) -> None:
    see(session, source, "Ferry", NOW)
    slot = opened(session, newsletter, minimum_articles=3)
    assert due.settle(session, slot.id, AT_EIGHT) is None
    assert the_issue(session) is None
    assert (slot.state, slot.reason) == (SlotState.CLOSED, "There was 1 new article; an issue needs 3.")


def test_a_slot_that_nobody_served_in_time_is_closed(session: Session, newsletter: Newsletter, source: Source) -> None:
    see(session, source, "Ferry", NOW)
    slot = opened(session, newsletter, freshness_minutes=30)
    assert due.settle(session, slot.id, AT_EIGHT + timedelta(minutes=31)) is None
    assert the_issue(session) is None
    assert slot.reason == "The scheduler was away; at 08:31 it was too late for the 08:00 issue."


def test_a_settled_slot_stays_settled(session: Session, newsletter: Newsletter, source: Source) -> None:
    see(session, source, "Ferry", NOW)
    slot = opened(session, newsletter)
    assert due.settle(session, slot.id, AT_EIGHT) is not None
    session.commit()
    see(session, source, "Tram", AT_EIGHT)
    assert due.settle(session, slot.id, AT_EIGHT) is None
    assert titles(the_issue(session)) == ["Ferry"]


def test_a_held_draft_stays_until_it_is_let_go(session: Session, newsletter: Newsletter, source: Source) -> None:
    see(session, source, "Ferry", NOW)
    issue = drafted(session, newsletter)
    assert holding.hold(session, issue.id, "lea@ledger.example", NOW)
    assert not holding.hold(session, issue.id, "jo@ledger.example", NOW)
    assert not left(session, issue)
    assert (issue.state, issue.held_by) == (IssueState.DRAFT, "lea@ledger.example")
    assert holding.unhold(session, issue.id)
    assert not holding.unhold(session, issue.id)
    assert left(session, issue, minutes=5)
    assert not holding.hold(session, issue.id, "lea@ledger.example", NOW)


def test_a_brief_of_eight_is_not_sent_in_the_afternoon_unless_an_editor_gives_it_another_time(
    session: Session, newsletter: Newsletter, source: Source
) -> None:
    see(session, source, "Ferry", NOW)
    issue = drafted(session, newsletter, freshness_minutes=60)
    assert not left(session, issue, minutes=7 * 60)
    assert issue.problem == "It was to leave at 08:00; at 15:00 it was too late for that."
    assert due.leaving(session, AT_EIGHT + timedelta(days=1)) == []
    assert not holding.hold(session, issue.id, "lea@ledger.example", NOW)
    assert holding.leave_at(session, issue.id, AT_EIGHT + timedelta(hours=8))
    assert left(session, issue, minutes=8 * 60 + 30)


def test_what_the_checks_say_is_to_fix_keeps_it_here(session: Session, newsletter: Newsletter, source: Source) -> None:
    see(session, source, "Ferry", NOW)
    issue = drafted(session, newsletter)
    assert not left(session, issue, size=120_000)
    assert issue.problem == "The e-mail has 120 KB. Gmail cuts at 102. Drop an article or two."
    assert issue.state == IssueState.DRAFT


def test_an_article_that_may_not_be_mailed_any_more_stays_out_with_a_note(
    session: Session, newsletter: Newsletter, source: Source
) -> None:
    for minutes, title in enumerate(("Chess", "Tram", "Ferry")):
        see(session, source, title, NOW + timedelta(minutes=minutes))
    issue = drafted(session, newsletter)
    assert (titles(issue), issue.subject, issue.preview_line) == (["Ferry", "Tram", "Chess"], "Ferry", "Tram · Chess")
    article = session.get_one(Article, issue.articles[0].article_id)
    article.held_at, article.held_by = NOW, "lea@ledger.example"
    assert left(session, issue)
    assert (titles(issue), issue.subject, issue.preview_line) == (["Tram", "Chess"], "Tram", "Chess")
    assert [item.position for item in issue.articles] == [0, 1]
    (event,) = session.scalars(select(AuditEvent))
    assert (event.actor, event.subject) == ("schedule", f"issue {issue.id}")
    assert event.detail == "“Ferry” stayed out. Held by lea@ledger.example."


def test_an_issue_that_would_be_empty_does_not_leave(session: Session, newsletter: Newsletter, source: Source) -> None:
    article = see(session, source, "Ferry", NOW)
    issue = drafted(session, newsletter)
    article.gone_at = NOW
    assert not left(session, issue)
    assert (issue.state, issue.problem) == (
        IssueState.DRAFT,
        "There is no article in this issue. Add one from the wire.",
    )


def test_two_schedulers_let_a_draft_leave_once(
    engine: Engine, session: Session, newsletter: Newsletter, source: Source
) -> None:
    see(session, source, "Ferry", NOW)
    issue_id = drafted(session, newsletter).id
    together = Barrier(2)

    def run() -> bool:
        with Session(engine) as mine:
            together.wait(10)
            answer = due.leave(mine, issue_id, SMALL, AT_EIGHT)
            mine.commit()
            return answer

    with ThreadPoolExecutor(2) as pool:
        answers = [future.result(30) for future in [pool.submit(run), pool.submit(run)]]
    assert sorted(answers) == [False, True]


def test_a_hold_and_the_release_at_the_same_moment_do_not_both_win(
    engine: Engine, session: Session, newsletter: Newsletter, source: Source
) -> None:
    see(session, source, "Ferry", NOW)
    issue = drafted(session, newsletter)
    together = Barrier(2)

    def leave() -> bool:
        with Session(engine) as mine:
            together.wait(10)
            answer = due.leave(mine, issue.id, SMALL, AT_EIGHT)
            mine.commit()
            return answer

    def hold() -> bool:
        with Session(engine) as mine:
            together.wait(10)
            answer = holding.hold(mine, issue.id, "lea@ledger.example", AT_EIGHT)
            mine.commit()
            return answer

    with ThreadPoolExecutor(2) as pool:
        released, held = (future.result(30) for future in [pool.submit(leave), pool.submit(hold)])
    session.refresh(issue)
    assert released != held
    assert (issue.state == IssueState.SENDING) == released

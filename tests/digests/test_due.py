"""A due slot ends in an issue or in a written reason."""

from datetime import time, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.articles.models import Source
from mailer.digests import due
from mailer.digests.models import Issue, IssueState
from mailer.newsletters import slots
from mailer.newsletters.models import Mode, Newsletter, Slot, SlotState
from tests.digests.making import NOW, make_source, see, titles
from tests.newsletters.making import make_newsletter, make_schedule

AT_EIGHT = NOW + timedelta(hours=1)


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


def the_issue(session: Session) -> Issue | None:
    session.commit()
    session.expire_all()
    return session.scalars(select(Issue)).one_or_none()


def test_a_slot_becomes_a_draft_that_waits_for_the_editor(
    session: Session, newsletter: Newsletter, source: Source
) -> None:
    see(session, source, "Ferry", NOW)
    slot = opened(session, newsletter)
    assert due.settle(session, slot.id, AT_EIGHT) is None
    issue = the_issue(session)
    assert titles(issue) == ["Ferry"]
    assert issue is not None
    assert (issue.state, issue.slot_id, issue.schedule_id) == (IssueState.DRAFT, slot.id, slot.schedule_id)
    assert (slot.state, slot.settled_at) == (SlotState.ISSUE, AT_EIGHT)


def test_an_automatic_issue_is_released(session: Session, newsletter: Newsletter, source: Source) -> None:
    see(session, source, "Ferry", NOW)
    slot = opened(session, newsletter, mode=Mode.AUTOMATIC.value)
    released = due.settle(session, slot.id, AT_EIGHT)
    issue = the_issue(session)
    assert issue is not None
    assert issue.id == released
    assert (issue.state, issue.released_by, issue.released_at) == (IssueState.SENDING, "schedule", AT_EIGHT)


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
    slot = opened(session, newsletter, mode=Mode.AUTOMATIC.value)
    assert due.settle(session, slot.id, AT_EIGHT) is not None
    session.commit()
    see(session, source, "Tram", AT_EIGHT)
    assert due.settle(session, slot.id, AT_EIGHT) is None
    assert titles(the_issue(session)) == ["Ferry"]

"""Every slot in the past says what became of it."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from mailer.digests.models import Issue, IssueState
from mailer.digests.outcomes import outcomes
from mailer.newsletters.models import Slot, SlotState
from tests.newsletters.making import NOW, make_newsletter, make_schedule

HELD = {"held_at": NOW, "held_by": "lea@ledger.example"}
LEAVES = {"leaves_at": NOW + timedelta(minutes=30)}
LEFT = {"released_at": NOW}


@pytest.mark.parametrize(
    ("state", "values", "sentence", "well"),
    [
        (IssueState.DRAFT, {}, "The draft waits for an editor.", True),
        (IssueState.DRAFT, LEAVES, "The draft leaves at 11:30 by itself unless somebody holds it.", True),
        (IssueState.DRAFT, LEAVES | HELD, "The draft is held by lea@ledger.example since 11:00.", False),
        (
            IssueState.DRAFT,
            LEAVES | {"problem": "It has no subject."},
            "The draft did not leave. It has no subject.",
            False,
        ),
        (IssueState.SENDING, LEFT, "Sending since 11:00.", True),
        (IssueState.PAUSED, LEFT, "Paused while it was being sent.", False),
        (IssueState.SENT, LEFT | {"audience": 48212}, "Sent at 11:00 to 48,212 readers.", True),
        (IssueState.SENT, LEFT | {"audience": 1}, "Sent at 11:00 to 1 reader.", True),
        (IssueState.CANCELLED, {}, "The draft was thrown away.", False),
        (IssueState.CANCELLED, LEFT, "Cancelled after it began to leave at 11:00.", False),
    ],
)
def test_an_issue_says_what_became_of_it(
    session: Session, state: IssueState, values: dict[str, Any], sentence: str, well: bool
) -> None:
    newsletter = make_newsletter(session, timezone="Asia/Baku")
    slot = Slot(schedule=make_schedule(session, newsletter), due_at=NOW, state=SlotState.ISSUE.value)
    issue = Issue(newsletter=newsletter, slot=slot, state=state.value, subject="Ferry", created_at=NOW, **values)
    session.add(issue)
    session.commit()
    (found,) = outcomes(session, newsletter)
    assert (found.slot, found.issue, found.sentence, found.well) == (slot, issue, sentence, well)


def test_slots_without_an_issue_say_why_and_come_by_pages_newest_first(session: Session) -> None:
    newsletter = make_newsletter(session)
    schedules = [make_schedule(session, newsletter, title=title) for title in ("Daily", "Weekly")]
    for hours in range(3):
        for each in schedules:
            session.add(
                Slot(
                    schedule=each, due_at=NOW + timedelta(hours=hours), state=SlotState.CLOSED.value, reason=f"{hours}."
                )
            )
    session.add(Slot(schedule=make_schedule(session, make_newsletter(session, "evening")), due_at=NOW))
    session.add(Slot(schedule=schedules[0], due_at=NOW + timedelta(hours=3)))
    session.commit()
    pages, before = [], None
    while page := outcomes(session, newsletter, before=before, most=3):
        pages.append([f"{each.slot.schedule.title} {each.sentence}" for each in page])
        before = page[-1].slot.id
    assert pages == [
        ["Daily Due: the draft is being made.", "Weekly 2.", "Daily 2."],
        ["Weekly 1.", "Daily 1.", "Weekly 0."],
        ["Daily 0."],
    ]

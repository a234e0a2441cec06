"""If it ran now: the issue that a schedule would make at this moment, and why each other article stays out.

It asks the same questions as the draft, and changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from mailer.articles.models import Article
from mailer.digests import left_out
from mailer.digests.assembly import limits, printed
from mailer.digests.candidates import Known, candidates, drafted_last, known
from mailer.digests.models import Issue, IssueKind
from mailer.digests.selection import Selection, pick, too_few
from mailer.newsletters import holidays, reasons
from mailer.newsletters.calendar import zone
from mailer.newsletters.models import Newsletter, Schedule

MOST_LEFT_OUT = 100
"""Articles that are looked at for why they stay out."""


@dataclass(frozen=True)
class LeftOut:
    """An article that the issue would not have, and why."""

    article: Article
    reason: str


@dataclass(frozen=True)
class Rehearsal:
    """What would come of it. `obstacle` says why no issue would; empty when one would be made.

    `issue` is in no database, only in mind: what it would have, also when that is too little.
    """

    at: datetime
    obstacle: str
    issue: Issue
    left_out: tuple[LeftOut, ...]


def rehearse(session: Session, newsletter: Newsletter, schedule: Schedule | None, now: datetime) -> Rehearsal:
    """Make the issue in mind; None for the schedule is an issue by hand."""
    minimum, maximum = limits(schedule)
    picks = pick(candidates(session, newsletter.id, schedule, now), maximum)
    few = too_few(picks, minimum)
    return Rehearsal(
        at=now,
        obstacle=_holiday(session, newsletter, schedule, now) or (few.sentence if few else ""),
        issue=Issue(
            newsletter_id=newsletter.id,
            schedule_id=schedule.id if schedule else None,
            kind=IssueKind.DIGEST.value,
            articles=printed(session, newsletter, picks),
        ),
        left_out=tuple(_left_out(session, newsletter, schedule, picks, now)),
    )


def _holiday(session: Session, newsletter: Newsletter, schedule: Schedule | None, now: datetime) -> str:
    today = now.astimezone(zone(newsletter.timezone)).date()
    resting = holidays.between(session, newsletter.id, today, today).get(today) if schedule else None
    return reasons.holiday(today, resting.title) if resting else ""


def _left_out(
    session: Session, newsletter: Newsletter, schedule: Schedule | None, picks: Selection, now: datetime
) -> Sequence[LeftOut]:
    since, clock = drafted_last(session, newsletter.id, schedule, now), zone(newsletter.timezone)
    found = known(session, newsletter.id, schedule, MOST_LEFT_OUT)
    titles = {each.article.id: each.article.title for each in found}
    others = [each for each in found if each.article.id not in picks.chosen]
    return [
        LeftOut(each.article, left_out.why(each, since, now, clock) or _passed_over(each, picks, titles))
        for each in others
    ]


def _passed_over(known: Known, picks: Selection, titles: dict[int, str]) -> str:
    """Why it was new, and is not in the issue."""
    instead = picks.instead.get(known.article.id)
    if instead is None:
        return "Beyond the maximum: the newer ones fill the issue."
    return f"Tells the same as “{titles.get(instead, 'another article')}”."

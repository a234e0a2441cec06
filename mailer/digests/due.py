"""What becomes of a due slot: an issue, or the reason why there is none. And of a draft whose time has come: it leaves,
or says why not.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from mailer.articles.models import Article
from mailer.articles.withholding import withheld
from mailer.digests.assembly import draft
from mailer.digests.checks import Level, check
from mailer.digests.content import preview_of
from mailer.digests.left_out import withheld_because
from mailer.digests.models import Issue, IssueArticle, IssueState
from mailer.digests.release import release
from mailer.digests.selection import NotEnough
from mailer.newsletters import reasons, slots
from mailer.newsletters.calendar import zone
from mailer.newsletters.models import Schedule
from mailer.staff import audit

BY_THE_SCHEDULE = "schedule"
"""Who released an issue that left by itself."""
FRESH = timedelta(hours=4)
"""How late a draft of no schedule may leave."""


def settle(session: Session, slot_id: int, now: datetime) -> int | None:
    """Turn an open slot into a draft, or close it with the reason.

    Answers the id of the draft; None when there is none, also when somebody else has the slot.
    """
    slot = slots.take(session, slot_id)
    if slot is None:
        return None
    if reason := slots.why_not(session, slot, now):
        slots.close(slot, reason, now)
        return None
    issue = draft(session, slot.schedule.newsletter, schedule=slot.schedule, slot=slot, now=now)
    if isinstance(issue, NotEnough):
        slots.close(slot, issue.sentence, now)
        return None
    slots.settle_with_issue(slot, now)
    return issue.id


def leaving(session: Session, now: datetime) -> list[int]:
    """The drafts whose time has come, that nobody holds and that have no problem yet; in the order of their times."""
    return list(session.scalars(select(Issue.id).where(_may_leave(now)).order_by(Issue.leaves_at, Issue.id)))


def leave(session: Session, issue_id: int, html_bytes: int, now: datetime) -> bool:
    """Release a draft whose time has come, without the articles that may not be mailed now.

    False: it stays, and its `problem` says why; or somebody held, changed or sent it meanwhile. `html_bytes` is the
    size of its e-mail.
    """
    mine = select(Issue).where(Issue.id == issue_id, _may_leave(now))
    issue = session.scalar(mine.with_for_update(skip_locked=True, of=Issue).execution_options(populate_existing=True))
    if issue is None:
        return False
    issue.problem = _too_late(session, issue, now)
    if not issue.problem:
        _drop_withheld(session, issue, now)
        issue.problem = _to_fix(issue, html_bytes)
    session.flush()
    return not issue.problem and release(session, issue.id, issue.version, BY_THE_SCHEDULE, now)


def _may_leave(now: datetime) -> ColumnElement[bool]:
    return and_(
        Issue.state == IssueState.DRAFT.value, Issue.leaves_at <= now, Issue.held_at.is_(None), Issue.problem == ""
    )


def _too_late(session: Session, issue: Issue, now: datetime) -> str:
    schedule = session.get(Schedule, issue.schedule_id) if issue.schedule_id else None
    fresh = timedelta(minutes=schedule.freshness_minutes) if schedule else FRESH
    if issue.leaves_at is None or now - issue.leaves_at <= fresh:
        return ""
    return reasons.left_too_late(issue.leaves_at, now, zone(issue.newsletter.timezone))


def _to_fix(issue: Issue, html_bytes: int) -> str:
    letter = issue.newsletter
    findings = check(
        subject=issue.subject,
        articles=len(issue.articles),
        sender_address=letter.sender_address,
        postal_address=letter.postal_address,
        html_bytes=html_bytes,
    )
    to_fix = [finding for finding in findings if finding.level is Level.FIX]
    return " ".join(f"{finding.sentence} {finding.todo}".strip() for finding in to_fix)


def _drop_withheld(session: Session, issue: Issue, now: datetime) -> None:
    """Take out what may not be mailed now, and write down why."""
    query = select(IssueArticle, Article).join(Article).where(IssueArticle.issue_id == issue.id, withheld(now))
    clock = zone(issue.newsletter.timezone)
    for item, article in session.execute(query).all():
        detail = f"“{item.title}” stayed out. {withheld_because(article, now, clock)}"
        audit.record(session, BY_THE_SCHEDULE, "issue.withheld", f"issue {issue.id}", detail, now)
        issue.articles.remove(item)
        _forget_headline(issue, item.title)


def _forget_headline(issue: Issue, title: str) -> None:
    """Where subject or preview line name an article that is not in the issue any more, make them of the others."""
    titles = [article.title for article in issue.articles if article.title]
    if issue.subject == title:
        issue.subject = titles[0] if titles else issue.newsletter.title
    if title and (title in issue.preview_line or issue.subject in issue.preview_line):
        issue.preview_line = preview_of([each for each in titles if each != issue.subject])

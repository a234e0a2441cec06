"""Today: what waits for an editor, what is on the way, what is to come, what went out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from math import ceil

from flask import abort, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload
from werkzeug.wrappers import Response

from mailer.articles.models import Source
from mailer.db import db
from mailer.delivery import audiences, receipt
from mailer.digests import assembly, checks
from mailer.digests.candidates import candidates
from mailer.digests.models import Issue, IssueKind, IssueState
from mailer.digests.selection import NotEnough
from mailer.newsletters import catalogue
from mailer.newsletters.models import Newsletter
from mailer.staff.models import Role
from mailer.subscriptions import audience
from mailer.web.access import requires
from mailer.web.editors import (
    articles,
    breaking,
    corrections,
    discovering,
    forms,
    holding,
    issues,
    look,
    newsletters,
    pasting,
    preview,
    pushing,
    rehearsals,
    schedules,
    sending,
    shape,
    sources,
    templates,
    testing,
    today,
    topics,
    words,
)
from mailer.web.editors.blueprint import back, desk, note
from mailer.web.editors.progress import Progress, describe
from mailer.web.house import now

__all__ = [
    "articles",
    "breaking",
    "corrections",
    "desk",
    "discovering",
    "forms",
    "holding",
    "issues",
    "look",
    "newsletters",
    "pasting",
    "preview",
    "pushing",
    "rehearsals",
    "schedules",
    "sending",
    "shape",
    "sources",
    "templates",
    "testing",
    "topics",
]

PAGE = 20
"""Issues in each part of the list."""

WAITING = (IssueState.DRAFT,)
UNDER_WAY = (IssueState.SENDING, IssueState.PAUSED)
DONE = (IssueState.SENT, IssueState.CANCELLED)

MINUTES_COUNTED = 120
"""So near its leaving a draft says the minutes that are left."""

Count = Callable[[int, int | None], int]


@dataclass(frozen=True)
class Offer:
    """A newsletter of which an issue can be drafted, unless it has no source yet."""

    newsletter: Newsletter
    articles: int  # that are new
    readers: int
    has_source: bool


@dataclass(frozen=True)
class Draft:
    """A draft, and what it still needs."""

    issue: Issue
    articles: int
    readers: int
    to_fix: int
    to_look_at: int
    leaves: str  # when it leaves by itself; "" when somebody has to send it


@dataclass(frozen=True)
class UnderWay:
    """An issue that is being sent, and how far it is."""

    issue: Issue
    progress: Progress


@desk.get("/")
@requires(Role.EDITOR)
def index() -> str:
    """All issues, those that need somebody first."""
    moment = now()
    newsletters = catalogue.everything(db.session())
    count = cache(lambda newsletter_id, schedule_id: audience.count(db.session(), newsletter_id, schedule_id))
    done = _issues(DONE, before=request.args.get("before", type=int))
    drafts = sorted(_issues(WAITING), key=lambda issue: (issue.leaves_at is None, issue.leaves_at or moment))
    todays = today.look(newsletters, moment)
    return render_template(
        "desk/index.html",
        heading=todays.sentence(len(drafts)),
        today=todays,
        now=moment,
        newsletters=[_offer(newsletter, count) for newsletter in newsletters],
        drafts=[_draft(issue, count, moment) for issue in drafts],
        under_way=[_under_way(issue) for issue in _issues(UNDER_WAY)],
        done=done,
        older=done[-1].id if len(done) == PAGE else None,
    )


@desk.post("/newsletters/<slug>/draft")
@requires(Role.EDITOR)
def draft(slug: str) -> Response:
    """Draft an issue by hand from what is new; when that is too little, say so."""
    newsletter = catalogue.by_slug(db.session(), slug) or abort(404, description="There is no such newsletter.")
    made = assembly.draft(db.session(), newsletter, schedule=None, slot=None, now=now())
    if isinstance(made, NotEnough):
        db.session.rollback()
        flash(made.sentence, "warn")
        return redirect(url_for("desk.index"), 303)
    issue_id = made.id
    note("issue.drafted", issue_id, slug)
    db.session.commit()
    return back(issue_id)


def _issues(states: Sequence[IssueState], before: int | None = None) -> Sequence[Issue]:
    query = select(Issue).where(Issue.state.in_([state.value for state in states]))
    if before is not None:
        query = query.where(Issue.id < before)
    query = query.options(joinedload(Issue.newsletter), selectinload(Issue.articles))
    return db.session.scalars(query.order_by(Issue.id.desc()).limit(PAGE)).all()


def _offer(newsletter: Newsletter, count: Count) -> Offer:
    new = candidates(db.session(), newsletter.id, None, now())
    has_source = db.session.scalar(select(Source.id).where(Source.newsletter_id == newsletter.id).limit(1)) is not None
    return Offer(newsletter, len(new), count(newsletter.id, None), has_source)


def _draft(issue: Issue, count: Count, moment: datetime) -> Draft:
    letter = issue.newsletter
    findings = checks.check(
        subject=issue.subject,
        articles=len(issue.articles),
        sender_address=letter.sender_address,
        postal_address=letter.postal_address,
    )
    to_fix = sum(finding.level is checks.Level.FIX for finding in findings)
    is_digest = issue.kind == IssueKind.DIGEST
    readers = count(issue.newsletter_id, issue.schedule_id) if is_digest else audiences.count(db.session(), issue)
    leaves = _leaves(issue, moment)
    return Draft(issue, len(issue.articles), readers, to_fix, len(findings) - to_fix, leaves)


def _leaves(issue: Issue, moment: datetime) -> str:
    """`59 min left`, or the hour when there is more time."""
    if issue.leaves_at is None or issue.held_at is not None or issue.problem:
        return ""
    left = ceil((issue.leaves_at - moment) / timedelta(minutes=1))
    if left > MINUTES_COUNTED:
        return f"Leaves {words.when(issue.leaves_at, issue.newsletter.timezone, moment)}"
    return f"{left} min left" if left > 0 else "Leaves now"


def _under_way(issue: Issue) -> UnderWay:
    books = receipt.read(db.session(), issue.id)
    return UnderWay(issue, describe(issue.state, books, issue.fanned_out_at, now()))

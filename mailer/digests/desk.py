"""What an editor does to a draft. Each change says which version it was made from; the first of two editors wins.

Every function answers the new version, or `Stale` (somebody else changed it first), or `Frozen` (it has been released
or called off). An issue or an article that is not there raises LookupError: no page of ours offers one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mailer.articles.models import Article
from mailer.digests import changes, own_templates
from mailer.digests.assembly import copies
from mailer.digests.layout import Layout
from mailer.digests.models import Issue, IssueArticle, IssueState


@dataclass(frozen=True)
class Stale:
    """Somebody changed the draft since; it is at `version` now."""

    version: int


@dataclass(frozen=True)
class Frozen:
    """The issue is no draft any more; its `state` says what it is."""

    state: str


Outcome = int | Stale | Frozen


def drop(session: Session, issue_id: int, version: int, item_id: int) -> Outcome:
    """Take an article out of the issue."""
    outcome = _take(session, issue_id, version)
    if isinstance(outcome, int):
        session.delete(_find(_items(session, issue_id), item_id))
        session.flush()
    return outcome


def move(session: Session, issue_id: int, version: int, item_id: int, places: int) -> Outcome:
    """Move an article down by so many places, up when negative; it stops at the ends."""
    outcome = _take(session, issue_id, version)
    if isinstance(outcome, int):
        items = _items(session, issue_id)
        item = _find(items, item_id)
        to = max(0, items.index(item) + places)
        items.remove(item)
        items.insert(to, item)
        for position, each in enumerate(items):
            each.position = position
        session.flush()
    return outcome


def add(session: Session, issue_id: int, version: int, article_id: int) -> Outcome:
    """Put an article at the end of the issue, as it is now. One that is in it already stays where it is."""
    outcome = _take(session, issue_id, version)
    if isinstance(outcome, int):
        items = _items(session, issue_id)
        if any(item.article_id == article_id for item in items):
            return outcome
        issue = session.get_one(Issue, issue_id)
        end = items[-1].position + 1 if items else 0
        for item in copies(session, issue.newsletter_id, [article_id], end) or _missing("article", article_id):
            item.issue_id = issue_id
            session.add(item)
        session.flush()
    return outcome


def change_text(session: Session, issue_id: int, version: int, item_id: int, *, title: str, summary: str) -> Outcome:
    """Write the headline and the summary anew for this issue; the article keeps its own."""
    outcome = _take(session, issue_id, version)
    if isinstance(outcome, int):
        item = _find(_items(session, issue_id), item_id)
        item.title, item.summary = _one_line(title), summary.strip()
        session.flush()
    return outcome


def take_changes(session: Session, issue_id: int, version: int, item_id: int) -> Outcome:
    """Print the article as its source says it now."""
    return _decide(session, issue_id, version, item_id, changes.take)


def keep_wording(session: Session, issue_id: int, version: int, item_id: int) -> Outcome:
    """Keep what the issue prints, whatever the source has changed so far."""
    return _decide(session, issue_id, version, item_id, changes.keep)


def change_subject(
    session: Session,
    issue_id: int,
    version: int,
    subject: str,
    *,
    preview_line: str | None = None,
    note: str | None = None,
) -> Outcome:
    """Write the subject anew, and with it the preview line and the editor's note; None leaves one as it is."""
    outcome = _take(session, issue_id, version)
    if isinstance(outcome, int):
        issue = session.get_one(Issue, issue_id)
        issue.subject = _one_line(subject)
        issue.preview_line = issue.preview_line if preview_line is None else _one_line(preview_line)
        issue.note = issue.note if note is None else note.strip()
        session.flush()
    return outcome


def change_place(
    session: Session, issue_id: int, version: int, item_id: int, *, heading: str, layout: str, picture_alt: str
) -> Outcome:
    """Begin a section above the article, choose how it looks, and describe its picture; empty is as usual."""
    outcome = _take(session, issue_id, version)
    if isinstance(outcome, int):
        item = _find(_items(session, issue_id), item_id)
        item.heading, item.picture_alt = _one_line(heading), _one_line(picture_alt)
        item.layout = layout if layout in [*Layout] else ""
        session.flush()
    return outcome


def change_advertisement(
    session: Session, issue_id: int, version: int, *, title: str, text: str, url: str, picture_url: str
) -> Outcome:
    """Write the advertisement; without title and text there is none."""
    outcome = _take(session, issue_id, version)
    if isinstance(outcome, int):
        issue = session.get_one(Issue, issue_id)
        issue.ad_title, issue.ad_text = _one_line(title), text.strip()
        issue.ad_url, issue.ad_picture_url = url.strip(), picture_url.strip()
        session.flush()
    return outcome


def change_look(session: Session, issue_id: int, version: int, name: str) -> Outcome:
    """Choose a look of the house, or a template of the newsletter's own by its name."""
    outcome = _take(session, issue_id, version)
    if isinstance(outcome, int):
        issue = session.get_one(Issue, issue_id)
        issue.template, issue.own_template_id = own_templates.look(session, issue.newsletter_id, name)
        session.flush()
        session.expire(issue, ["own_template"])
    return outcome


def _decide(
    session: Session, issue_id: int, version: int, item_id: int, decide: Callable[[IssueArticle, Article], None]
) -> Outcome:
    outcome = _take(session, issue_id, version)
    if isinstance(outcome, int):
        item = _find(_items(session, issue_id), item_id)
        decide(item, session.get_one(Article, item.article_id, populate_existing=True))
        session.flush()
    return outcome


def _take(session: Session, issue_id: int, version: int) -> Outcome:
    """Raise the version, which also keeps everybody else waiting until this transaction ends."""
    ours = update(Issue).where(Issue.id == issue_id, Issue.version == version, Issue.state == IssueState.DRAFT.value)
    if session.scalar(ours.values(version=version + 1).returning(Issue.id)) is not None:
        return version + 1
    row = session.execute(select(Issue.state, Issue.version).where(Issue.id == issue_id)).one_or_none()
    state, current = row or _missing("issue", issue_id)
    return Stale(current) if state == IssueState.DRAFT else Frozen(state)


def _items(session: Session, issue_id: int) -> list[IssueArticle]:
    query = select(IssueArticle).where(IssueArticle.issue_id == issue_id).order_by(IssueArticle.position)
    return list(session.scalars(query.execution_options(populate_existing=True)))


def _find(items: list[IssueArticle], item_id: int) -> IssueArticle:
    return next((item for item in items if item.id == item_id), None) or _missing("article of the issue", item_id)


def _missing(what: str, number: int) -> NoReturn:
    raise LookupError(f"There is no {what} {number}.")


def _one_line(text: str) -> str:
    return " ".join(text.split())

"""Breaking news: one article, at once, to those who asked for it; so many a day of a newsletter and no more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mailer.articles.models import Article, Sighting, Source
from mailer.articles.withholding import withheld
from mailer.digests import assembly, release
from mailer.digests.content import LONGEST_PREVIEW
from mailer.digests.models import Issue, IssueArticle, IssueKind, IssueState
from mailer.emails.plain_text import clean, shorten
from mailer.newsletters.calendar import zone
from mailer.newsletters.models import Newsletter
from mailer.subscriptions import suppression
from mailer.subscriptions.models import Subscription, SubscriptionState
from mailer.subscriptions.quiet import quiet_until

FRESH = timedelta(hours=6)
"""How long it is news. Whose quiet hours end later, or whose mail cannot leave in that time, does not get it."""


KIND = IssueKind.BREAKING
SHOWN = 30
"""Articles to pick from, and issues to look back at."""

RECENT = timedelta(days=2)
"""How old an article on that list may be."""


@dataclass(frozen=True)
class Budget:
    """How much a newsletter may send a day, and how much of it left today, on its clock. What was called off counts."""

    cap: int
    used: int

    @property
    def left(self) -> int:
        """How much may still leave."""
        return max(0, self.cap - self.used)

    @property
    def sentence(self) -> str:
        """For an editor."""
        if not self.cap:
            return "This newsletter brings no breaking news. Its overview says how many a day it may bring."
        if not self.left:
            return (
                f"All {self.cap} of today have left. The next can leave tomorrow, or the newsletter allows more a day."
            )
        return f"{self.left} of {self.cap} can still leave today."


@dataclass(frozen=True)
class Reach:
    """How many readers asked for it, how many of them get it when their quiet hours are over, and how many never."""

    readers: int = 0
    quiet: int = 0
    too_late: int = 0

    @property
    def at_once(self) -> int:
        """Who gets it now."""
        return self.readers - self.quiet - self.too_late


class Refused(Exception):
    """It cannot leave; the text says why and what to do."""


def budget(session: Session, newsletter: Newsletter, now: datetime) -> Budget:
    """What may still leave on the newsletter's day that `now` falls into."""
    clock = zone(newsletter.timezone)
    midnight = datetime.combine(now.astimezone(clock).date(), time(), clock).astimezone(UTC)
    released = (
        select(func.count())
        .select_from(Issue)
        .where(Issue.newsletter_id == newsletter.id, Issue.kind == KIND, Issue.released_at >= midnight)
    )
    return Budget(newsletter.breaking_cap, session.scalar(released) or 0)


def reach(session: Session, newsletter: Newsletter, now: datetime) -> Reach:
    """Who asked for it and may be mailed, by where their quiet hours stand at `now`.

    Who had the article already is still among them.
    """
    hours = (Subscription.quiet_from, Subscription.quiet_until, Subscription.timezone)
    groups = session.execute(
        select(*hours, func.count())
        .where(
            Subscription.newsletter_id == newsletter.id,
            Subscription.state == SubscriptionState.ACTIVE,
            Subscription.breaking,
            ~suppression.of_subscription(),
        )
        .group_by(*hours)
    )
    readers = quiet = too_late = 0
    for begins, ends, timezone, count in groups:
        until = quiet_until(begins, ends, timezone or newsletter.timezone, now)
        readers += count
        too_late += count if until and until > now + FRESH else 0
        quiet += count if until and until <= now + FRESH else 0
    return Reach(readers, quiet, too_late)


def newest(session: Session, newsletter: Newsletter, now: datetime) -> Sequence[Article]:
    """What the newsletter's sources brought lately and may be mailed, the newest first."""
    brought = select(Sighting.article_id).join(Source).where(Source.newsletter_id == newsletter.id, Source.active)
    lately = select(Article).where(Article.id.in_(brought), Article.seen_at > now - RECENT, ~withheld(now))
    return session.scalars(lately.order_by(Article.seen_at.desc(), Article.id.desc()).limit(SHOWN)).all()


def latest(session: Session, newsletter: Newsletter) -> Sequence[Issue]:
    """Its breaking news, also drafts, the newest first."""
    mine = select(Issue).where(Issue.newsletter_id == newsletter.id, Issue.kind == KIND)
    return session.scalars(mine.order_by(Issue.id.desc()).limit(SHOWN)).all()


def draft(session: Session, newsletter: Newsletter, article_id: int, now: datetime) -> Issue:
    """A draft with this article alone, for all who asked, whatever their topics; the one that is there, if any.

    Raises Refused when the article may not be mailed, LookupError when there is none.
    """
    session.get_one(Newsletter, newsletter.id, with_for_update={"key_share": True})
    article = session.get(Article, article_id)
    if article is None:
        raise LookupError(f"There is no article {article_id}.")
    _must_be_free(session, article_id, now)
    if (waiting := _waiting(session, newsletter, article_id)) is not None:
        return waiting
    items = assembly.copies(session, newsletter.id, [article_id])
    for item in items:
        item.topics = 0
    issue = Issue(
        newsletter=newsletter,
        kind=KIND.value,
        template="breaking",
        subject=article.title or newsletter.title,
        preview_line=shorten(clean(article.summary), LONGEST_PREVIEW),
        created_at=now,
        articles=items,
    )
    session.add(issue)
    session.flush()
    return issue


def send(session: Session, issue: Issue, version: int, by: str, now: datetime) -> bool:
    """Release it. False when somebody changed or released it before.

    Raises Refused when too many left today, or when its article may not be mailed any more. Two at once wait for each
    other at the newsletter's row, so that both count.
    """
    newsletter = session.get_one(
        Newsletter, issue.newsletter_id, with_for_update={"key_share": True}, populate_existing=True
    )
    today = budget(session, newsletter, now)
    if not today.left:
        raise Refused(today.sentence)
    for item in issue.articles:
        _must_be_free(session, item.article_id, now)
    return release.release(session, issue.id, version, by, now)


def _must_be_free(session: Session, article_id: int, now: datetime) -> None:
    if session.scalar(select(Article.id).where(Article.id == article_id, withheld(now))) is not None:
        raise Refused("This article may not be mailed now: it is held, embargoed, taken back or gone.")


def _waiting(session: Session, newsletter: Newsletter, article_id: int) -> Issue | None:
    drafts = (
        select(Issue)
        .join(IssueArticle)
        .where(
            Issue.newsletter_id == newsletter.id,
            Issue.kind == KIND,
            Issue.state == IssueState.DRAFT,
            IssueArticle.article_id == article_id,
        )
    )
    return session.scalars(drafts.limit(1)).first()

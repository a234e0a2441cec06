"""While you were away: one issue for readers back from a pause, of what they missed.

It is made by the system, for all readers of a newsletter who are back and follow the same schedule, out of what was
sent meanwhile. Who gets which of its articles is decided at the fan-out, as with every issue.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import reduce
from operator import or_ as or_mask

from sqlalchemy import ColumnElement, false, func, or_, select, update
from sqlalchemy.orm import Session

from mailer import texts
from mailer.articles.models import Article
from mailer.articles.withholding import withheld
from mailer.digests import release
from mailer.digests.assembly import limits
from mailer.digests.content import preview_of
from mailer.digests.models import MOST_ARTICLES, PRINTED, Issue, IssueArticle, IssueKind, IssueState
from mailer.newsletters.calendar import UnknownZone, zone
from mailer.newsletters.models import Newsletter, Schedule
from mailer.subscriptions import suppression
from mailer.subscriptions.models import Subscription, SubscriptionState
from mailer.texts import mark

SUBJECT = mark("While you were away")
BY_THE_SYSTEM = "system"
"""Who released it."""
FROM_HOUR, UNTIL_HOUR = time(7), time(21)
"""On the newsletter's clock: when it may leave."""
APART = timedelta(hours=6)
"""Between two such issues for readers of the same schedule, so that who comes back meanwhile shares the next one."""
STILL_DUE = timedelta(days=2)
"""What was released so long before a pause may have been due in it, at an hour of the reader's own or at a retry."""


@dataclass(frozen=True)
class Group:
    """Readers back from a pause who follow the same schedule, None for every issue. The first left at `since`."""

    newsletter_id: int
    schedule_id: int | None
    since: datetime


def groups(session: Session) -> list[Group]:
    """Everybody who is back and waits for what they missed."""
    rows = session.execute(
        select(Subscription.newsletter_id, Subscription.schedule_id, func.min(Subscription.away_from))
        .where(back(), ~suppression.of_subscription())
        .group_by(Subscription.newsletter_id, Subscription.schedule_id)
        .order_by(Subscription.newsletter_id, Subscription.schedule_id)
    )
    return [Group(newsletter_id, schedule_id, since) for newsletter_id, schedule_id, since in rows if since]


def bring(session: Session, group: Group, now: datetime) -> int | None:
    """Make their issue and release it: its id, to be fanned out. None at night, too soon, or when nothing was missed.

    Who missed nothing is waiting no more.
    """
    newsletter = session.get_one(Newsletter, group.newsletter_id, with_for_update={"key_share": True})
    if not _is_day(newsletter, now) or _brought(session, group, now - APART):
        return None
    articles = _articles(session, group, now)
    if not articles:
        _missed_nothing(session, group)
        return None
    issue = Issue(
        newsletter=newsletter,
        schedule_id=group.schedule_id,
        kind=IssueKind.AWAY.value,
        subject=texts.translate(texts.choose(newsletter.language), SUBJECT),
        preview_line=preview_of([article.title for article in articles if article.title]),
        created_at=now,
        articles=articles,
    )
    session.add(issue)
    session.flush()
    release.release(session, issue.id, issue.version, BY_THE_SYSTEM, now)
    return issue.id


def back() -> ColumnElement[bool]:
    """SQL: a subscription that is back from a pause and waits for what it missed."""
    return (Subscription.state == SubscriptionState.ACTIVE) & Subscription.away_from.is_not(None)


def follow(schedule_id: int | None) -> ColumnElement[bool]:
    """SQL: a subscription to this schedule, None for every one."""
    return Subscription.schedule_id.is_not_distinct_from(schedule_id)


def missed_issues(session: Session, issue: Issue, among: Collection[int]) -> Sequence[Issue]:
    """Which of these issues readers of this one can have missed."""
    released_at = issue.released_at or issue.created_at
    sent = select(Issue).where(_sent(issue.newsletter_id, issue.schedule_id), Issue.released_at <= released_at)
    return session.scalars(sent.where(Issue.id.in_(among)).order_by(Issue.id)).all()


def most(session: Session, issue: Issue) -> int:
    """How many articles a reader of it gets at the most: as many as in one issue of the newsletter."""
    schedules = select(Schedule).where(Schedule.newsletter_id == issue.newsletter_id, Schedule.active)
    found = session.scalars(schedules).all()
    theirs = [each for each in found if issue.schedule_id in (None, each.id)]
    return max((limits(each)[1] for each in theirs), default=limits(None)[1])


def _is_day(newsletter: Newsletter, now: datetime) -> bool:
    try:
        clock = now.astimezone(zone(newsletter.timezone))
    except UnknownZone:
        clock = now.astimezone(UTC)
    return FROM_HOUR <= clock.time() < UNTIL_HOUR


def _brought(session: Session, group: Group, since: datetime) -> bool:
    made = select(Issue.id).where(
        Issue.newsletter_id == group.newsletter_id,
        Issue.schedule_id.is_not_distinct_from(group.schedule_id),
        Issue.kind == IssueKind.AWAY,
        Issue.created_at > since,
    )
    return session.scalar(made.limit(1)) is not None


def _sent(newsletter_id: int, schedule_id: int | None) -> ColumnElement[bool]:
    """Issues of the newsletter that left for readers of this schedule; an away issue may have been missed as well."""
    everybody = Issue.schedule_id.is_(None) if schedule_id is not None else ~false()
    return (
        (Issue.newsletter_id == newsletter_id)
        & Issue.kind.in_((IssueKind.DIGEST.value, IssueKind.AWAY.value))
        & Issue.state.in_((IssueState.SENDING.value, IssueState.PAUSED.value, IssueState.SENT.value))
        & Issue.fanned_out_at.is_not(None)
        & or_(Issue.schedule_id == schedule_id, everybody)
    )


def _articles(session: Session, group: Group, now: datetime) -> list[IssueArticle]:
    """What was sent meanwhile, each thing once: what led its issue first, and of equals the newest.

    It is for everybody whom any of those issues had it for: its topics may have changed between them.
    """
    rows = session.execute(
        select(IssueArticle, func.coalesce(Article.cluster_id, Article.id))
        .join(Issue, Issue.id == IssueArticle.issue_id)
        .join(Article, Article.id == IssueArticle.article_id)
        .where(_sent(group.newsletter_id, group.schedule_id), Issue.released_at >= group.since - STILL_DUE)
        .where(~withheld(now))
        .order_by(IssueArticle.position, Issue.released_at.desc(), IssueArticle.id)
    )
    sent: dict[int, list[IssueArticle]] = {}
    for item, same in rows:
        sent.setdefault(same, []).append(item)
    return [_copy(items, place) for place, items in enumerate(list(sent.values())[:MOST_ARTICLES])]


def _copy(items: Sequence[IssueArticle], position: int) -> IssueArticle:
    """The first of these, which tell the same, for the readers of all; without topics one is for every reader."""
    item, masks = items[0], [each.topics for each in items]
    return IssueArticle(
        article_id=item.article_id,
        position=position,
        topics=reduce(or_mask, masks) if all(masks) else 0,
        **{word: getattr(item, word) for word in PRINTED},
    )


def _missed_nothing(session: Session, group: Group) -> None:
    mine = update(Subscription).where(
        Subscription.newsletter_id == group.newsletter_id,
        follow(group.schedule_id),
        back(),
        Subscription.away_from >= group.since,
    )
    session.execute(mine.values(away_from=None).execution_options(synchronize_session=False))

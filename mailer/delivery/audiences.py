"""Who gets an issue of which kind, and which of its articles are due to each before their history is looked at."""

from datetime import time

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, literal, or_, select, update
from sqlalchemy.orm import Session, aliased

from mailer.db import BigInt, UtcDateTime
from mailer.delivery import history
from mailer.delivery.history import Earlier, any_of
from mailer.delivery.models import Delivery, DeliveryState, SkipReason
from mailer.digests import away
from mailer.digests.models import EVERY_ARTICLE, Issue, IssueArticle, IssueKind
from mailer.subscriptions import audience, suppression
from mailer.subscriptions.models import Subscription

_HAS_IT = (DeliveryState.ACCEPTED.value, DeliveryState.UNCERTAIN.value)


def of(session: Session, issue: Issue) -> Select[int, int, time | None, str, time | None, time | None]:
    """The audience: (subscriber id, `chosen`, hours and zone as `audience.members` has them), in no order.

    `chosen` is the mask of the articles that this reader wants.
    """
    match IssueKind(issue.kind):
        case IssueKind.DIGEST:
            members, chosen = audience.members(issue.newsletter_id, issue.schedule_id), _chosen(issue)
        case IssueKind.BREAKING:
            members = audience.members(issue.newsletter_id, None).where(Subscription.breaking)
            chosen = _chosen(issue)
        case IssueKind.CORRECTION:
            members = audience.members(issue.newsletter_id, None).where(*_to_be_corrected(issue))
            chosen = literal(_every_bit(issue) or EVERY_ARTICLE, BigInt)
        case IssueKind.AWAY:
            missed = _missed(session, issue)
            members = audience.members(issue.newsletter_id, None).where(*_away(issue), missed != 0)
            chosen = _chosen(issue).bitwise_and(missed)
    return members.with_only_columns(
        Subscription.subscriber_id,
        chosen.label("chosen"),
        Subscription.delivery_hour,
        Subscription.timezone,
        Subscription.quiet_from,
        Subscription.quiet_until,
    )


def count(session: Session, issue: Issue) -> int:
    """How many readers `of` names now."""
    return session.scalar(select(func.count()).select_from(of(session, issue).subquery())) or 0


def settle(session: Session, issue: Issue) -> None:
    """Once its deliveries are there: who is back from a pause has what they missed, or missed nothing."""
    if issue.kind != IssueKind.AWAY:
        return
    named = exists().where(Delivery.issue_id == issue.id, Delivery.subscriber_id == Subscription.subscriber_id)
    over = or_(named, _missed(session, issue) == 0, suppression.of_subscription())
    back = update(Subscription).where(Subscription.newsletter_id == issue.newsletter_id, *_away(issue), over)
    session.execute(back.values(away_from=None).execution_options(synchronize_session=False))


def _chosen(issue: Issue) -> ColumnElement[int]:
    """The articles that are for everybody or of a topic that the reader chose."""
    bits: dict[int, int] = {}
    for article in issue.articles:
        bits[article.topics] = bits.get(article.topics, 0) | article.bit
    masks: list[ColumnElement[int]] = [literal(bits.pop(0, 0), BigInt)]
    for topics, mask in bits.items():
        wanted = Subscription.topics.bitwise_and(literal(topics, BigInt)) != 0
        masks.append(case((wanted, literal(mask, BigInt)), else_=literal(0, BigInt)))
    return any_of(masks)


def _every_bit(issue: Issue) -> int:
    return sum(article.bit for article in issue.articles)


def _to_be_corrected(issue: Issue) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Who received the article, from any newsletter, and was not told by another newsletter's issue."""
    article_id = issue.correction.article_id if issue.correction else None
    mine = Delivery.subscriber_id == Subscription.subscriber_id
    theirs = Delivery.edition.bitwise_and(literal(1, BigInt).bitwise_lshift(IssueArticle.position)) != 0
    has_it = (
        select(Delivery.issue_id)
        .join(IssueArticle, IssueArticle.issue_id == Delivery.issue_id)
        .join(Issue, Issue.id == Delivery.issue_id)
        .where(IssueArticle.article_id == article_id, Issue.kind != IssueKind.CORRECTION.value)
        .where(mine, theirs, Delivery.state.in_(_HAS_IT))
    )
    told = (
        select(Delivery.issue_id)
        .join(Issue, Issue.id == Delivery.issue_id)
        .where(Issue.correction_id == issue.correction_id, Issue.id != issue.id)
        .where(mine, Delivery.state.in_(history.RECEIVED))
    )
    return _of_reader(has_it).exists(), ~_of_reader(told).exists()


def _of_reader(query: Select[int]) -> Select[int]:
    return query.correlate(Subscription)


def _away(issue: Issue) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Those who are back from a pause and follow the same schedule."""
    return away.back(), away.follow(issue.schedule_id)


def _missed(session: Session, issue: Issue) -> ColumnElement[int]:
    """The articles of issues that were for the reader and came while they were away."""
    found = {other.issue_id: other for other in history.earlier(session, issue.id)}
    return any_of([_missed_of(source, found[source.id]) for source in away.missed_issues(session, issue, found)])


def _missed_of(source: Issue, other: Earlier) -> ColumnElement[int]:
    """Released in the pause, or before it and not sent any more because of it."""
    skipped = aliased(Delivery)
    late = (
        select(other.ours(skipped.edition))
        .where(skipped.issue_id == source.id, skipped.subscriber_id == Subscription.subscriber_id)
        .where(skipped.state == DeliveryState.SKIPPED.value, skipped.answer == SkipReason.PAUSED.value)
        .correlate(Subscription)
    )
    left_out = func.coalesce(late.scalar_subquery(), literal(0, BigInt))
    if source.kind != IssueKind.DIGEST:
        return left_out
    released_at = literal(source.released_at, UtcDateTime)
    was_theirs = or_(Subscription.confirmed_at.is_(None), Subscription.confirmed_at <= released_at)
    away_then = and_(Subscription.away_from <= released_at, was_theirs)
    return left_out.bitwise_or(case((away_then, literal(other.shared, BigInt)), else_=literal(0, BigInt)))

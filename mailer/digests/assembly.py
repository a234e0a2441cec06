"""The draft of an issue: what is new since the last one, chosen, copied and put in order."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Subquery, func, or_, select
from sqlalchemy.orm import Session

from mailer.articles.models import Article, Sighting, Source
from mailer.digests.content import preview_of
from mailer.digests.models import Issue, IssueArticle, IssueState
from mailer.digests.selection import Candidate, NotEnough, pick
from mailer.newsletters.models import Newsletter, Schedule, Slot, Topic

MOST_CANDIDATES = 200
"""Articles looked at for one issue."""
BY_HAND = (1, 12)
"""The fewest and the most articles of an issue that follows no schedule."""
OVERLAP = timedelta(minutes=1)
"""How far we look back behind the last draft: a poll that was still storing then is older than it, but was not seen."""


def draft(
    session: Session, newsletter: Newsletter, *, schedule: Schedule | None, slot: Slot | None, now: datetime
) -> Issue | NotEnough:
    """Make a draft from what is new; without a schedule it is an issue by hand, for every reader of the newsletter.

    Drafts of one newsletter wait for each other, so that two at once do not hold the same articles.
    """
    session.get_one(Newsletter, newsletter.id, with_for_update={"key_share": True})
    minimum, maximum = (schedule.minimum_articles, schedule.maximum_articles) if schedule else BY_HAND
    picks = pick(candidates(session, newsletter.id, schedule), minimum=minimum, maximum=maximum)
    if isinstance(picks, NotEnough):
        return picks
    articles = copies(session, newsletter.id, picks)
    issue = Issue(
        newsletter=newsletter,
        schedule_id=schedule.id if schedule else None,
        slot=slot,
        state=IssueState.DRAFT.value,
        version=1,
        subject=articles[0].title or newsletter.title,
        preview_line=preview_of([article.title for article in articles[1:] if article.title]),
        created_at=now,
        articles=articles,
    )
    session.add(issue)
    session.flush()
    return issue


def candidates(session: Session, newsletter_id: int, schedule: Schedule | None) -> list[Candidate]:
    """The newest articles that the newsletter's active sources brought since the last issue and no issue has yet."""
    seen = _seen_since_last(session, newsletter_id, schedule)
    newest = func.coalesce(Article.published_at, seen.c.seen_at)
    query = (
        select(Article.id, seen.c.seen_at, Article.published_at, Article.picture_url != "")
        .join(seen, seen.c.article_id == Article.id)
        .where(~_taken(newsletter_id, schedule))
        .order_by(newest.desc(), Article.id)
        .limit(MOST_CANDIDATES)
    )
    return [Candidate(*row) for row in session.execute(query)]


def copies(session: Session, newsletter_id: int, article_ids: Sequence[int], first: int = 0) -> list[IssueArticle]:
    """The articles as an issue prints them, in this order, with positions from `first` on; unknown ids are left out."""
    rows = session.scalars(select(Article).where(Article.id.in_(article_ids)))
    known = {article.id: article for article in rows}
    topics = _topics(session, newsletter_id, article_ids)
    present = [known[article_id] for article_id in article_ids if article_id in known]
    return [_copy(article, position, topics[article.id]) for position, article in enumerate(present, first)]


def _seen_since_last(session: Session, newsletter_id: int, schedule: Schedule | None) -> Subquery:
    first_seen = func.min(Sighting.seen_at)
    query = (
        select(Sighting.article_id, first_seen.label("seen_at"))
        .join(Source, Source.id == Sighting.source_id)
        .where(Source.newsletter_id == newsletter_id, Source.active)
        .group_by(Sighting.article_id)
    )
    last = select(func.max(Issue.created_at)).where(_living(newsletter_id))
    if schedule is not None:
        last = last.where(Issue.schedule_id == schedule.id)
    drafted_at = session.scalar(last)
    return (query if drafted_at is None else query.having(first_seen > drafted_at - OVERLAP)).subquery()


def _living(newsletter_id: int) -> ColumnElement[bool]:
    """An issue of the newsletter that was not cancelled; a cancelled one gives its articles back."""
    return (Issue.newsletter_id == newsletter_id) & (Issue.state != IssueState.CANCELLED)


def _taken(newsletter_id: int, schedule: Schedule | None) -> ColumnElement[bool]:
    """The article is in an issue that these readers have or will have.

    A released issue by hand went to everybody. A draft by hand may never leave, so it keeps nothing from a schedule.
    """
    held = select(IssueArticle.id).join(Issue).where(_living(newsletter_id), IssueArticle.article_id == Article.id)
    if schedule is not None:
        by_hand = Issue.schedule_id.is_(None) & (Issue.state != IssueState.DRAFT)
        held = held.where(or_(Issue.schedule_id == schedule.id, by_hand))
    return held.exists()


def _topics(session: Session, newsletter_id: int, article_ids: Sequence[int]) -> dict[int, int]:
    """The mask of each article: the topics of the sources that brought it.

    0, for every reader, when one of them has no topic or when none is the newsletter's.
    """
    query = (
        select(Sighting.article_id, Topic)
        .join(Source, Source.id == Sighting.source_id)
        .outerjoin(Topic, Topic.id == Source.topic_id)
        .where(Source.newsletter_id == newsletter_id, Source.active, Sighting.article_id.in_(article_ids))
    )
    found: dict[int, set[int]] = defaultdict(set)
    for article_id, topic in session.execute(query):
        found[article_id].add(topic.mask if topic else 0)
    return {article_id: 0 if 0 in found[article_id] else sum(found[article_id]) for article_id in article_ids}


def _copy(article: Article, position: int, topics: int) -> IssueArticle:
    return IssueArticle(
        article_id=article.id,
        position=position,
        topics=topics,
        url=article.url,
        title=article.title,
        summary=article.summary,
        picture_url=article.picture_url,
        picture_alt=article.picture_alt,
        author=article.author,
        section=article.section,
        language=article.language,
    )

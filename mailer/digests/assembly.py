"""The draft of an issue: what is new since the last one, chosen, copied and put in order."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import reduce
from operator import or_

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.articles.models import Article
from mailer.articles.topics import topics_of
from mailer.digests import own_templates
from mailer.digests.candidates import candidates
from mailer.digests.content import preview_of
from mailer.digests.models import MOST_ARTICLES, PRINTED, Issue, IssueArticle, IssueState
from mailer.digests.selection import NotEnough, Selection, in_sections, pick, too_few
from mailer.newsletters.models import Mode, Newsletter, Schedule, Slot

BY_HAND = (1, 12)
"""The fewest and the most articles of an issue that follows no schedule."""


def draft(
    session: Session, newsletter: Newsletter, *, schedule: Schedule | None, slot: Slot | None, now: datetime
) -> Issue | NotEnough:
    """Make a draft from what is new; without a schedule it is an issue by hand, for every reader of the newsletter.

    Drafts of one newsletter wait for each other, so that two at once do not hold the same articles.
    """
    session.get_one(Newsletter, newsletter.id, with_for_update={"key_share": True})
    minimum, maximum = limits(schedule)
    picks = pick(candidates(session, newsletter.id, schedule, _leaving(slot, now)), maximum)
    if few := too_few(picks, minimum):
        return few
    articles = printed(session, newsletter, picks)
    template, own_template_id = own_templates.look(session, newsletter.id, schedule.template if schedule else "digest")
    issue = Issue(
        newsletter=newsletter,
        schedule_id=schedule.id if schedule else None,
        slot=slot,
        template=template,
        own_template_id=own_template_id,
        state=IssueState.DRAFT.value,
        version=1,
        subject=articles[0].title or newsletter.title,
        preview_line=preview_of([article.title for article in articles[1:] if article.title]),
        leaves_at=slot.due_at if slot and slot.schedule.mode != Mode.BY_HAND else None,
        created_at=now,
        articles=articles,
    )
    session.add(issue)
    session.flush()
    return issue


def limits(schedule: Schedule | None) -> tuple[int, int]:
    """The fewest and the most articles of an issue."""
    if schedule is None:
        return BY_HAND
    return schedule.minimum_articles, min(schedule.maximum_articles, MOST_ARTICLES)


def copies(session: Session, newsletter_id: int, article_ids: Sequence[int], first: int = 0) -> list[IssueArticle]:
    """The articles as an issue prints them, in this order, with positions from `first` on; unknown ids are left out."""
    return _copies(session, article_ids, topics_of(session, newsletter_id, article_ids), first)


def printed(session: Session, newsletter: Newsletter, picks: Selection) -> list[IssueArticle]:
    """The chosen articles as an issue prints them, in its order and under its headings; no issue has them yet."""
    topics = _topics(session, newsletter.id, picks)
    ordered, sections = in_sections(picks.chosen, topics)
    articles = _copies(session, ordered, topics)
    titles = {topic.mask: topic.title for topic in newsletter.topics} if sections else {}
    for article in articles:
        article.heading = titles.get(sections.get(article.article_id, 0), "")
    return articles


def _copies(
    session: Session, article_ids: Sequence[int], topics: Mapping[int, int], first: int = 0
) -> list[IssueArticle]:
    rows = session.scalars(select(Article).where(Article.id.in_(article_ids)))
    known = {article.id: article for article in rows}
    present = [known[article_id] for article_id in article_ids if article_id in known]
    return [_copy(article, position, topics[article.id]) for position, article in enumerate(present, first)]


def _topics(session: Session, newsletter_id: int, picks: Selection) -> dict[int, int]:
    """The mask of each chosen article: its own topics and those of the near-duplicates it stands for."""
    alike = {article_id: picks.stands_for(article_id) for article_id in picks.chosen}
    masks = topics_of(session, newsletter_id, [each for group in alike.values() for each in group])
    return {article_id: _together([masks[each] for each in group]) for article_id, group in alike.items()}


def _together(masks: Sequence[int]) -> int:
    """0, which is for every reader, when one of them is."""
    return 0 if 0 in masks else reduce(or_, masks)


def _leaving(slot: Slot | None, now: datetime) -> datetime:
    """When the issue leaves at the earliest: an embargo that ends before that does not keep an article out."""
    return max(slot.due_at, now) if slot else now


def _copy(article: Article, position: int, topics: int) -> IssueArticle:
    return IssueArticle(
        article_id=article.id,
        position=position,
        topics=topics,
        as_of=article.updated_at,
        **{word: getattr(article, word) for word in PRINTED},
    )

"""To which topics of a newsletter an article belongs: those of its sources, and those of the rules for its categories.

A change of a source's topic or of a rule counts for every issue drafted from then on.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from mailer.articles.models import Article, Sighting, Source, TopicRule
from mailer.articles.text import line
from mailer.newsletters.models import Newsletter, Topic

RECENT = timedelta(days=30)
"""How far back categories are counted."""

MOST_ARTICLES, MOST_CATEGORIES = 5000, 200
"""As many articles are looked at, and as many categories are offered."""

LONGEST = 200
"""Characters of a category."""


class CannotAddRule(Exception):
    """The rule cannot be added; the text is a sentence for an editor."""


@dataclass(frozen=True)
class Category:
    """A category of a newsletter's sources, as they spell it, and how many recent articles have it.

    `topics` are the titles of the topics that rules without a source give it.
    """

    name: str
    articles: int
    topics: tuple[str, ...]


def topics_of(session: Session, newsletter_id: int, article_ids: Sequence[int]) -> dict[int, int]:
    """The mask of each article: what its sources and the rules for its categories say together.

    0, for every reader, when one of its sources has no topic and no rule applies there, and when no active source of
    the newsletter has it.
    """
    said = defaultdict[tuple[str, int | None], int](int)
    for rule in rules(session, newsletter_id):
        said[rule.category, rule.source_id] |= rule.topic.mask
    query = (
        select(Article.id, Article.categories, Article.section, Source.id, Topic.bit)
        .join(Sighting, Sighting.article_id == Article.id)
        .join(Source, Source.id == Sighting.source_id)
        .outerjoin(Topic, Topic.id == Source.topic_id)
        .where(Source.newsletter_id == newsletter_id, Source.active, Article.id.in_(article_ids))
    )
    found: dict[int, list[int]] = defaultdict(list)
    for article_id, categories, section, source_id, bit in session.execute(query):
        mask = 0 if bit is None else 1 << bit
        for key in _names(categories, section):
            mask |= said.get((key, source_id), 0) | said.get((key, None), 0)
        found[article_id].append(mask)
    return {article_id: _either(found.get(article_id, [])) for article_id in article_ids}


def rules(session: Session, newsletter_id: int) -> list[TopicRule]:
    """The newsletter's rules, by category; those of any source first."""
    query = select(TopicRule).where(TopicRule.newsletter_id == newsletter_id)
    found = session.scalars(query.options(joinedload(TopicRule.topic), joinedload(TopicRule.source)))
    return sorted(found, key=lambda rule: (rule.category, rule.source_id is not None, rule.id))


def add_rule(session: Session, topic: Topic, category: str, source: Source | None = None) -> TopicRule:
    """From now on articles with this category, from one source or from all, belong to the topic.

    A rule that is there for the same category and source gives way. Raises CannotAddRule.
    """
    name = _key(line(category))
    if not name or len(name) > LONGEST:
        raise CannotAddRule(f"A category has 1 to {LONGEST} characters.")
    if source is not None and source.newsletter_id != topic.newsletter_id:
        raise CannotAddRule("That source belongs to another newsletter.")
    # Rules without a source are not unique to the database, which takes two empty ones for different.
    session.get_one(Newsletter, topic.newsletter_id, with_for_update={"key_share": True})
    source_id = source.id if source else None
    same = select(TopicRule).where(
        TopicRule.newsletter_id == topic.newsletter_id, TopicRule.category == name, TopicRule.source_id == source_id
    )
    rule = session.scalars(same).one_or_none() or TopicRule(
        newsletter_id=topic.newsletter_id, source_id=source_id, category=name
    )
    rule.topic = topic
    session.add(rule)
    session.flush()
    return rule


def remove_rule(session: Session, newsletter_id: int, rule_id: int) -> TopicRule | None:
    """Forget a rule of the newsletter. The rule that is gone, None when there was none."""
    rule = session.scalars(
        select(TopicRule)
        .where(TopicRule.newsletter_id == newsletter_id, TopicRule.id == rule_id)
        .options(joinedload(TopicRule.topic), joinedload(TopicRule.source))
    ).one_or_none()
    if rule is not None:
        session.delete(rule)
        session.flush()
    return rule


def categories(session: Session, newsletter_id: int, now: datetime) -> list[Category]:
    """What the newsletter's sources put their recent articles under, most frequent first."""
    brought = select(Sighting.article_id).join(Source).where(Source.newsletter_id == newsletter_id)
    recent = select(Article.categories, Article.section).where(
        Article.id.in_(brought), Article.seen_at > now - RECENT, or_(Article.categories != "", Article.section != "")
    )
    counted, spelled = Counter[str](), dict[str, str]()
    for row in session.execute(recent.order_by(Article.seen_at.desc(), Article.id.desc()).limit(MOST_ARTICLES)):
        names = _names(row.categories, row.section)
        counted.update(names.keys())
        spelled = names | spelled
    titles: dict[str, list[str]] = defaultdict(list)
    for rule in rules(session, newsletter_id):
        if rule.source_id is None:
            titles[rule.category].append(rule.topic.title)
    most = sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:MOST_CATEGORIES]
    return [Category(spelled[key], number, tuple(titles[key])) for key, number in most]


def _names(categories: str, section: str) -> dict[str, str]:
    """The categories of an article by their keys. What came in before they were kept has only a section."""
    names: dict[str, str] = {}
    for name in filter(None, [section, *categories.split("\n")]):
        names.setdefault(_key(name), name)
    return names


def _key(category: str) -> str:
    """The same for capital and small letters, also for the I of Azerbaijani and Turkish with and without its dot."""
    return category.casefold().replace("ı", "i").replace("i\u0307", "i")


def _either(masks: Sequence[int]) -> int:
    together = 0
    for mask in masks:
        if not mask:
            return 0
        together |= mask
    return together

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from mailer.articles.models import Article, Source
from mailer.articles.topics import CannotAddRule, Category, add_rule, categories, remove_rule, rules, topics_of
from mailer.newsletters.models import Newsletter, Topic
from tests.digests.making import NOW, make_source, make_topic, see, sight
from tests.newsletters.making import make_newsletter


@pytest.fixture
def newsletter(session: Session) -> Newsletter:
    return make_newsletter(session)


@pytest.fixture
def city(session: Session, newsletter: Newsletter) -> Topic:
    return make_topic(session, newsletter, "city", 0)


@pytest.fixture
def sport(session: Session, newsletter: Newsletter) -> Topic:
    return make_topic(session, newsletter, "sport", 3)


@pytest.fixture
def source(session: Session, newsletter: Newsletter) -> Source:
    return make_source(session, newsletter)


def mask(session: Session, article: Article, newsletter: Newsletter) -> int:
    return topics_of(session, newsletter.id, [article.id])[article.id]


def test_without_a_rule_or_a_topic_of_its_source_an_article_is_for_everybody(
    session: Session, newsletter: Newsletter, source: Source, city: Topic
) -> None:
    add_rule(session, city, "Council")
    article = see(session, source, "Tram", NOW, categories="Transport\nHarbour")
    assert mask(session, article, newsletter) == 0
    assert topics_of(session, newsletter.id, [article.id + 1]) == {article.id + 1: 0}


def test_a_category_puts_an_article_into_a_topic_whatever_its_case(
    session: Session, newsletter: Newsletter, source: Source, city: Topic
) -> None:
    add_rule(session, city, "  şəhər   HƏYATI ")
    add_rule(session, city, "İdman")
    for number, category in enumerate(("Şəhər həyatı", "ŞƏHƏR HƏYATI", "idman", "İDMAN")):
        article = see(session, source, f"Tram {number}", NOW, categories=f"Nəqliyyat\n{category}")
        assert mask(session, article, newsletter) == city.mask


def test_a_section_counts_where_no_categories_were_kept(
    session: Session, newsletter: Newsletter, source: Source, city: Topic
) -> None:
    add_rule(session, city, "Council")
    assert mask(session, see(session, source, "Tram", NOW, section="Council"), newsletter) == city.mask


def test_several_rules_and_the_topic_of_the_source_add_up(
    session: Session, newsletter: Newsletter, city: Topic, sport: Topic
) -> None:
    world = make_topic(session, newsletter, "world", 61)
    source = make_source(session, newsletter, "world", topic_id=world.id)
    for topic, category in ((city, "Council"), (sport, "Rowing")):
        add_rule(session, topic, category)
    article = see(session, source, "Regatta", NOW, categories="Rowing\nCouncil")
    assert mask(session, article, newsletter) == city.mask | sport.mask | world.mask


def test_a_rule_of_one_source_says_nothing_of_another(
    session: Session, newsletter: Newsletter, source: Source, city: Topic, sport: Topic
) -> None:
    other = make_source(session, newsletter, "other")
    add_rule(session, city, "Local", source)
    add_rule(session, sport, "Local", other)
    article = see(session, source, "Tram", NOW, categories="Local")
    assert mask(session, article, newsletter) == city.mask
    sight(session, other, article, NOW)
    assert mask(session, article, newsletter) == city.mask | sport.mask
    sight(session, make_source(session, newsletter, "third"), article, NOW)
    assert mask(session, article, newsletter) == 0


def test_rules_of_another_newsletter_say_nothing(session: Session, newsletter: Newsletter, source: Source) -> None:
    evening = make_newsletter(session, "evening")
    add_rule(session, make_topic(session, evening, "city", 0), "Local")
    assert mask(session, see(session, source, "Tram", NOW, categories="Local"), newsletter) == 0


def test_one_category_has_one_topic_at_a_source(
    session: Session, newsletter: Newsletter, source: Source, city: Topic, sport: Topic
) -> None:
    first = add_rule(session, city, "Local")
    assert add_rule(session, sport, "LOCAL") is first
    bound = add_rule(session, city, "local", source)
    assert rules(session, newsletter.id) == [first, bound]
    assert (first.topic, bound.topic) == (sport, city)
    assert remove_rule(session, newsletter.id, first.id) is first
    assert remove_rule(session, newsletter.id, first.id) is None
    assert rules(session, newsletter.id) == [bound]


@pytest.mark.parametrize("category", ["", "  ", "x" * 201])
def test_a_rule_needs_a_category(session: Session, city: Topic, category: str) -> None:
    with pytest.raises(CannotAddRule, match=r"1 to 200 characters\."):
        add_rule(session, city, category)


def test_a_rule_needs_a_source_of_its_newsletter(session: Session, source: Source) -> None:
    evening = make_topic(session, make_newsletter(session, "evening"), "city", 0)
    with pytest.raises(CannotAddRule, match=r"another newsletter\."):
        add_rule(session, evening, "Local", source)


def test_categories_are_offered_with_how_often_they_come(
    session: Session, newsletter: Newsletter, source: Source, city: Topic
) -> None:
    other = make_source(session, newsletter, "other")
    see(session, source, "Old", NOW - timedelta(days=31), categories="Long ago")
    sight(session, other, see(session, source, "One", NOW, categories="Local\nHarbour"), NOW)
    see(session, source, "Two", NOW, categories="local", section="Local")
    see(session, source, "Three", NOW, section="Weather")
    see(session, make_source(session, make_newsletter(session, "evening")), "Four", NOW, section="Elsewhere")
    add_rule(session, city, "local")
    add_rule(session, city, "Weather", source)
    assert categories(session, newsletter.id, NOW) == [
        Category("Local", 2, ("City",)),
        Category("Harbour", 1, ()),
        Category("Weather", 1, ()),
    ]

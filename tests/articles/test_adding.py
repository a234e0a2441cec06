import pytest
from sqlalchemy.orm import Session

from mailer.articles import polling
from mailer.articles.adding import TOPICS, CannotAdd, add, find_or_add_topic, pasted
from mailer.articles.kinds import SourceKind
from mailer.newsletters.models import EVERY_TOPIC, Topic
from tests.articles.making import HOME, NOW
from tests.newsletters.making import make_newsletter


def test_a_new_source_is_due_at_once(session: Session) -> None:
    newsletter = make_newsletter(session)
    added = add(session, newsletter, SourceKind.FEED, "HTTPS://Ledger.Example/şəhər", "The Ledger", None, NOW)
    assert added.url == "https://ledger.example/%C5%9F%C9%99h%C9%99r"
    assert (added.newsletter_id, added.title, added.next_poll_at) == (newsletter.id, "The Ledger", NOW)


def test_a_newsletter_has_a_source_once_but_two_may_share_it(session: Session) -> None:
    morning, evening = make_newsletter(session), make_newsletter(session, "evening")
    add(session, morning, SourceKind.FEED, f"{HOME}/feed", "", None, NOW)
    with pytest.raises(CannotAdd, match=r"^morning has this source already\.$"):
        add(session, morning, SourceKind.FEED, "https://LEDGER.example/feed", "", None, NOW)
    add(session, evening, SourceKind.FEED, f"{HOME}/feed", "", None, NOW)


def test_an_address_that_is_none_is_refused(session: Session) -> None:
    with pytest.raises(CannotAdd, match="not one of the web"):
        add(session, make_newsletter(session), SourceKind.FEED, "ledger.example/feed", "", None, NOW)


def test_a_new_topic_takes_the_next_bit(session: Session) -> None:
    newsletter = make_newsletter(session)
    city = find_or_add_topic(session, newsletter, "city")
    news = find_or_add_topic(session, newsletter, "world-news")
    assert (city.bit, news.bit, news.title) == (0, 1, "World news")
    assert find_or_add_topic(session, newsletter, "city") is city
    assert find_or_add_topic(session, make_newsletter(session, "evening"), "city").bit == 0


def test_there_are_as_many_topics_as_a_mask_has_bits(session: Session) -> None:
    assert EVERY_TOPIC == (1 << TOPICS) - 1
    newsletter = make_newsletter(session)
    session.add(Topic(newsletter_id=newsletter.id, slug="last", title="Last", bit=TOPICS - 1))
    session.flush()
    with pytest.raises(CannotAdd, match="as many as there can be"):
        find_or_add_topic(session, newsletter, "one-more")


def test_pasted_articles_have_one_source_of_their_newsletter_which_nobody_reads(session: Session) -> None:
    newsletter = make_newsletter(session)
    first = pasted(session, newsletter, NOW)
    assert pasted(session, newsletter, NOW) is first
    assert pasted(session, make_newsletter(session, "evening"), NOW) is not first
    assert polling.due(session, NOW, 10) == []

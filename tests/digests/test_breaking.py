"""Breaking news: what may leave a day, and with which article."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from mailer.articles.models import Article
from mailer.digests import breaking
from mailer.digests.breaking import Budget, Reach, Refused
from mailer.digests.models import Issue, IssueState
from mailer.newsletters.models import Newsletter
from mailer.subscriptions.models import Subscription
from tests.delivery.making import add_readers, draft_of, leave
from tests.subscriptions.making import make_newsletter

LEA = "lea@ledger.example"
NOW = datetime(2026, 11, 24, 21, 30, tzinfo=UTC)  # half past one in Baku, on the 25th


@pytest.fixture
def newsletter(session: Session) -> Newsletter:
    made = make_newsletter(session)
    made.timezone, made.breaking_cap = "Asia/Baku", 2
    session.commit()
    return made


def article(session: Session, newsletter: Newsletter) -> int:
    return draft_of(session, newsletter, 2).articles[0].article_id


def send(session: Session, newsletter: Newsletter, now: datetime = NOW) -> bool:
    issue = breaking.draft(session, newsletter, article(session, newsletter), now)
    sent = breaking.send(session, issue, issue.version, LEA, now)
    session.commit()
    return sent


def test_it_is_one_article_for_all_who_asked_whatever_their_topics(session: Session, newsletter: Newsletter) -> None:
    article_id = article(session, newsletter)
    issue = breaking.draft(session, newsletter, article_id, NOW)
    assert [(item.article_id, item.topics) for item in issue.articles] == [(article_id, 0)]
    assert [issue.kind, issue.template, issue.state] == ["breaking", "breaking", "draft"]
    assert breaking.draft(session, newsletter, article_id, NOW).id == issue.id
    with pytest.raises(LookupError):
        breaking.draft(session, newsletter, 4711, NOW)


def test_no_more_leave_a_day_than_the_newsletter_allows(session: Session, newsletter: Newsletter) -> None:
    yesterday = NOW - timedelta(hours=2)  # before midnight in Baku
    assert [send(session, newsletter, yesterday), send(session, newsletter), send(session, newsletter)] == [True] * 3
    assert breaking.budget(session, newsletter, NOW) == Budget(cap=2, used=2)
    with pytest.raises(Refused, match="All 2 of today have left"):
        send(session, newsletter)
    session.rollback()
    assert send(session, newsletter, NOW + timedelta(days=1))


def test_what_was_called_off_counts_too_and_a_newsletter_may_bring_none(
    session: Session, newsletter: Newsletter
) -> None:
    send(session, newsletter)
    session.query(Issue).filter_by(kind="breaking").one().state = IssueState.CANCELLED
    session.commit()
    assert breaking.budget(session, newsletter, NOW).left == 1
    newsletter.breaking_cap = 0
    session.commit()
    with pytest.raises(Refused, match="brings no breaking news"):
        send(session, newsletter)


def test_two_at_once_do_not_both_take_the_last_place(session: Session, engine: Engine, newsletter: Newsletter) -> None:
    newsletter.breaking_cap = 1
    drafts = [breaking.draft(session, newsletter, article(session, newsletter), NOW).id for _ in range(2)]
    session.commit()
    together = Barrier(2)

    def press(issue_id: int) -> str:
        with Session(engine) as mine:
            issue = mine.get_one(Issue, issue_id)
            mine.commit()
            together.wait(10)
            try:
                sent = breaking.send(mine, issue, 1, LEA, NOW)
            except Refused:
                return "refused"
            mine.commit()
            return "sent" if sent else "changed"

    with ThreadPoolExecutor() as presses:
        assert sorted(presses.map(press, drafts)) == ["refused", "sent"]


def test_an_article_that_may_not_be_mailed_is_no_breaking_news(session: Session, newsletter: Newsletter) -> None:
    article_id = article(session, newsletter)
    issue = breaking.draft(session, newsletter, article_id, NOW)
    session.get_one(Article, article_id).embargo_until = NOW + timedelta(minutes=1)
    session.flush()
    with pytest.raises(Refused, match="embargoed"):
        breaking.send(session, issue, issue.version, LEA, NOW)
    with pytest.raises(Refused, match="embargoed"):
        breaking.draft(session, newsletter, article_id, NOW)
    assert breaking.send(session, issue, issue.version, LEA, NOW + timedelta(minutes=1))


def test_the_reach_counts_who_asked_and_may_be_mailed(session: Session, newsletter: Newsletter) -> None:
    first, second, gone, _ = add_readers(session, newsletter, 4)
    asked = session.query(Subscription).filter(Subscription.subscriber_id.in_((first, second, gone)))
    asked.update({Subscription.breaking: True})
    leave(session, gone)
    assert breaking.reach(session, newsletter, NOW) == Reach(readers=2)
    assert breaking.reach(session, newsletter, NOW).at_once == 2

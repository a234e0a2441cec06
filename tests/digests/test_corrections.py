"""Corrections: said once, mailed once, to exactly those who received the article."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from mailer.articles.models import Article, Correction
from mailer.delivery import audiences, dispatch
from mailer.delivery.dispatch import Result
from mailer.delivery.fanout import fan_out
from mailer.delivery.models import Delivery, DeliveryState
from mailer.digests import corrections
from mailer.digests.models import Issue, IssueArticle, IssueState
from mailer.newsletters.models import Newsletter
from tests.delivery.making import NOW, add_readers, leave, sending, states

LEA = "lea@ledger.example"
LATER = NOW + timedelta(hours=1)

ACCEPTED, UNCERTAIN, REFUSED = DeliveryState.ACCEPTED, DeliveryState.UNCERTAIN, DeliveryState.REFUSED


@pytest.fixture
def digest(session: Session) -> Issue:
    """Two articles: one for everybody, one for readers of the second topic; five readers who take all."""
    return sending(session, 5, 0, 2)


def deliver(session: Session, *results: DeliveryState) -> list[int]:
    """What becomes of the next batch, in the order of its readers; who they are."""
    claimed = dispatch.claim(session, "here", LATER)
    assert claimed is not None
    held, readers = claimed
    each = [Result(reader.subscriber_id, state) for reader, state in zip(readers, results, strict=False)]
    assert dispatch.record(session, held, each, LATER)
    dispatch.finish(session, held, LATER)
    session.commit()
    return [reader.subscriber_id for reader in readers]


def correct(session: Session, article_id: int, text: str = "It was Tuesday.", *, retracted: bool = False) -> Correction:
    said = corrections.correct(session, article_id, text, retracted=retracted, by=LEA, now=LATER)
    session.commit()
    return said


def mail(session: Session, correction: Correction, newsletter: Newsletter) -> Issue:
    issue = corrections.mail(session, correction.id, newsletter, LEA, LATER)
    assert issue is not None
    session.commit()
    fan_out(session, issue.id, LATER)
    session.commit()
    return issue


def readers_of(session: Session, issue: Issue) -> set[int]:
    found = set(session.scalars(select(Delivery.subscriber_id).where(Delivery.issue_id == issue.id)))
    session.commit()
    return found


def test_a_correction_goes_to_exactly_those_who_received_the_article(session: Session, digest: Issue) -> None:
    readers = deliver(session, ACCEPTED, UNCERTAIN, REFUSED, ACCEPTED)
    add_readers(session, digest.newsletter, 2)
    leave(session, readers[3])
    correction = correct(session, digest.articles[0].article_id)
    asked = corrections.prospect(correction.article_id, digest.newsletter, correction.id)
    assert audiences.count(session, asked) == 2
    issue = mail(session, correction, digest.newsletter)
    assert readers_of(session, issue) == set(readers[:2])
    assert set(states(session, issue).values()) == {DeliveryState.QUEUED}
    assert [issue.kind, issue.template, issue.state] == ["correction", "correction", "sending"]
    assert issue.subject == f"Correction: {digest.articles[0].title}"
    assert issue.note == "It was Tuesday."


def test_who_did_not_choose_the_articles_topic_hears_nothing_of_it(session: Session, digest: Issue) -> None:
    (other,) = add_readers(session, digest.newsletter, 1, topics=1)
    deliver(session, *[ACCEPTED] * 5)
    second = IssueArticle(article_id=digest.articles[1].article_id, position=0, topics=2, url="", title="Again")
    again = Issue(newsletter=digest.newsletter, subject="Again", created_at=NOW, released_at=NOW, articles=[second])
    again.state = IssueState.SENDING
    session.add(again)
    session.commit()
    fan_out(session, again.id, LATER)
    issue = mail(session, correct(session, second.article_id), digest.newsletter)
    assert other not in readers_of(session, issue)
    assert len(readers_of(session, issue)) == 5


def test_who_received_a_near_duplicate_did_not_receive_the_article(session: Session, digest: Issue) -> None:
    first, second = (session.get_one(Article, item.article_id) for item in digest.articles)
    second.cluster_id = first.cluster_id = first.id
    readers = sorted(readers_of(session, digest))
    for_one = update(Delivery).where(Delivery.issue_id == digest.id, Delivery.subscriber_id == readers[0])
    session.execute(for_one.values(edition=2))
    session.commit()
    deliver(session, *[ACCEPTED] * 5)
    assert readers_of(session, mail(session, correct(session, first.id), digest.newsletter)) == set(readers[1:])


def test_a_correction_is_mailed_once(session: Session, engine: Engine, digest: Issue) -> None:
    deliver(session, *[ACCEPTED] * 5)
    correction_id, newsletter_id = correct(session, digest.articles[0].article_id).id, digest.newsletter_id
    together = Barrier(2)

    def press() -> bool:
        with Session(engine) as mine:
            newsletter = mine.get_one(Newsletter, newsletter_id)
            mine.commit()
            together.wait(10)
            made = corrections.mail(mine, correction_id, newsletter, LEA, LATER)
            mine.commit()
            return made is not None

    with ThreadPoolExecutor() as presses:
        assert sorted(presses.map(lambda _: press(), range(2))) == [False, True]
    assert set(corrections.mailed(session, correction_id)) == {newsletter_id}


def test_the_same_said_twice_is_said_once(session: Session, digest: Issue) -> None:
    article_id = digest.articles[0].article_id
    first = correct(session, article_id, "It was  Tuesday.\n\n")
    assert correct(session, article_id).id == first.id
    assert correct(session, article_id, "No, Monday.").id != first.id
    assert [each.text for each in corrections.of(session, [article_id])[article_id]] == [
        "It was Tuesday.",
        "No, Monday.",
    ]


def test_what_is_taken_back_is_left_out_for_those_who_still_wait(session: Session, digest: Issue) -> None:
    article_id = digest.articles[0].article_id
    correction = correct(session, article_id, retracted=True)
    assert session.get_one(Article, article_id).retracted_at == LATER
    claimed = dispatch.claim(session, "here", LATER)
    assert claimed is not None
    assert {reader.edition for reader in claimed[1]} == {2}
    dispatch.finish(session, claimed[0], LATER)
    assert audiences.count(session, corrections.prospect(article_id, digest.newsletter, correction.id)) == 0


def test_a_correction_of_what_was_taken_back_is_mailed_all_the_same(session: Session, digest: Issue) -> None:
    deliver(session, *[ACCEPTED] * 5)
    issue = mail(session, correct(session, digest.articles[0].article_id, retracted=True), digest.newsletter)
    assert issue.subject.startswith("Taken back: ")
    assert len(deliver(session)) == 5


def test_newsletters_that_sent_the_article_are_named(session: Session, digest: Issue) -> None:
    article_id = digest.articles[0].article_id
    assert [each.slug for each in corrections.senders(session, article_id)] == ["morning"]
    draft = Issue(newsletter=digest.newsletter, subject="Draft", created_at=NOW)
    draft.articles = [IssueArticle(article_id=article_id, position=0, url="", title="")]
    session.add(draft)
    session.flush()
    assert len(corrections.senders(session, article_id)) == 1

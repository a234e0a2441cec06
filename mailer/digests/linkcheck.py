"""Whether the articles of a draft are still there, and its pictures fit for mail, before it leaves.

Every article of a draft is asked when the draft is made, again within the hour, and within the last minutes before it
leaves by itself. The steps, between which the caller commits: `claim`, commit, `ask`, `record`, commit.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from mailer.articles import answers, child
from mailer.articles.answers import Answer, Question
from mailer.articles.ingest import TURN
from mailer.articles.models import Article
from mailer.articles.source import FetchFailed
from mailer.db import take_turn
from mailer.digests import merging
from mailer.digests.models import Issue, IssueArticle, IssueState

JUST_NOW = timedelta(minutes=10)
"""Nobody is asked again within it; and as long before a draft leaves by itself its articles are asked once more."""

AGAIN = timedelta(hours=1)
"""After it the articles of a draft are asked again, as long as the draft is not older than ALIVE."""

ALIVE = timedelta(days=7)

SECONDS = answers.SECONDS + 5


def due(session: Session, now: datetime, limit: int) -> list[int]:
    """The drafts whose articles are to be asked now, those that leave first before the others."""
    leaves = (Issue.leaves_at <= now + JUST_NOW) & _not_asked_since(now - JUST_NOW)
    lies = (Issue.created_at > now - ALIVE) & _not_asked_since(now - AGAIN)
    query = (
        select(Issue.id)
        .join(IssueArticle, IssueArticle.issue_id == Issue.id)
        .join(Article, Article.id == IssueArticle.article_id)
        .where(Issue.state == IssueState.DRAFT, or_(leaves, lies))
        .group_by(Issue.id)
        .order_by(Issue.leaves_at.is_(None), Issue.leaves_at, Issue.id)
    )
    return list(session.scalars(query.limit(limit)))


def claim(session: Session, issue_id: int, now: datetime) -> list[Question]:
    """What to ask for a draft. Whoever asks at the same time gets what is left, perhaps nothing."""
    query = (
        select(Article.id, IssueArticle.url, IssueArticle.picture_url, Article.checked_at.is_(None))
        .join(IssueArticle, IssueArticle.article_id == Article.id)
        .join(Issue, Issue.id == IssueArticle.issue_id)
        .where(Issue.id == issue_id, Issue.state == IssueState.DRAFT, _not_asked_since(now - JUST_NOW))
        .order_by(Article.id)
        .with_for_update(of=Article, skip_locked=True)
    )
    questions = [Question(*row) for row in session.execute(query)]
    asked = update(Article).where(Article.id.in_([question.article_id for question in questions]))
    session.execute(asked.values(checked_at=now))
    return questions


def ask(questions: list[Question], *, allow_private: bool, base_url: str) -> list[Answer]:
    """Ask them all, in a process of its own. Talks to the network for SECONDS at most."""
    found = child.run("answers", questions, allow_private=allow_private, base_url=base_url, seconds=SECONDS)
    if not isinstance(found, FetchFailed):
        return list(found)
    return [Answer(question.article_id, None, question.url, found.sentence, "") for question in questions]


def record(session: Session, found: Iterable[Answer], now: datetime) -> None:
    """Keep what was found. An article that leads to another one we know becomes one with it."""
    take_turn(session, TURN)
    for answer in sorted(found, key=lambda answer: answer.article_id):
        article = session.get(Article, answer.article_id, populate_existing=True)
        if article is None:  # merged meanwhile
            continue
        if answer.gone is not None:
            article.gone_at = (article.gone_at or now) if answer.gone else None
        article.link_problem, article.picture_problem = answer.problem, answer.picture_problem
        session.flush()
        if answer.gone is False:
            merging.follow(session, article.id, answer.own_url)


def problems(session: Session, issue_id: int) -> list[str]:
    """What was found last about the articles of an issue, in its order, each a sentence or two for an editor."""
    query = (
        select(IssueArticle.title, IssueArticle.picture_url, Article)
        .join(Article, Article.id == IssueArticle.article_id)
        .where(IssueArticle.issue_id == issue_id)
        .order_by(IssueArticle.position)
    )
    return [
        f"“{title}”: {sentence}"
        for title, picture_url, article in session.execute(query)
        for sentence in _sentences(article, picture_url)
    ]


def _sentences(article: Article, picture_url: str) -> list[str]:
    about_picture = article.picture_problem if picture_url else ""
    if article.gone_at is not None:
        return ["There is nothing at its address any more, so it stays out of the mail."]
    about_link = f"Its address could not be checked. {article.link_problem}" if article.link_problem else ""
    return [sentence for sentence in (about_link, about_picture) if sentence]


def _not_asked_since(moment: datetime) -> ColumnElement[bool]:
    return or_(Article.checked_at.is_(None), Article.checked_at <= moment)

"""Everything that the checks say of a draft: its own words and pictures, its past, its links, its look."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.articles.models import Article
from mailer.digests import linkcheck
from mailer.digests.checks import Finding, Level, check, pictures, preview_line, worst_first
from mailer.digests.editions import Printed
from mailer.digests.models import Issue, IssueArticle, IssueKind
from mailer.digests.printed import IssueContent
from mailer.digests.wording import wording
from mailer.emails.languages import day_and_hour
from mailer.newsletters.models import Newsletter

LOOKED_BACK = 3
"""Issues of the newsletter in which a repeated article is noticed."""


def examine(session: Session, issue: Issue, content: IssueContent, printed: Printed, html_bytes: int) -> list[Finding]:
    """All findings, worst first. `html_bytes` is the size with the longest links a reader can have."""
    letter = issue.newsletter
    needed = check(
        subject=issue.subject,
        articles=len(issue.articles),
        sender_address=letter.sender_address,
        postal_address=letter.postal_address,
        html_bytes=html_bytes,
    )
    links = [Finding(Level.LOOK, sentence) for sentence in linkcheck.problems(session, issue.id)]
    return worst_first(
        [
            *needed,
            *preview_line(content.preview_line),
            *_look(letter, content, printed),
            *pictures(content),
            *links,
            *_twice(content),
            *_sent_before(session, issue),
            *wording(content),
        ]
    )


def _look(letter: Newsletter, content: IssueContent, printed: Printed) -> Iterator[Finding]:
    for problem in printed.problems:
        where = f"line {problem.line}: " if problem.line else ""
        sentence = f"Your template cannot print this issue, so it leaves as a digest of the house: {where}"
        yield Finding(Level.LOOK, sentence + problem.sentence, "Mend it on the page “Look”, or choose another look.")
    brand = content.newsletter.brand
    for chosen, used in ((letter.accent, brand.accent), (letter.accent_dark, brand.accent_dark)):
        if chosen and chosen != used:
            sentence = f"The newsletter's colour {chosen} cannot be read; {used} is used instead."
            yield Finding(Level.LOOK, sentence, "Choose one on the page “Look”.")


def _twice(content: IssueContent) -> Iterator[Finding]:
    seen: set[str] = set()
    for article in content.articles:
        if article.title.casefold() in seen:
            yield Finding(Level.LOOK, f"“{article.title}” is in this issue twice.", "Remove one of them.")
        seen.add(article.title.casefold())


def _sent_before(session: Session, issue: Issue) -> Iterator[Finding]:
    """Articles of the issue, or ones told alike, in one of the last issues."""
    if issue.kind != IssueKind.DIGEST:
        return
    for item, moment in _repeated(session, issue):
        when = day_and_hour(moment, "en", issue.newsletter.timezone)
        sentence = f"“{item.title}” was in the issue of {when}. Who received it then does not get it again."
        yield Finding(Level.LOOK, sentence, "Remove it, unless others should see it.")


def _repeated(session: Session, issue: Issue) -> list[tuple[IssueArticle, datetime]]:
    past = session.execute(
        select(Issue.id, Issue.released_at)
        .where(Issue.newsletter_id == issue.newsletter_id, Issue.released_at.is_not(None), Issue.id != issue.id)
        .where(Issue.kind == IssueKind.DIGEST)
        .order_by(Issue.released_at.desc())
        .limit(LOOKED_BACK)
    )
    moments = {issue_id: moment for issue_id, moment in past if moment is not None}
    told = _told(session, [*moments, issue.id])
    before = {same: moments[issue_id] for issue_id, same, _ in told if issue_id in moments}
    return [(item, before[same]) for issue_id, same, item in told if issue_id == issue.id and same in before]


def _told(session: Session, issue_ids: list[int]) -> list[tuple[int, int, IssueArticle]]:
    rows = session.execute(
        select(IssueArticle, Article.cluster_id)
        .join(Article, Article.id == IssueArticle.article_id)
        .where(IssueArticle.issue_id.in_(issue_ids))
        .order_by(IssueArticle.position)
    )
    return [(item.issue_id, cluster or item.article_id, item) for item, cluster in rows]

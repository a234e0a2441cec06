"""What is said later about an article that readers have: it was corrected, or taken back.

The archive shows it from then on. Each newsletter that sent the article may mail it, once, to exactly those who
received the article: as an issue of its own kind, whose one article is a copy of that one as it was sent, and whose
note is the text of the correction.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from mailer import texts
from mailer.articles.models import Article, Correction
from mailer.digests import release
from mailer.digests.models import Issue, IssueArticle, IssueKind, IssueState
from mailer.emails.plain_text import clean
from mailer.newsletters.models import Newsletter
from mailer.texts import mark

CORRECTED = mark("Correction: %(title)s")
TAKEN_BACK = mark("Taken back: %(title)s")

LEFT = (IssueState.SENDING, IssueState.PAUSED, IssueState.SENT, IssueState.CANCELLED)


def correct(session: Session, article_id: int, text: str, *, retracted: bool, by: str, now: datetime) -> Correction:
    """Say `text` of an article; one that is `retracted` is mailed to nobody from now on.

    The same said twice in a row, as by a double click, is said once.
    """
    article = session.get_one(Article, article_id, with_for_update={"key_share": True}, populate_existing=True)
    said = "\n".join(line for raw in text.splitlines() if (line := clean(raw)))
    before = of(session, [article_id])[article_id]
    if before and (before[-1].text, before[-1].retracted) == (said, retracted):
        return before[-1]
    correction = Correction(article_id=article.id, retracted=retracted, text=said, at=now, by=by)
    session.add(correction)
    if retracted:
        article.retracted_at = article.retracted_at or now
    session.flush()
    return correction


def of(session: Session, article_ids: Iterable[int]) -> dict[int, list[Correction]]:
    """What was said of each of these articles, oldest first; nothing of most."""
    said = select(Correction).where(Correction.article_id.in_(set(article_ids))).order_by(Correction.at, Correction.id)
    found: dict[int, list[Correction]] = defaultdict(list)
    for correction in session.scalars(said):
        found[correction.article_id].append(correction)
    return found


def senders(session: Session, article_id: int) -> Sequence[Newsletter]:
    """The newsletters with an issue that left and holds the article, by title."""
    sent = select(IssueArticle.id).join(Issue).where(_sent(article_id), Issue.newsletter_id == Newsletter.id).exists()
    return session.scalars(select(Newsletter).where(sent).order_by(Newsletter.title, Newsletter.id)).all()


def mailed(session: Session, correction_id: int) -> dict[int, Issue]:
    """The issue that each newsletter mailed a correction with."""
    issues = select(Issue).where(Issue.correction_id == correction_id)
    return {issue.newsletter_id: issue for issue in session.scalars(issues)}


def prospect(article_id: int, newsletter: Newsletter, correction_id: int = 0) -> Issue:
    """An issue that could be made, to ask who would get it; it is never stored. 0: of a correction yet to be said."""
    correction = Correction(id=correction_id, article_id=article_id)
    return Issue(
        newsletter_id=newsletter.id,
        kind=IssueKind.CORRECTION.value,
        correction=correction,
        correction_id=correction_id,
        articles=[],
    )


def mail(session: Session, correction_id: int, newsletter: Newsletter, by: str, now: datetime) -> Issue | None:
    """Release the issue that tells those who received the article; None when there is one already.

    Who comes second waits for the first at the correction's row.
    """
    correction = session.get_one(Correction, correction_id, with_for_update={"key_share": True})
    if newsletter.id in mailed(session, correction_id):
        return None
    copy = _as_sent(session, correction.article_id, newsletter.id)
    language = texts.choose(newsletter.language)
    title = texts.translate(language, TAKEN_BACK if correction.retracted else CORRECTED, title=copy.title)
    issue = Issue(
        newsletter=newsletter,
        kind=IssueKind.CORRECTION.value,
        correction=correction,
        template="correction",
        subject=title,
        preview_line=clean(correction.text),
        note=correction.text,
        created_at=now,
        articles=[copy],
    )
    session.add(issue)
    session.flush()
    release.release(session, issue.id, issue.version, by, now)
    return issue


def _sent(article_id: int) -> ColumnElement[bool]:
    """An issue that left with this article; one that only corrects it does not count."""
    released = Issue.state.in_([state.value for state in LEFT]) & Issue.released_at.is_not(None)
    return (IssueArticle.article_id == article_id) & released & (Issue.kind != IssueKind.CORRECTION)


def _as_sent(session: Session, article_id: int, newsletter_id: int) -> IssueArticle:
    """A copy of the article as this newsletter printed it last."""
    printed = select(IssueArticle).join(Issue).where(_sent(article_id), Issue.newsletter_id == newsletter_id)
    item = session.scalars(printed.order_by(Issue.released_at.desc()).limit(1)).one()
    return IssueArticle(
        article_id=article_id, position=0, url=item.url, title=item.title, summary=item.summary, language=item.language
    )

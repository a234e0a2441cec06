"""An issue to look at while a newsletter has none: what it would say is made up, how it looks is true."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.digests.content import content_of, newsletter_content
from mailer.digests.layout import TEMPLATES
from mailer.digests.models import EVERY_ARTICLE, Issue, IssueArticle, IssueKind
from mailer.digests.printed import Advertisement, ArticleContent, IssueContent
from mailer.emails.languages import typography
from mailer.newsletters.models import Newsletter

STORIES = (
    ("City", "The council votes for the night ferry", "It sails from Monday, at half past eleven, for two years."),
    ("Transport", "Trams stop at ten this week", "The rails on Rope Lane are older than the drivers."),
    ("Culture", "The library keeps its doors open", "Eight thousand members, and a waiting list for the piano."),
)


def to_look_at(session: Session, newsletter: Newsletter, now: datetime) -> IssueContent:
    """The newest digest of the newsletter, in whatever state, or a sample."""
    mine = select(Issue).where(Issue.newsletter_id == newsletter.id, Issue.kind == IssueKind.DIGEST)
    with_articles = mine.where(select(IssueArticle.id).where(IssueArticle.issue_id == Issue.id).exists())
    newest = session.scalar(with_articles.order_by(Issue.id.desc()).limit(1))
    return content_of(newest, EVERY_ARTICLE) if newest else _sample(newsletter, now)


def _sample(newsletter: Newsletter, now: datetime) -> IssueContent:
    page = "https://www.example.com/"
    articles = [
        ArticleContent(page, title, summary, "", "", "", section, "en", typography("en"))
        for section, title, summary in STORIES
    ]
    return IssueContent(
        issue_id=0,
        edition=EVERY_ARTICLE,
        template=TEMPLATES[0],
        newsletter=newsletter_content(newsletter),
        subject=STORIES[0][1],
        preview_line=STORIES[1][1],
        note=("This is a sample: the newsletter has no issue yet.",),
        moment=now,
        rarest=None,
        articles=tuple(articles),
        advertisement=Advertisement("A boat of your own", "Made from what the yard has left over.", page, ""),
    )

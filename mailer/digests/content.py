"""What an issue says in one of its editions, as pure data: read once, made fit for a mail, kept by nobody."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from mailer.digests.models import EVERY_ARTICLE, Issue, IssueArticle
from mailer.emails.languages import FALLBACK, Typography, canonical_tag, same_language, typography, typography_of
from mailer.emails.plain_text import clean, shorten
from mailer.emails.web_address import web_address
from mailer.newsletters.frequency import days_a_week, less_often
from mailer.newsletters.models import Newsletter

LONGEST_TITLE = 250
LONGEST_SUMMARY = 600
LONGEST_BRIEF = 160
LONGEST_PREVIEW = 90
"""Characters of a preview line that inboxes show."""
ROWS = 5
"""Articles told in full after the first; the rest is in brief."""


@dataclass(frozen=True, slots=True)
class NewsletterContent:
    """What of a newsletter its mails show."""

    title: str
    slug: str
    publisher: str
    sender_name: str
    sender_address: str
    imprint: str
    language: str
    timezone: str


@dataclass(frozen=True, slots=True)
class ArticleContent:
    """An article as the mail prints it. `language` is empty where it is that of the newsletter."""

    url: str
    title: str
    summary: str
    picture_url: str
    picture_alt: str
    author: str
    section: str
    language: str
    type: Typography

    @property
    def brief(self) -> str:
        """The summary where there is little room."""
        return shorten(self.summary, LONGEST_BRIEF)


@dataclass(frozen=True, slots=True)
class IssueContent:
    """An issue as the readers of `edition` receive it. `moment` is its release, of a draft its making.

    `fewest_days` is how many days a week the newsletter can come instead, 0 when no schedule of it is rarer.
    """

    issue_id: int
    edition: int
    newsletter: NewsletterContent
    subject: str
    preview_line: str
    note: tuple[str, ...]
    moment: datetime
    fewest_days: int
    articles: tuple[ArticleContent, ...]

    @property
    def sender_address(self) -> str:
        """The address the mail comes from."""
        return self.newsletter.sender_address

    @property
    def lead(self) -> ArticleContent | None:
        """The first article."""
        return self.articles[0] if self.articles else None

    @property
    def rows(self) -> tuple[ArticleContent, ...]:
        """The articles after it that have room for picture and summary; a single brief would look forlorn."""
        return self.articles[1:] if len(self.articles) == ROWS + 2 else self.articles[1 : ROWS + 1]

    @property
    def main(self) -> tuple[ArticleContent, ...]:
        """Lead and rows."""
        return self.articles[: len(self.rows) + 1]

    @property
    def briefs(self) -> tuple[ArticleContent, ...]:
        """What is only named."""
        return self.articles[len(self.rows) + 1 :]


def content(session: Session, issue_id: int, edition: int) -> IssueContent:
    """Read an issue with the articles whose bits are in `edition`, in its order."""
    return content_of(session.get_one(Issue, issue_id), edition)


def content_of(issue: Issue, edition: int) -> IssueContent:
    """The same, of an issue at hand."""
    newsletter = _newsletter(issue.newsletter)
    articles = [article for article in issue.articles if edition == EVERY_ARTICLE or article.bit & edition]
    subject, preview_line = _headline(issue, articles)
    return IssueContent(
        issue_id=issue.id,
        edition=edition,
        newsletter=newsletter,
        subject=shorten(clean(subject), LONGEST_TITLE) or newsletter.title,
        preview_line=shorten(clean(preview_line), LONGEST_TITLE),
        note=tuple(line for raw in issue.note.splitlines() if (line := clean(raw))),
        moment=issue.released_at or issue.created_at,
        fewest_days=next(map(days_a_week, less_often(issue.newsletter.schedules, issue.schedule_id)), 0),
        articles=tuple(_article(article, newsletter.language) for article in articles),
    )


def preview_of(titles: list[str]) -> str:
    """A preview line: as many of these titles as an inbox shows, at least one."""
    line = titles[0] if titles else ""
    for title in titles[1:]:
        if len(line) + len(title) > LONGEST_PREVIEW:
            break
        line += f" · {title}"
    return line


def _headline(issue: Issue, articles: list[IssueArticle]) -> tuple[str, str]:
    """Subject and preview line; where the issue's name an article these readers do not get, made of theirs."""
    withheld = [article.title for article in issue.articles if article.title and article not in articles]
    titles = [article.title for article in articles if article.title]
    subject = titles[0] if titles and issue.subject in withheld else issue.subject
    if any(title in issue.preview_line for title in withheld):
        return subject, preview_of([title for title in titles if title != subject])
    return subject, issue.preview_line


def _newsletter(newsletter: Newsletter) -> NewsletterContent:
    publisher, postal = clean(newsletter.publisher), clean(newsletter.postal_address)
    imprint = postal if postal.startswith(publisher) else " · ".join(filter(None, (publisher, postal)))
    return NewsletterContent(
        title=clean(newsletter.title),
        slug=newsletter.slug,
        publisher=publisher,
        sender_name=clean(newsletter.sender_name),
        sender_address=newsletter.sender_address,
        imprint=imprint or clean(newsletter.sender_name),
        language=canonical_tag(newsletter.language) or FALLBACK,
        timezone=newsletter.timezone,
    )


def _article(article: IssueArticle, newsletter_language: str) -> ArticleContent:
    title = shorten(clean(article.title), LONGEST_TITLE)
    summary = shorten(clean(article.summary), LONGEST_SUMMARY)
    type_ = typography_of(title + summary, typography(newsletter_language))
    foreign = article.language and not same_language(article.language, newsletter_language)
    believable = typography(article.language).direction == type_.direction
    return ArticleContent(
        url=web_address(article.url),
        title=title,
        summary=summary,
        picture_url=web_address(article.picture_url),
        picture_alt=shorten(clean(article.picture_alt), LONGEST_TITLE),
        author=shorten(clean(article.author), 80),
        section=shorten(clean(article.section), 80),
        language=canonical_tag(article.language) if foreign and believable else "",
        type=type_,
    )

"""Reads what an issue says in one of its editions, made fit for a mail."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from mailer.digests.layout import ONE_ARTICLE, OWN, TEMPLATES
from mailer.digests.models import EVERY_ARTICLE, Issue, IssueArticle, IssueKind, OwnTemplate
from mailer.digests.printed import (
    Advertisement,
    ArticleContent,
    CorrectionContent,
    IssueContent,
    NewsletterContent,
    Own,
)
from mailer.emails.brand import brand
from mailer.emails.languages import FALLBACK, canonical_tag, same_language, typography, typography_of
from mailer.emails.plain_text import clean, shorten
from mailer.emails.web_address import web_address
from mailer.newsletters.frequency import less_often, pace
from mailer.newsletters.models import Newsletter

__all__ = ["ArticleContent", "IssueContent", "content", "content_of", "newsletter_content", "paragraphs", "preview_of"]

LONGEST_TITLE = 250
LONGEST_SUMMARY = 600
LONGEST_ALONE = 2000
"""Characters of the summary of an article that the mail is about."""
LONGEST_PREVIEW = 90
"""Characters of a preview line that inboxes show."""


def content(session: Session, issue_id: int, edition: int) -> IssueContent:
    """Read an issue with the articles whose bits are in `edition`, in its order."""
    return content_of(session.get_one(Issue, issue_id), edition)


def content_of(issue: Issue, edition: int) -> IssueContent:
    """The same, of an issue at hand."""
    newsletter = newsletter_content(issue.newsletter)
    items = [item for item in issue.articles if edition == EVERY_ARTICLE or item.bit & edition]
    subject, preview_line = _headline(issue, items)
    template = _template(issue)
    return IssueContent(
        issue_id=issue.id,
        edition=edition,
        template=template,
        newsletter=newsletter,
        subject=shorten(clean(subject), LONGEST_TITLE) or newsletter.title,
        preview_line=shorten(clean(preview_line), LONGEST_TITLE),
        note=paragraphs(issue.note or ""),
        moment=issue.released_at or issue.created_at,
        rarest=next(map(pace, less_often(issue.newsletter.schedules, issue.schedule_id)), None),
        articles=tuple(
            _article(item, newsletter.language, template, heading=heading, under=under)
            for item, heading, under in _sections(issue.articles, items)
        ),
        advertisement=_advertisement(issue),
        correction=_correction(issue),
        own=_own(issue.own_template) if template == OWN and issue.own_template else None,
    )


def preview_of(titles: list[str]) -> str:
    """A preview line: as many of these titles as an inbox shows, at least one."""
    line = titles[0] if titles else ""
    for title in titles[1:]:
        if len(line) + len(title) > LONGEST_PREVIEW:
            break
        line += f" · {title}"
    return line


def newsletter_content(newsletter: Newsletter) -> NewsletterContent:
    """What of it the mails show."""
    publisher, postal = clean(newsletter.publisher), clean(newsletter.postal_address)
    imprint = postal if postal.startswith(publisher) else " · ".join(filter(None, (publisher, postal)))
    return NewsletterContent(
        title=clean(newsletter.title),
        slug=newsletter.slug,
        publisher=publisher,
        sender_name=clean(newsletter.sender_name),
        sender_address=newsletter.sender_address,
        imprint=imprint or clean(newsletter.sender_name),
        footer=paragraphs(newsletter.footer or ""),
        brand=brand(newsletter.accent or "", newsletter.accent_dark or "", newsletter.logo_url or ""),
        language=canonical_tag(newsletter.language) or FALLBACK,
        timezone=newsletter.timezone,
    )


def _template(issue: Issue) -> str:
    if issue.kind == IssueKind.AWAY:
        return "away"
    return issue.template if issue.template in (*TEMPLATES, OWN) else TEMPLATES[0]


def _sections(everything: list[IssueArticle], items: list[IssueArticle]) -> Iterator[tuple[IssueArticle, str, str]]:
    """Each article with the heading above it and the section it is in.

    A section goes on until the next heading, also where its first article is left out.
    """
    heading, printed = "", ""
    for item in everything:
        heading = shorten(clean(item.heading or ""), LONGEST_TITLE) or heading
        if item in items:
            yield item, "" if heading == printed else heading, heading
            printed = heading


def _headline(issue: Issue, articles: list[IssueArticle]) -> tuple[str, str]:
    """Subject and preview line; where the issue's name an article these readers do not get, made of theirs."""
    withheld = [article.title for article in issue.articles if article.title and article not in articles]
    titles = [article.title for article in articles if article.title]
    subject = titles[0] if titles and issue.subject in withheld else issue.subject
    if any(title in issue.preview_line for title in withheld):
        return subject, preview_of([title for title in titles if title != subject])
    return subject, issue.preview_line


def paragraphs(text: str) -> tuple[str, ...]:
    """The lines that say something."""
    return tuple(line for raw in text.splitlines() if (line := clean(raw)))


def _article(
    item: IssueArticle, newsletter_language: str, template: str, *, heading: str, under: str
) -> ArticleContent:
    title = shorten(clean(item.title), LONGEST_TITLE)
    summary = shorten(clean(item.summary), LONGEST_ALONE if template in ONE_ARTICLE else LONGEST_SUMMARY)
    type_ = typography_of(title + summary, typography(newsletter_language))
    section = shorten(clean(item.section or ""), 80)
    foreign = item.language and not same_language(item.language, newsletter_language)
    believable = typography(item.language or "").direction == type_.direction
    return ArticleContent(
        url=web_address(item.url),
        title=title,
        summary=summary,
        picture_url=web_address(item.picture_url or ""),
        picture_alt=shorten(clean(item.picture_alt or ""), LONGEST_TITLE),
        author=shorten(clean(item.author or ""), 80),
        section="" if section.casefold() == under.casefold() else section,  # the heading says it
        language=canonical_tag(item.language) if foreign and believable else "",
        type=type_,
        heading=heading,
        layout=item.layout or "",
    )


def _advertisement(issue: Issue) -> Advertisement | None:
    title, text = clean(issue.ad_title or ""), clean(issue.ad_text or "")
    if not (title or text):
        return None
    return Advertisement(
        shorten(title, LONGEST_TITLE),
        shorten(text, LONGEST_SUMMARY),
        web_address(issue.ad_url or ""),
        web_address(issue.ad_picture_url or ""),
    )


def _correction(issue: Issue) -> CorrectionContent | None:
    said = issue.correction if issue.kind == IssueKind.CORRECTION else None
    return CorrectionContent(paragraphs(said.text), said.retracted) if said else None


def _own(template: OwnTemplate) -> Own:
    return Own(template.name, template.version, template.mjml, template.html, template.text)

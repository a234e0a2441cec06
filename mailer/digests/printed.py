"""What an issue says in one of its editions, as pure data: read once, made fit for a mail, kept by nobody."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from mailer.digests.layout import Block, Layout, blocks
from mailer.emails.brand import Brand
from mailer.emails.languages import Typography
from mailer.emails.plain_text import shorten

LONGEST_BRIEF = 160
"""Characters of a summary where there is little room."""


class Rhythm(Protocol):
    """How often a newsletter can come (mailer.newsletters.frequency)."""

    @property
    def weekly(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class NewsletterContent:
    """What of a newsletter its mails show. `footer` stands before the `imprint`, which holds the postal address."""

    title: str
    slug: str
    publisher: str
    sender_name: str
    sender_address: str
    imprint: str
    footer: tuple[str, ...]
    brand: Brand
    language: str
    timezone: str


@dataclass(frozen=True, slots=True)
class ArticleContent:
    """An article as the mail prints it. `language` is empty where it is that of the newsletter.

    `heading` begins a section above it; `layout` is what an editor chose, or empty.
    """

    url: str
    title: str
    summary: str
    picture_url: str
    picture_alt: str
    author: str
    section: str
    language: str
    type: Typography
    heading: str = ""
    layout: str = ""

    @property
    def brief(self) -> str:
        """The summary where there is little room."""
        return shorten(self.summary, LONGEST_BRIEF)


@dataclass(frozen=True, slots=True)
class Advertisement:
    """What somebody paid for, and says so."""

    title: str
    text: str
    url: str
    picture_url: str


@dataclass(frozen=True, slots=True)
class CorrectionContent:
    """What is said of an article that readers have."""

    text: tuple[str, ...]
    retracted: bool


@dataclass(frozen=True, slots=True)
class Own:
    """The text of a template that an editor brought."""

    name: str
    version: int
    mjml: bool
    html: str
    text: str


@dataclass(frozen=True, slots=True)
class IssueContent:
    """An issue as the readers of `edition` receive it. `moment` is its release, of a draft its making.

    `rarest` is how often the newsletter can come instead, None when no schedule of it is rarer.
    """

    issue_id: int
    edition: int
    template: str
    newsletter: NewsletterContent
    subject: str
    preview_line: str
    note: tuple[str, ...]
    moment: datetime
    rarest: Rhythm | None
    articles: tuple[ArticleContent, ...]
    advertisement: Advertisement | None = None
    correction: CorrectionContent | None = None
    own: Own | None = None

    @property
    def sender_address(self) -> str:
        """The address the mail comes from."""
        return self.newsletter.sender_address

    @property
    def lead(self) -> ArticleContent | None:
        """The first article."""
        return self.articles[0] if self.articles else None

    @property
    def blocks(self) -> tuple[Block[ArticleContent], ...]:
        """The articles as they are laid out."""
        return blocks(self.articles, self.template)

    @property
    def advertisement_after(self) -> int:
        """How many of the blocks stand before the advertisement: all but the briefs."""
        kinds = [block.layout for block in self.blocks]
        return kinds.index(Layout.BRIEF) if Layout.BRIEF in kinds else len(kinds)

"""What an editor should know before an issue leaves. Judgement only: values in, sentences out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from mailer.digests.layout import Layout
from mailer.digests.printed import ArticleContent, IssueContent

LONGEST_SUBJECT = 90
LONGEST_PREVIEW = 140
HEAVY_HTML = 85_000
HEAVIEST_HTML = 100_000
"""Bytes. Gmail cuts at 102 KB, and with it goes the link to unsubscribe."""
NOT_SHOWN = (".webp", ".svg", ".avif")
"""Pictures that Outlook on Windows, or Gmail, does not show."""


class Level(StrEnum):
    """`to fix` keeps an issue from leaving, `to look at` does not."""

    FIX = "to fix"
    LOOK = "to look at"


@dataclass(frozen=True)
class Finding:
    """One thing in a sentence for an editor, and what to do about it."""

    level: Level
    sentence: str
    todo: str = ""


def check(
    *, subject: str, articles: int, sender_address: str, postal_address: str, html_bytes: int | None = None
) -> list[Finding]:
    """What every issue needs, worst first. `html_bytes` is the size of its HTML, None while nobody has rendered it."""
    findings = [
        *_subject(subject),
        *_found(not articles, Level.FIX, "There is no article in this issue.", "Add one from the wire."),
        *_found(not sender_address, Level.FIX, "The newsletter has no sender address.", "Its overview has a field."),
        *_found(
            not postal_address,
            Level.LOOK,
            "The newsletter has no postal address. The law of many countries asks for one.",
            "Its overview has a field.",
        ),
        *_size(html_bytes or 0),
    ]
    return worst_first(findings)


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """In their order, but what is to fix before the rest."""
    return sorted(findings, key=lambda finding: finding.level is not Level.FIX)


def preview_line(line: str) -> list[Finding]:
    """Of the line that inboxes show beside the subject."""
    length = len(line.strip())
    return [
        *_found(not length, Level.LOOK, "There is no preview line.", "Inboxes show the first summary instead."),
        *_found(
            length > LONGEST_PREVIEW,
            Level.LOOK,
            f"The preview line has {length} characters.",
            "Inboxes show about 90: say the important thing first.",
        ),
    ]


def pictures(content: IssueContent) -> list[Finding]:
    """Of the pictures that this issue shows."""
    blocks = [block for block in content.blocks if block.layout in (Layout.LEAD, Layout.PICTURE)]
    shown = [block.articles[0] for block in blocks if block.articles[0].picture_url]
    bare = [article for article in shown if not article.picture_alt]
    plain = [article for article in shown if urlsplit(article.picture_url).scheme != "https"]
    odd = [article for article in shown if urlsplit(article.picture_url).path.lower().endswith(NOT_SHOWN)]
    return [
        *_about(bare, "has no description", "Say in it what the picture shows, for who does not see it."),
        *_about(plain, "has no https address", "Many mail programs do not show it: choose another layout."),
        *_about(odd, "is of a kind that Outlook or Gmail does not show", "A JPEG or PNG is shown everywhere."),
    ]


def _about(articles: Sequence[ArticleContent], what: str, todo: str) -> list[Finding]:
    if not articles:
        return []
    more = f", and {len(articles) - 1} more" if len(articles) > 1 else ""
    return [Finding(Level.LOOK, f"The picture of “{articles[0].title}” {what}{more}.", todo)]


def _subject(subject: str) -> list[Finding]:
    length = len(subject.strip())
    return [
        *_found(not length, Level.FIX, "There is no subject.", "Write one."),
        *_found(
            length > LONGEST_SUBJECT,
            Level.LOOK,
            f"The subject has {length} characters. Phones show about 40, most mail programs about 70.",
            "Make it shorter.",
        ),
    ]


def _size(html_bytes: int) -> list[Finding]:
    kilobytes = f"The e-mail has {html_bytes / 1000:.0f} KB. Gmail cuts at 102."
    if html_bytes > HEAVIEST_HTML:
        return [Finding(Level.FIX, kilobytes, "Drop an article or two.")]
    return _found(html_bytes > HEAVY_HTML, Level.LOOK, kilobytes, "Tell some of the articles in brief.")


def _found(true: bool, level: Level, sentence: str, todo: str) -> list[Finding]:
    return [Finding(level, sentence, todo)] if true else []

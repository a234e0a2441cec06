"""What an editor should know before an issue leaves. Judgement only: values in, sentences out."""

from dataclasses import dataclass
from enum import StrEnum

LONGEST_SUBJECT = 90
HEAVY_HTML = 85_000
HEAVIEST_HTML = 100_000
"""Bytes. Gmail cuts at 102 KB, and with it goes the link to unsubscribe."""


class Level(StrEnum):
    """`to fix` keeps an issue from leaving, `to look at` does not."""

    FIX = "to fix"
    LOOK = "to look at"


@dataclass(frozen=True)
class Finding:
    """One thing to do, in a sentence for an editor."""

    level: Level
    sentence: str


def check(
    *, subject: str, articles: int, sender_address: str, postal_address: str, html_bytes: int | None = None
) -> list[Finding]:
    """All findings, worst first. `html_bytes` is the size of the HTML part, None while nobody has rendered it."""
    findings = [
        *_subject(subject),
        *_found(not articles, Level.FIX, "There is no article in this issue."),
        *_found(not sender_address, Level.FIX, "The newsletter has no sender address."),
        *_found(
            not postal_address,
            Level.LOOK,
            "The newsletter has no postal address. The law of many countries asks for one.",
        ),
        *_size(html_bytes or 0),
    ]
    return sorted(findings, key=lambda finding: finding.level is not Level.FIX)


def _subject(subject: str) -> list[Finding]:
    length = len(subject.strip())
    return [
        *_found(not length, Level.FIX, "There is no subject."),
        *_found(
            length > LONGEST_SUBJECT,
            Level.LOOK,
            f"The subject has {length} characters. Phones show about 40, most mail programs about 70.",
        ),
    ]


def _size(html_bytes: int) -> list[Finding]:
    kilobytes = f"{html_bytes / 1000:.0f} KB"
    if html_bytes > HEAVIEST_HTML:
        return [Finding(Level.FIX, f"The e-mail has {kilobytes}. Gmail cuts at 102. Drop an article or two.")]
    return _found(html_bytes > HEAVY_HTML, Level.LOOK, f"The e-mail has {kilobytes}. Gmail cuts at 102.")


def _found(true: bool, level: Level, sentence: str) -> list[Finding]:
    return [Finding(level, sentence)] if true else []

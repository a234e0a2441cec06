"""The Harbour Ledger of Port Aster: its articles and words, from the files beside this one.

An article's moment is counted from the opening, so that the news is fresh whenever somebody first looks.
"""

import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

TITLE = "The Harbour Ledger"
TOWN = "Port Aster"
TIMEZONE = "Europe/Copenhagen"
SECTIONS = ("harbour", "city", "culture", "sport")
PICTURE_SIZE = (1200, 800)

_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Article:
    """One piece of the paper, with the moment it appeared."""

    slug: str
    section: str
    language: str
    title: str
    summary: str
    author: str
    picture: str  # file name; empty when there is none
    picture_alt: str
    paragraphs: tuple[str, ...]
    published_at: datetime


@dataclass(frozen=True)
class Words:
    """What a page says around an article, in the article's language."""

    language: str
    direction: str
    sections: dict[str, str]
    byline: str
    more: str
    sample: str
    sample_note: str
    signup_heading: str
    signup_text: str
    signup_sections: str
    signup_label: str
    signup_button: str
    signup_small: str
    signup_privacy: str
    signup_offline: str


def published(opened_at: datetime, now: datetime) -> list[Article]:
    """The articles whose time has come, newest first. Some appear only minutes or hours after the opening."""
    articles = (_article(fields, opened_at) for fields in _files())
    return sorted((a for a in articles if a.published_at <= now), key=lambda a: a.published_at, reverse=True)


def start_of_day(now: datetime) -> datetime:
    """The opening of a newsroom that was never seeded: midnight UTC."""
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


@cache
def words(language: str) -> Words:
    """The words of `language`; KeyError for one the paper does not print."""
    return Words(language=language, **tomllib.loads((_FOLDER / "words.toml").read_text("utf-8"))[language])


@cache
def _files() -> tuple[dict[str, Any], ...]:
    """Every article file, read once: what it says, its section (folder) and its slug (name)."""
    return tuple(
        {"language": "en", "slug": path.stem, "section": path.parent.name} | tomllib.loads(path.read_text("utf-8"))
        for path in sorted((_FOLDER / "articles").glob("*/*.toml"))
    )


def _article(fields: dict[str, Any], opened_at: datetime) -> Article:
    return Article(
        slug=fields["slug"],
        section=fields["section"],
        language=fields["language"],
        title=fields["title"],
        summary=fields["summary"],
        author=fields["author"],
        picture=fields.get("picture", ""),
        picture_alt=fields.get("picture_alt", ""),
        paragraphs=tuple(fields["body"].strip().split("\n\n")),
        published_at=opened_at - timedelta(hours=fields["hours_before_opening"]),
    )

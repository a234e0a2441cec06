"""How the articles of an issue are laid out, one after the other. Judgement only."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

ROWS = 5
"""Articles told in full after the first; the rest is in brief."""

TEMPLATES = ("digest", "brief", "single", "breaking", "correction", "away")
"""The looks of the house."""
OWN = "own"
"""The look that an editor brought."""
ONE_ARTICLE = ("single", "breaking", "correction")
"""Looks that are about the first article."""


class Layout(StrEnum):
    """What an article looks like."""

    LEAD = "lead"  # a picture as wide as the mail, and a button
    PICTURE = "picture"  # a small picture beside the text
    TEXT = "text"
    BRIEF = "brief"  # headline and a sentence


class Placed(Protocol):
    """An article, as far as it matters here: `heading` begins a section, `layout` is an editor's choice or empty."""

    @property
    def heading(self) -> str: ...
    @property
    def layout(self) -> str: ...
    @property
    def picture_url(self) -> str: ...


P = TypeVar("P", bound=Placed)


@dataclass(frozen=True, slots=True)
class Block(Generic[P]):
    """Articles that are laid out alike: several briefs, or one of any other kind. The heading stands above them."""

    layout: Layout
    heading: str
    articles: tuple[P, ...]


def blocks(articles: Sequence[P], template: str) -> tuple[Block[P], ...]:
    """The articles in their order; briefs that follow each other stand together."""
    made: list[Block[P]] = []
    for place, article in enumerate(articles):
        layout = _layout(article, place, len(articles), template)
        last = made[-1] if made else None
        if last and layout is last.layout is Layout.BRIEF and not article.heading:
            made[-1] = Block(layout, last.heading, (*last.articles, article))
        else:
            made.append(Block(layout, article.heading, (article,)))
    return tuple(made)


def _layout(article: Placed, place: int, count: int, template: str) -> Layout:
    chosen = Layout(article.layout) if article.layout in [*Layout] else _by_place(place, count, template)
    if template == "brief" and chosen is not Layout.BRIEF:
        return Layout.TEXT
    return Layout.TEXT if chosen is Layout.PICTURE and not article.picture_url else chosen


def _by_place(place: int, count: int, template: str) -> Layout:
    if place == 0:
        return Layout.LEAD
    rows = 0 if template in ONE_ARTICLE else ROWS
    if rows and count == rows + 2:
        rows += 1  # a single brief would look forlorn
    return Layout.PICTURE if place <= rows else Layout.BRIEF

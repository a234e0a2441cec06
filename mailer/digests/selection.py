"""Which of the new articles make the issue, and in which order. Judgement only: no database, no clock.

The rules: of near-duplicates one is shown, one with a picture before one without, else the one that came first. The
newest make the issue, up to its maximum. The newest of these that has a picture leads; the rest is newest first. In a
long issue of a newsletter with topics the rest stands in sections: what is for everybody first, then topic by topic.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

SECTIONS_FROM = 9
"""Articles. A shorter issue is read from top to bottom, and headings would only stand in the way."""


@dataclass(frozen=True)
class Candidate:
    """What the choice needs to know of an article. `seen_at` is when a source of this newsletter first brought it.

    Near-duplicates have the same `cluster_id`; None stands alone.
    """

    article_id: int
    seen_at: datetime
    published_at: datetime | None
    pictured: bool
    cluster_id: int | None = None

    @property
    def moment(self) -> datetime:
        """How new it is. A date after we saw it is a mistake of the feed and must not keep an article on top."""
        return min(self.published_at or self.seen_at, self.seen_at)


@dataclass(frozen=True)
class Selection:
    """Articles by id: the `chosen` in the order of the issue, those `beyond` its maximum, newest first, and the
    near-duplicates, each with the one that stands `instead`.
    """

    chosen: tuple[int, ...]
    beyond: tuple[int, ...]
    instead: dict[int, int]

    def stands_for(self, article_id: int) -> list[int]:
        """The article and its near-duplicates."""
        return [article_id, *(each for each, shown in self.instead.items() if shown == article_id)]


@dataclass(frozen=True)
class NotEnough:
    """There are fewer new articles than an issue needs."""

    found: int
    needed: int

    @property
    def sentence(self) -> str:
        """For an editor."""
        if not self.found:
            return "There was no new article."
        new = "1 new article" if self.found == 1 else f"{self.found} new articles"
        return f"There {'was' if self.found == 1 else 'were'} {new}; an issue needs {self.needed}."


def pick(candidates: Iterable[Candidate], maximum: int) -> Selection:
    """Choose at most `maximum`. Equally new ones keep the order in which they were stored."""
    instead = _instead(sorted(candidates, key=lambda c: (not c.pictured, c.moment, c.article_id)))
    newest = sorted(set(instead.values()), key=lambda c: (-c.moment.timestamp(), c.article_id))
    fits = newest[:maximum]
    lead = next((c for c in fits if c.pictured), None) or next(iter(fits), None)
    return Selection(
        chosen=tuple(c.article_id for c in sorted(fits, key=lambda c: c is not lead)),
        beyond=tuple(c.article_id for c in newest[maximum:]),
        instead={each: shown.article_id for each, shown in instead.items() if each != shown.article_id},
    )


def too_few(selection: Selection, minimum: int) -> NotEnough | None:
    """Why these make no issue; None when they do. An issue without an article there is not."""
    needed = max(minimum, 1)
    return None if len(selection.chosen) >= needed else NotEnough(len(selection.chosen), needed)


def in_sections(article_ids: Sequence[int], topics: Mapping[int, int]) -> tuple[list[int], dict[int, int]]:
    """The order of the issue, and which article begins the section of which topic (its bit as a mask).

    `topics` holds the mask of each article. An article of several topics stands under the first of them.
    """
    section = {article_id: topics[article_id] & -topics[article_id] for article_id in article_ids}
    if len(article_ids) < SECTIONS_FROM or len({*section.values()} - {0}) < 2:
        return list(article_ids), {}
    lead, *rest = article_ids
    ordered = sorted(rest, key=lambda article_id: section[article_id])
    begins: dict[int, int] = {}
    for article_id in ordered:
        if section[article_id]:
            begins.setdefault(section[article_id], article_id)
    return [lead, *ordered], {article_id: mask for mask, article_id in begins.items()}


def _instead(best_first: Sequence[Candidate]) -> dict[int, Candidate]:
    """For each article the one of its cluster that is shown."""
    shown: dict[int, Candidate] = {}
    for candidate in best_first:
        if candidate.cluster_id is not None:
            shown.setdefault(candidate.cluster_id, candidate)
    return {c.article_id: c if c.cluster_id is None else shown[c.cluster_id] for c in best_first}

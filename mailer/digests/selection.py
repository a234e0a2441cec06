"""Which of the new articles make the issue, and in which order. Judgement only: no database, no clock."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Candidate:
    """What the choice needs to know of an article. `seen_at` is when a source of this newsletter first brought it."""

    article_id: int
    seen_at: datetime
    published_at: datetime | None
    pictured: bool

    @property
    def moment(self) -> datetime:
        """How new it is. A date after we saw it is a mistake of the feed and must not keep an article on top."""
        return min(self.published_at or self.seen_at, self.seen_at)


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


def pick(candidates: Iterable[Candidate], *, minimum: int, maximum: int) -> list[int] | NotEnough:
    """The ids of the articles of an issue, at most `maximum`: the newest with a picture leads, the rest newest first.

    Equally new ones keep the order in which they were stored.
    """
    newest = sorted(candidates, key=lambda c: (-c.moment.timestamp(), c.article_id))[:maximum]
    if len(newest) < max(minimum, 1):
        return NotEnough(len(newest), max(minimum, 1))
    lead = next((c for c in newest if c.pictured), newest[0])
    return [c.article_id for c in (lead, *(c for c in newest if c is not lead))]

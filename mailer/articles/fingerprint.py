"""Whether two articles tell the same in nearly the same words, and how such two find each other among many.

Measured on 1,863 captured articles: within one outlet nearly all pairs that look alike are different articles of one
series or carry the same introduction, and across outlets alike headlines are what tells. So there are two judgements.
They are strict: two articles shown as one cost a reader more than one shown twice.
"""

import hashlib
import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from heapq import nsmallest

TITLE_PRINTS, SUMMARY_PRINTS = 3, 4
"""The smallest hashes of pairs of words: texts that share most of their pairs share one of these (bottom-k sketch)."""

FEWEST = 4
"""Words of a headline that says enough to know it again."""
LONG = 8
"""Words of a summary that says enough."""
ADDED = 0.3
"""The share of words that a headline may have more than another."""
ALIKE = 0.5
"""The share of pairs of words that two wordings of one report have in common."""
RELATED = 0.2
"""The share of words below which two summaries tell different things, even under one headline."""

# Scripts without spaces between words: a letter is taken for a word, and weighs half of one.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff"
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+")
_HALF = re.compile(rf"[{_UNSPACED}]")
_PART = re.compile(r"\([^()]{1,3}\)")
# Signs above and below letters, which outlets write or leave out: accents, Arabic vowels and its lengthening stroke.
_SIGNS = re.compile("[\u0300-\u036f\u0640\u064b-\u065f\u0670]")


@dataclass(frozen=True)
class Telling:
    """What is compared of an article. `site` is the host of its address."""

    title: str
    summary: str
    site: str
    published_at: datetime | None = None

    @cached_property
    def headline(self) -> tuple[str, ...]:
        return words(self.title)

    @cached_property
    def numbers(self) -> set[str]:
        """What says which of a series it is: "12", "(II)", "（上）"."""
        parts = _PART.findall(unicodedata.normalize("NFKC", self.title).casefold())
        return {word for word in (*self.headline, *parts) if word in parts or any(map(str.isdecimal, word))}

    @cached_property
    def text(self) -> tuple[str, ...]:
        return words(self.summary)

    @cached_property
    def prints(self) -> frozenset[int]:
        """The numbers by which articles alike find each other."""
        smallest = nsmallest(TITLE_PRINTS, map(_hash, _pairs(self.headline)))
        return frozenset(smallest + nsmallest(SUMMARY_PRINTS, map(_hash, _pairs(self.text))))


def words(text: str) -> tuple[str, ...]:
    """The words, so that case, accents, punctuation and the spelling of numbers make no difference."""
    folded = _SIGNS.sub("", unicodedata.normalize("NFKD", text).casefold()).replace("ı", "i")
    return tuple(_WORD.findall(folded))


def are_alike(one: Telling, other: Telling, *, one_source: bool) -> bool:
    """Whether readers who have read one have read the other. `one_source`: some source brought both."""
    if one_source or one.site == other.site:
        return _is_repeated(one, other)
    return _is_same_news(one, other)


def tell_the_same(one: Telling, other: Telling) -> bool:
    """Whether one page, to which the addresses of both lead, can be both."""
    return one.headline == other.headline or _is_same_news(one, other)


def _is_repeated(one: Telling, other: Telling) -> bool:
    """Whether an outlet gave one article two addresses. Its series and live reports look just as alike, but move on."""
    if not one.headline or one.headline != other.headline:
        return False
    if one.published_at and other.published_at:
        return one.published_at == other.published_at
    return one.text == other.text and _size(one.text) >= LONG


def _is_same_news(one: Telling, other: Telling) -> bool:
    """Whether two outlets print one report: under one headline, or in the same words."""
    if one.numbers != other.numbers and one.numbers and other.numbers:
        return False
    if _is_series(one.headline, other.headline):
        return False
    both_long = min(_size(one.text), _size(other.text)) >= LONG
    if _adds_little(one.headline, other.headline):
        return not both_long or _share(set(one.text), set(other.text)) >= RELATED
    return both_long and _share(_pairs(one.text), _pairs(other.text)) >= ALIKE


def _adds_little(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether one headline is the other with a few words more, which are no numbers."""
    short, long = sorted((set(one), set(other)), key=len)
    more = long - short
    few = len(more) <= ADDED * len(long) and not any(map(str.isdecimal, more))
    return _size(short) >= FEWEST and short <= long and few


def _is_series(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether one place in the headline tells them apart, as "Monday" and "Tuesday" do."""
    shorter = min(len(one), len(other))
    first = next((i for i in range(shorter) if one[i] != other[i]), shorter)
    last = next((i for i in range(shorter - first) if one[-1 - i] != other[-1 - i]), shorter - first)
    replaced = first + last < shorter
    return replaced and 2 * (first + last) >= shorter


def _size(text: Collection[str]) -> float:
    return sum(0.5 if _HALF.match(word) else 1 for word in text)


def _pairs(text: Sequence[str]) -> set[str]:
    return {" ".join(text[i : i + 2]) for i in range(max(len(text) - 1, min(len(text), 1)))}


def _share(one: set[str], other: set[str]) -> float:
    return len(one & other) / len(one | other)


def _hash(pair: str) -> int:
    """63 bits, which every database keeps as a number."""
    return int.from_bytes(hashlib.blake2b(pair.encode("utf-8", "replace"), digest_size=8).digest()) >> 1

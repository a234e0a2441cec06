"""Words out of what feeds carry: HTML to text, cut where a sentence ends. What comes out is never HTML."""

import html
import re
from itertools import pairwise

import nh3

SUMMARY_LENGTH = 300
"""Characters of a summary, about three lines in a mail."""

MARKUP_LENGTH = 32_000
"""Characters of HTML that are read. Enough for a summary; deep nesting makes every HTML parser slow."""

BLOCKS = frozenset(
    "address article aside blockquote br center dd div dl dt fieldset footer h1 h2 h3 h4 h5 h6 header hr li main nav "  # noqa: SIM905
    "ol p pre section summary table tbody td tfoot th thead tr ul".split()
)
"""Elements that part words; all others vanish without a trace."""

SILENT = frozenset(
    "script style template noscript iframe object svg math figure audio video canvas title head textarea select "  # noqa: SIM905
    "button form".split()
)
"""Elements whose content is not for reading here; captions belong to their picture."""

STOPS = tuple(".!?…:;,–—-·|،؛؟۔。！？：；，、।։")
APART = " ·"

_CLEANER = nh3.Cleaner(tags=set(BLOCKS), clean_content_tags=set(SILENT), attributes={}, link_rel=None)
_TAG = re.compile(r"<[^>]*>")
_BARE_LESS_THAN = re.compile(r"<(?!/?[a-zA-Z][^<>]*>|!--)")
_HALF = re.compile("[\ud800-\udfff]")
# Control characters, halves of a character, byte order marks: no database and no mail takes them all.
_UNREADABLE = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
# Dashes and quotation marks that outlets encode twice: "â€™" for "’". Nobody writes these on purpose.
_TWICE = {
    "".join(bytes([byte]).decode("cp1252") if byte != 0x9D else "\x9d" for byte in chr(code).encode()): chr(code)
    for code in (*range(0x2013, 0x201F), 0x2020, 0x2022, 0x2026, 0x2039, 0x203A)
}
_ENCODED_TWICE = re.compile("|".join(map(re.escape, _TWICE)))
_WIDE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_ADDRESS = re.compile(r"\bhttps?://\S+")
_CUT_SHORT = re.compile(r"\s*(?:\[\s*(?:…|\.{3})\s*\]|\.{3}|…)$")
_SENTENCE_END = re.compile(r"\n|(?<!\b\w)[.!?…؟۔।։።]['\"”’»)\]]*(?=\s)|[。！？][”’」』）]*")
_ABBREVIATION = re.compile(r"\b(?:mrs?|ms|dr|st|no|vs|prof|gen|sen|rep|gov|bzw|nr|stk|руб|млн|ул|им)\.$", re.IGNORECASE)


def line(text: str) -> str:
    """The text in one line, without what nobody can read."""
    text = _ENCODED_TWICE.sub(lambda twice: _TWICE[twice[0]], text)
    return " ".join(_UNREADABLE.sub("", text).split())


def lines(text: str) -> str:
    """The text with its line breaks, each line as `line` gives it, none empty."""
    return "\n".join(filter(None, map(line, text.split("\n"))))


def plain(markup: str) -> str:
    """The words of a piece of HTML, a line for each block: no tags, no scripts or styles, entities decoded once."""
    cleaned = _CLEANER.clean(_HALF.sub("", markup[:MARKUP_LENGTH])).replace("\n", " ")
    return lines(html.unescape(_TAG.sub("\n", cleaned)))


def heading(markup: str) -> str:
    """Like `plain`, in one line. Writers put a bare `<` into titles, and the rest must not fall with it."""
    return line(plain(_BARE_LESS_THAN.sub("&lt;", markup)))


def says_something(text: str) -> bool:
    """Whether there are words in it: not only dots, and not only addresses."""
    return any(character.isalnum() for character in _ADDRESS.sub("", text))


def shorten(text: str, limit: int = SUMMARY_LENGTH) -> str:
    """At most `limit` characters in one line: cut after a sentence or a block, else after a word, with an ellipsis.

    Half as many of the wide characters of Chinese, Japanese and Korean, which take the same room. An ellipsis that
    the source itself put at the end comes out as one character. Blocks that do not end like a sentence, as the points
    of a list, are set apart by a dot.
    """
    text = _set_apart(_CUT_SHORT.sub("…", text))
    if len(_WIDE.findall(text, 0, limit)) > limit // 3:
        limit //= 2
    if len(text) <= limit:
        return line(text)
    ends = [match.end() for match in _SENTENCE_END.finditer(text, 0, limit + 1) if _ends(text, match.end())]
    if ends and limit // 3 <= ends[-1]:
        return line(text[: ends[-1]]).removesuffix(APART)
    return _cut_at_word(line(text), limit)


def _set_apart(text: str) -> str:
    blocks = text.split("\n")
    breaks = ["\n" if _stops(first) or _goes_on(second) else f"{APART}\n" for first, second in pairwise(blocks)]
    return "".join(block + end for block, end in zip(blocks, [*breaks, ""], strict=True))


def _stops(block: str) -> bool:
    return block.rstrip("'\"”’»)]」』）】").endswith(STOPS)


def _goes_on(block: str) -> bool:
    """Whether it is the rest of a wrapped line or sentence, not the next point."""
    return block[:1].islower() or block.startswith(("—", "–", "-"))


def _ends(text: str, position: int) -> bool:
    if text[position - 1] == "\n":
        return True
    following = text[position:].lstrip()[:1]
    return not following.islower() and not _ABBREVIATION.search(text[max(0, position - 8) : position])


def _cut_at_word(text: str, limit: int) -> str:
    cut = text.rfind(" ", limit * 2 // 3, limit)
    if cut < 0:  # Chinese, Japanese and Thai have no spaces; a vowel sign must still stay with its letter
        cut = limit - 1
        while cut > limit // 2 and not text[cut].isalnum():
            cut -= 1
    return text[:cut].rstrip(" ·,;:–—-/(«„“‘'\"") + "…"

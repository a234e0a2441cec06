"""What a relay's answers have in common: the same cause, said to different readers. Pure."""

import re
from collections.abc import Iterator

_CODES = re.compile(r"(?:\d{3}(?:[ -]\d\.\d{1,3}\.\d{1,3})?(?: |$))?")
_WORD = re.compile(r"\S+")
_NAMES_ONE = re.compile(r"[\d@<\[\"]")


def beginning(answer: str) -> str:
    """The part of an answer before the first word that names one reader or one moment."""
    return answer[: next((word.start() for word in _particular(answer)), len(answer))]


def outline(answer: str) -> str:
    """The answer with an ellipsis for each word that names one reader or one moment."""
    outlined = answer
    for word in reversed(list(_particular(answer))):
        outlined = f"{outlined[: word.start()]}…{outlined[word.end() :]}"
    return outlined


def _particular(answer: str) -> Iterator[re.Match[str]]:
    """The words that hold an address, a number or something in quotes; the reply codes do not count."""
    codes = _CODES.match(answer)
    for word in _WORD.finditer(answer, codes.end() if codes else 0):
        if _NAMES_ONE.search(word[0]):
            yield word

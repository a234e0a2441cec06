"""The language of an article: as its source declares it, unless the letters say otherwise; else as the words tell."""

import re

import pycld2

from mailer.articles.entry import language_tag

LETTERS = 40
"""As many are needed before the letters or the words are believed; a wide one counts for two."""

MOSTLY = 0.8
"""The share of the letters that makes a script the script of a text: names and quotations come in others."""

_SCRIPTS = {
    "Latin": "A-Za-z\u00c0-\u024f\u1e00-\u1eff",
    "Greek": "\u0370-\u03ff\u1f00-\u1fff",
    "Cyrillic": "\u0400-\u052f",
    "Armenian": "\u0531-\u058f",
    "Hebrew": "\u05d0-\u05ea",
    "Arabic": "\u0620-\u064a\u066e-\u06d3\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc",
    "Devanagari": "\u0900-\u097f",
    "Thai": "\u0e00-\u0e4e",
    "Georgian": "\u10a0-\u10ff\u1c90-\u1cbf",
    "Wide": "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af",
}
_LETTERS = {script: re.compile(f"[{characters}]") for script, characters in _SCRIPTS.items()}
# Languages of one script. Those of several (az, kk, ku, sr, tg, tk, uz …) and all others are believed.
_WRITTEN = {
    language: script
    for script, languages in {
        "Latin": "ca cs da de en es et fi fr hr hu id is it lt lv nl no nb nn pl pt ro sk sl sq sv tr vi",
        "Greek": "el",
        "Cyrillic": "be bg mk ru uk",
        "Armenian": "hy",
        "Hebrew": "he yi",
        "Arabic": "ar fa ps ur",
        "Devanagari": "hi mr ne",
        "Thai": "th",
        "Georgian": "ka",
        "Wide": "ja ko zh",
    }.items()
    for language in languages.split()
}
_RENAMED = {"iw": "he", "jw": "jv", "tl": "fil"}
# What pycld2 refuses, taking it for broken UTF-8.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")


def language_of(declared: str, text: str) -> str:
    """The language of `text`, a BCP 47 tag; "" where the source does not say and the words do not tell."""
    return declared if declared and not contradicts(declared, text) else detected(text)


def contradicts(declared: str, text: str) -> bool:
    """Whether a text in the declared language could not look like this one."""
    written = _WRITTEN.get(declared.partition("-")[0].lower())
    return written is not None and _script(text) not in ("", written)


def detected(text: str) -> str:
    """The language that the words are in, "" when they are few or could be of several."""
    if sum(map(str.isalpha, text)) + len(_LETTERS["Wide"].findall(text)) < LETTERS:
        return ""
    readable = _CONTROL.sub(" ", text).encode("utf-8", "replace")
    try:
        reliable, _, found = pycld2.detect(readable)
    except pycld2.error:
        return ""
    code = found[0][1]
    return language_tag(_RENAMED.get(code, code)) if reliable and code != "un" else ""


def _script(text: str) -> str:
    """The script that most of the letters are of; "" when there are few of them, or no script has most."""
    counts = {script: len(letters.findall(text)) for script, letters in _LETTERS.items()}
    counts["Wide"] *= 2
    total, script = sum(counts.values()), max(counts, key=lambda script: counts[script])
    return script if total >= LETTERS and counts[script] >= MOSTLY * total else ""

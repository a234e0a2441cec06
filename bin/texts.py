"""Collect the sentences for readers and bring every catalogue up to them: `python bin/texts.py`, or `make texts`.

A new sentence comes without a translation. One that is gone moves to the end of the file, marked with `#~`, for its
translation to be taken over or deleted. The tests fail until every catalogue is complete.
"""

import sys
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
LOCALES = ROOT / "mailer" / "locale"

KEYWORDS: Mapping[str, tuple[int, ...] | None] = {
    "mark": None,
    "_": None,
    "say": None,
    "translate": (2,),
    "_n": (1, 2),
    "say_n": (1, 2),
    "translate_n": (2, 3),
}
"""Who says a sentence, and in which arguments it stands; None means the first."""

PLACES = {
    "mailer": [
        ("**.py", "python"),
        ("web/templates/embed/**", "jinja2"),
        ("web/templates/errors/**", "jinja2"),
        ("web/templates/readers/**", "jinja2"),
    ],
    "templates/emails": [("**", "jinja2")],
}

NOTE = "Translators:"
"""How a comment for translators begins, above a sentence in the code."""

HEADER = r"""msgid ""
msgstr ""
"Language: {language}\n"
"Plural-Forms: {plural_forms}\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"

"""


def collect() -> Catalog:
    """Every sentence for readers, as the code and the templates say it today."""
    found = Catalog()
    for place, methods in PLACES.items():
        options = {pattern: {"silent": "false"} for pattern, method in methods if method == "jinja2"}
        for file, _, sentence, comments, _ in extract_from_dir(ROOT / place, methods, options, KEYWORDS, [NOTE]):
            found.add(sentence, locations=[(f"{place}/{file}", 0)], auto_comments=comments)
    return found


def catalogue(language: str) -> Catalog:
    """The catalogue of a language as it stands."""
    return read_po(BytesIO(_path(language).read_bytes()), locale=language)


def bring_up(language: str, sentences: Catalog) -> Catalog:
    """The catalogue of a language with exactly these sentences; a translation that is left over becomes obsolete."""
    before = catalogue(language)
    known = {message.id: message for message in _all(before) if message.id and any(forms(message))}
    ours = Catalog(locale=language)
    for message in filter(lambda message: message.id, sentences):
        kept = known.pop(message.id, None)
        ours.add(
            message.id,
            kept.string if kept else "" if isinstance(message.id, str) else ("",) * ours.num_plurals,
            locations=message.locations,
            flags=kept.flags if kept else (),
            auto_comments=message.auto_comments,
            user_comments=kept.user_comments if kept else (),
        )
    for message in known.values():
        ours.obsolete[str(message.id)] = message
    return ours


def write(language: str, ours: Catalog) -> None:
    """Write a catalogue: sorted, without dates and line numbers, so that a difference shows sentences only."""
    body = BytesIO()
    write_po(body, ours, width=110, omit_header=True, sort_output=True, include_lineno=False)
    head = HEADER.format(language=language, plural_forms=ours.plural_forms)
    _path(language).write_bytes(head.encode() + body.getvalue())


def forms(message: Message) -> list[str]:
    """The translation of a sentence: one text, or one for each plural form of the language."""
    said = message.string or ""
    return [said] if isinstance(said, str) else list(said)


def languages() -> list[str]:
    """The languages that have a catalogue."""
    return sorted(path.parents[1].name for path in LOCALES.glob("*/LC_MESSAGES/messages.po"))


def _all(ours: Catalog) -> list[Message]:
    return [*ours.obsolete.values(), *ours]


def _path(language: str) -> Path:
    return LOCALES / language / "LC_MESSAGES" / "messages.po"


def main() -> int:
    """Bring all catalogues up, and say what is left to translate."""
    sentences = collect()
    for language in languages():
        ours = bring_up(language, sentences)
        write(language, ours)
        missing = sum(not all(forms(message)) for message in ours if message.id)
        sys.stdout.write(f"{language}: {missing} to translate, {len(ours.obsolete)} no longer said\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

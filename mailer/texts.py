"""What the house says to readers, in their language: message catalogues, read as they stand in `locale/`.

The English sentence is the key. Translations live in `locale/<language>/LC_MESSAGES/messages.po`; nothing is compiled
beforehand, so that a changed sentence needs no step that can be forgotten.

Whose wish counts, first to last, is the order in which doors and letters name them to `choose`: the language a reader
chose for themselves, that of the form, that of the newsletter, those of the browser in its order; and then English.
"""

import gettext
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from markupsafe import Markup, escape

LOCALES = Path(__file__).parent / "locale"

FALLBACK = "en"


def mark(sentence: str) -> str:
    """The sentence itself: marks it for the catalogues where it is translated later, at the door."""
    return sentence


@cache
def languages() -> tuple[str, ...]:
    """The tags of the languages that readers can be spoken to in, English first."""
    return FALLBACK, *sorted(path.parents[1].name for path in LOCALES.glob("*/LC_MESSAGES/messages.po"))


def choose(*wishes: str) -> str:
    """The first wish that we speak, by its language; else English. An empty or unknown tag is no wish."""
    return next((known for wish in wishes if (known := _spoken(wish))), FALLBACK)


def translations(language: str) -> gettext.NullTranslations:
    """The catalogue of one of `languages()`; of any other the English one, which says every sentence as it is."""
    return _catalogue(language) if language in languages() else _catalogue(FALLBACK)


def translate(language: str, sentence: str, **values: object) -> str:
    """One sentence in a language; `%(name)s` stands for a value, and with values `%%` for a per cent sign."""
    said = _said(language, sentence)
    return said % values if values else said


def translate_n(language: str, singular: str, plural: str, number: int, **values: object) -> str:
    """The same for a sentence that counts: `%(number)s` stands for the number."""
    return translations(language).ngettext(singular, plural, number) % {"number": number, **values}


def markup(language: str, sentence: str, **values: object) -> Markup:
    """`translate` for HTML: the sentence and its values are escaped, but for values that are Markup."""
    said = escape(_said(language, sentence))
    return said % values if values else said


def markup_n(language: str, singular: str, plural: str, number: int, **values: object) -> Markup:
    """`translate_n` for HTML."""
    return escape(translations(language).ngettext(singular, plural, number)) % {"number": number, **values}


def _said(language: str, sentence: str) -> str:
    return translations(language).gettext(sentence) if sentence else ""  # gettext keeps its header under ""


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    if language == FALLBACK:
        return gettext.NullTranslations()
    compiled = BytesIO()
    with (LOCALES / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


@lru_cache(maxsize=256)  # the tags come from strangers
def _spoken(wish: str) -> str:
    try:
        language = Locale.parse(wish.strip().replace("_", "-"), sep="-").language if wish.strip() else ""
    except (ValueError, UnknownLocaleError):
        return ""
    return language if language in languages() else ""

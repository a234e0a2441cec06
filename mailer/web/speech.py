"""The language a visitor is answered in, and our sentences in it."""

from babel import Locale
from flask import g, request
from markupsafe import Markup

from mailer import texts


def speak(*wishes: str) -> None:
    """Choose the language of this answer: the first wish that we speak, else the browser's."""
    accepted = [tag for tag, quality in request.accept_languages if quality > 0]
    g.language = texts.choose(*wishes, *accepted)


def language() -> str:
    """The language of this answer; of a page that belongs to no newsletter the browser's."""
    if "language" not in g:
        speak()
    chosen: str = g.language
    return chosen


def say(sentence: str, **values: object) -> str:
    """One of our sentences in the language of this answer, as plain text."""
    return texts.translate(language(), sentence, **values)


def say_n(singular: str, plural: str, number: int, **values: object) -> str:
    """The same for a sentence that counts."""
    return texts.translate_n(language(), singular, plural, number, **values)


def in_templates() -> dict[str, object]:
    """What every template knows: the `language` and `direction` of the page, `_` for a sentence, `_n` to count."""
    chosen = language()
    return {"language": chosen, "direction": Locale.parse(chosen).text_direction, "_": _markup, "_n": _markup_n}


def _markup(sentence: str, **values: object) -> Markup:
    return texts.markup(language(), sentence, **values)


def _markup_n(singular: str, plural: str, number: int, **values: object) -> Markup:
    return texts.markup_n(language(), singular, plural, number, **values)

"""Renders mails from their folders: `<name>/subject.txt`, `body.txt` and, where it is there, `body.html`.

The templates know `_("A sentence to %(name)s.", name=…)` and `_n("One.", "%(number)s.", number)`, which say our
sentences in the language of the mail: as they are in the plain parts, escaped in HTML.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateNotFound, select_autoescape

from mailer import texts
from mailer.emails.brand import HOUSE
from mailer.emails.languages import capitals
from mailer.emails.plain_text import COLUMNS, clean, wrap

TEMPLATES = Path(__file__).parents[2] / "templates" / "emails"

_LINE_START = re.compile(r"\n\s+")
_LINE_END = re.compile(r"[ \t]+\n")
_GAP = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a mail says; `text` and `html` may hold placeholders."""

    subject: str
    text: str
    html: str | None


class Renderer:
    """Renders the mails of one folder of folders. A value missing in the context is an error, not a gap in a mail."""

    def __init__(self, template_folder: Path = TEMPLATES) -> None:
        self._environment = _environment(template_folder)

    def render(self, name: str, language: str, context: Mapping[str, object]) -> Rendered:
        """The mail `name` in a language; our sentences are English where we do not speak that one.

        Blank lines and indentation serve the templates and are taken out.
        """
        spoken = texts.choose(language)
        plain = {"language": language, **_say(spoken, texts.translate, texts.translate_n), **context}
        marked_up = {"language": language, **_say(spoken, texts.markup, texts.markup_n), **context}
        return Rendered(
            subject=clean(self._part(name, "subject.txt", plain)),
            text=tidy(self._part(name, "body.txt", plain)),
            html=self._html(name, marked_up),
        )

    def _part(self, name: str, part: str, context: Mapping[str, object]) -> str:
        return self._environment.get_template(f"{name}/{part}").render(context)

    def _html(self, name: str, context: Mapping[str, object]) -> str | None:
        try:
            template = self._environment.get_template(f"{name}/body.html")
        except TemplateNotFound:
            return None
        return _LINE_START.sub("\n", template.render(context)).strip() + "\n"


def tidy(text: str) -> str:
    """A plain part without blanks at the ends of its lines, and with one empty line where there are more."""
    return _GAP.sub("\n\n", _LINE_END.sub("\n", text)).strip() + "\n"


def _say(language: str, one: Callable[..., str], counted: Callable[..., str]) -> dict[str, object]:
    return {"_": partial(one, language), "_n": partial(counted, language)}


@cache
def _environment(template_folder: Path) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(template_folder),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters["wrap"] = wrap
    environment.filters["capitals"] = capitals
    environment.globals["columns"] = COLUMNS
    environment.globals["house_brand"] = HOUSE
    return environment

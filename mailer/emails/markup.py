"""What of HTML may stand in a template of an editor: what mail clients show, and nothing that acts.

Mail clients throw the rest away, each something else; here it is refused, with the line, so that what an editor sees
is what readers get.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urlsplit

_TAGS = """
html head meta title style body a abbr b blockquote br caption center cite code col colgroup dd del div dl dt em
figcaption figure font h1 h2 h3 h4 h5 h6 hr i img ins li ol p pre q s small span strong sub sup table tbody td tfoot
th thead time tr tt u ul wbr
"""
_ATTRIBUTES = """
abbr align alt aria-hidden aria-label aria-labelledby aria-roledescription bgcolor border cellpadding cellspacing
charset class color cols colspan content dir face headers height href http-equiv id lang media name role rowspan
scope size span src start style summary tabindex target title type valign value width xml:lang xmlns xmlns:o
xmlns:v
"""
TAGS = frozenset(_TAGS.split())
ATTRIBUTES = frozenset(_ATTRIBUTES.split())
META = frozenset({"content-type", "x-ua-compatible"})
"""What http-equiv may say: no refresh."""

LINKS = frozenset({"http", "https", "mailto", "tel"})

_ACTING = re.compile(r"(?i)@import|expression\s*\(|javascript:|behavior\s*:|-moz-binding|url\s*\(|image-set\s*\(")
_ACTING_TAG = re.compile(r"(?i)<\s*/?\s*(script|iframe|object|embed|form|input|button|link|base|svg|math|meta)\b")
_LIQUID = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_BLANKED = re.compile(r"[^\n]")


@dataclass(frozen=True)
class Problem:
    """What is wrong with a template; `line` counts from 1, 0 when it is no line's fault."""

    sentence: str
    line: int = 0


def without_liquid(template: str) -> str:
    """The template as markup alone, each character where it was."""
    return _LIQUID.sub(lambda found: _BLANKED.sub(" ", found[0]), template)


def problems(
    markup: str, tags: Collection[str] = TAGS, attributes: Collection[str] | None = ATTRIBUTES
) -> list[Problem]:
    """What may not stand in a mail, line by line. Without `attributes` all are known but those that act."""
    judge = _Judge(tags, attributes)
    judge.feed(markup)
    judge.close()
    return judge.found


class _Judge(HTMLParser):
    def __init__(self, tags: Collection[str], attributes: Collection[str] | None) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Problem] = []
        self._tags, self._attributes = tags, attributes
        self._in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_style = tag == "style"
        if tag not in self._tags:
            self._say(f"<{tag}> may not stand in a mail. Take it out.")
            return
        for name, value in attrs:
            self._attribute(tag, name, " ".join((value or "").split()))

    def handle_endtag(self, tag: str) -> None:
        self._in_style = False

    def handle_data(self, data: str) -> None:
        if self._in_style and (found := _ACTING.search(data)):
            self._say(f"The style sheet says {found[0].strip()}, which loads or runs something. Take it out.")

    def handle_comment(self, data: str) -> None:
        if found := _ACTING_TAG.search(data) or _ACTING.search(data):
            self._say(f"A comment holds {found[0].strip()}, which Outlook might read. Take it out.")

    def unknown_decl(self, data: str) -> None:
        """What Outlook alone reads as a condition is no markup to others."""

    def _attribute(self, tag: str, name: str, value: str) -> None:
        acts = name.startswith("on") or name in ("srcdoc", "srcset", "background", "formaction", "action", "ping")
        if acts or (self._attributes is not None and name not in self._attributes and not name.startswith("data-")):
            self._say(f"<{tag}> has the attribute {name}, which may not stand in a mail. Take it out.")
        elif found := _ACTING.search(value):
            self._say(f"<{tag}> says {found[0].strip()} in {name}, which loads or runs something. Take it out.")
        elif name in ("href", "src") and (fault := _fault(name, value)):
            self._say(f"<{tag}> leads to {value[:60]}. {fault}")
        elif name == "http-equiv" and value.lower() not in META:
            self._say(f"<meta http-equiv={value[:20]}> does something in a browser and nothing in a mail. Take it out.")

    def _say(self, sentence: str) -> None:
        self.found.append(Problem(sentence, self.getpos()[0]))


def _fault(name: str, address: str) -> str:
    """What is wrong with where it leads; nothing of one that is empty, which a variable fills."""
    if not address or address.startswith("#"):
        return ""
    try:
        scheme = urlsplit(address).scheme
    except ValueError:
        scheme = ""
    if name == "src":
        return "" if scheme in ("http", "https") else "A picture needs an address that begins with https://."
    return "" if scheme in LINKS else "A link begins with https://, http://, mailto: or tel:."

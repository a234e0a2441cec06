"""A template that an editor brought: expanded, made into a mail, and judged, in a process that can be stopped.

In this order: Liquid first, since a parser of HTML moves a loop out of a table; then MJML; then the style sheet goes
into the elements. What a reader gets differs from it in the slots alone (`mailer.emails.slots`), which are ordinary
letters to all of these.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any

from css_inline import CSSInliner, InlineError

from mailer import apart
from mailer.apart import Stopped, Why
from mailer.emails import mjml
from mailer.emails.markup import Problem, problems, without_liquid
from mailer.emails.mjml import BadMjml
from mailer.emails.rendering import tidy
from mailer.emails.sandbox import BadTemplate, expand

SECONDS = 10.0
MEMORY = 256_000_000
"""Bytes, all code of Python included."""
LONGEST = 200_000
"""Characters of a template."""

_TAG = re.compile(r"<!--.*?-->|<style\b.*?</style>|<[^>]*>", re.DOTALL)
_HREF = re.compile(r'href="([^"]*)"')


@dataclass(frozen=True)
class Printed:
    """Both parts of the mail; with problems it should not leave."""

    html: str
    text: str
    problems: list[Problem]


@dataclass(frozen=True)
class Broken:
    """There is no mail, and why."""

    problems: list[Problem]


def render(html: str, text: str, is_mjml: bool, values: Mapping[str, Any]) -> Printed | Broken:
    """The mail of a template with these values, made in a process of its own.

    `values["links"]["unsubscribe"]` and `values["imprint"]` must stand in both parts.
    """
    result = apart.run(f"{__name__}:make", html, text, is_mjml, values, seconds=SECONDS, memory=MEMORY)
    return Broken([Problem(_stopped(result.why))]) if isinstance(result, Stopped) else result


def make(html: str, text: str, is_mjml: bool, values: dict[str, Any]) -> Printed | Broken:
    """The same here and now, however long it takes."""
    if found := _of_the_template(html, text, is_mjml):
        return Broken(found)
    try:
        page = _inlined(_page(html, is_mjml, values))
        plain = tidy(_expanded(text, values, "The plain text"))
    except BadTemplate as error:
        return Broken([Problem(error.sentence, error.line)])
    return Printed(page, plain, [*_of_the_mail(page), *_missing(page, plain, values)])


def _of_the_template(html: str, text: str, is_mjml: bool) -> list[Problem]:
    if max(len(html), len(text)) > LONGEST:
        return [Problem(f"A template has at most {LONGEST:,} characters.")]
    return mjml.judge(html) if is_mjml else problems(without_liquid(html))


def _page(html: str, is_mjml: bool, values: dict[str, Any]) -> str:
    expanded = _expanded(html, values, "The HTML", html=True)
    if not is_mjml:
        return expanded
    try:
        return mjml.to_html(expanded, values["language"], values["direction"])
    except BadMjml as error:
        raise BadTemplate(str(error)) from None


def _expanded(template: str, values: dict[str, Any], part: str, *, html: bool = False) -> str:
    try:
        return expand(template, values, html=html)
    except BadTemplate as error:
        raise BadTemplate(f"{part}: {error.sentence}", error.line) from None


def _inlined(html: str) -> str:
    inliner = CSSInliner(keep_style_tags=True, remove_inlined_selectors=True, load_remote_stylesheets=False)
    try:
        return inliner.inline(html) + "\n"
    except InlineError as error:
        raise BadTemplate(f"The style sheet cannot be read: {error}.") from None


def _of_the_mail(html: str) -> list[Problem]:
    """What came in by the values; its lines are nobody's."""
    return [Problem(problem.sentence) for problem in problems(html, attributes=None)]


def _missing(html: str, text: str, values: dict[str, Any]) -> list[Problem]:
    way_out, imprint = values["links"]["unsubscribe"], values["imprint"]
    hrefs = {address.replace("&amp;", "&") for address in _HREF.findall(html)}
    visible = " ".join(unescape(_TAG.sub(" ", html)).split())
    needed = (
        (way_out in hrefs, 'The HTML has no link to unsubscribe: <a href="{{ links.unsubscribe }}">.'),
        (way_out in text, "The plain text has no link to unsubscribe: {{ links.unsubscribe }}."),
        (imprint in visible, "The HTML does not name the publisher and the postal address: {{ imprint }}."),
        (imprint in " ".join(text.split()), "The plain text does not name the postal address: {{ imprint }}."),
    )
    return [Problem(sentence) for there, sentence in needed if not there]


def _stopped(why: Why) -> str:
    match why:
        case Why.TIME:
            return f"It took longer than {SECONDS:.0f} seconds, so it was stopped. Look for loops in loops."
        case Why.MEMORY:
            return f"It took more than {MEMORY // 1_000_000} MB of memory, so it was stopped. Look for text that grows."
        case _:
            return "It made the program crash that prints it. Make it simpler."

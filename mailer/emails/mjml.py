"""MJML, in which an editor may write a template: made into the HTML of tables that mail clients understand.

The library takes tags it does not know as they are, fetches fonts from Google and social icons from a company's
server: the tags are checked here, and a mail of ours loads neither.
"""

import re

from mjml import mjml2html

from mailer.emails import markup
from mailer.emails.markup import Problem, problems, without_liquid

HEAD = frozenset(
    {"mjml", "mj-head", "mj-attributes", "mj-all", "mj-class", "mj-breakpoint", "mj-preview", "mj-style", "mj-title"}
)
_BODY = """
mj-body mj-button mj-column mj-divider mj-group mj-hero mj-image mj-navbar mj-navbar-link mj-section mj-social
mj-social-element mj-spacer mj-table mj-text mj-wrapper
"""
TAGS = HEAD | frozenset(_BODY.split())
"""Without mj-include (files), mj-font (other people's servers), mj-carousel and mj-accordion (fields of a form), mj-raw
(write the template in HTML then) and mj-html-attributes (our library does not know it).
"""

NO_ICONS = "about:blank#"
"""Where icons without an address of their own would come from; the check of the finished mail refuses it."""


class BadMjml(Exception):
    """This is no MJML; the text says why."""


def judge(template: str) -> list[Problem]:
    """What may not stand in a template."""
    bare = without_liquid(template)
    return [*problems(bare, TAGS | markup.TAGS, attributes=None), *_icons(bare)]


def to_html(mjml: str, language: str, direction: str) -> str:
    """The mail. Raises BadMjml."""
    try:
        html = mjml2html(mjml, fonts={}, social_icon_origin=NO_ICONS)
    except ValueError as error:
        raise BadMjml(f"The MJML cannot be read: {error}.") from None
    return html.replace('lang="und" dir="auto"', f'lang="{language}" dir="{direction}"')


def _icons(bare: str) -> list[Problem]:
    sentence = "<mj-social-element> needs a picture of its own in src: the usual ones come from somebody else's server."
    return [
        Problem(sentence, bare.count("\n", 0, found.start()) + 1)
        for found in re.finditer(r"<mj-social-element\b[^>]*>", bare)
        if not re.search(r"\bsrc\s*=", found[0])
    ]

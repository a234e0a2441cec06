"""The link at the end of a summary that leads to the article itself: needless, as the whole entry links there."""

import re

from mailer.articles.canonical import canonical

LENGTH = 4000
"""Characters at the end in which it is looked for."""

_LINK = r"""<a\s[^<>]*?href=["']([^"'<>]+)["'][^<>]*>(?:(?!</?a\b).)*</a>"""
# "The post <a>title</a> appeared first on <a>site</a>.", in any language, and "<a>Continue reading</a>".
_FOOTERS = (
    re.compile(rf"<p\b[^<>]*>[^<>]*{_LINK}[^<>]*{_LINK}[^<>]*</p>\s*$", re.DOTALL | re.IGNORECASE),
    re.compile(rf"{_LINK}\s*(?:</\w+>\s*)*$", re.DOTALL | re.IGNORECASE),
)


def without_footer(markup: str, link: str) -> str:
    """The HTML without the link at its end that leads to `link`, and the words around it."""
    tail = markup[-LENGTH:]
    for footer, opening in zip(_FOOTERS, ("<p", "<a"), strict=True):
        found = footer.match(tail, tail.rfind(opening)) if opening in tail else None
        if found and _is_same(found[1], link):
            return markup[: len(markup) - len(tail) + found.start()]
    return markup


def _is_same(address: str, link: str) -> bool:
    try:
        return canonical(address.replace("&#038;", "&").replace("&amp;", "&")) == canonical(link)
    except ValueError:
        return False

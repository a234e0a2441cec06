"""Liquid, for templates that editors bring: no files, no clock, no Python, and an end to every loop.

What a template can still do within these limits costs at most the time and the memory of the process it runs in; see
`mailer.emails.own`.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from liquid import Environment, StrictUndefined
from liquid.exceptions import LiquidError, ResourceLimitError

from mailer.emails.plain_text import wrap

LARGEST_OUTPUT = 400_000
"""Bytes. Far above what Gmail shows, far below what hurts."""

TAGS = (
    "assign",
    "break",
    "capture",
    "case",
    "comment",
    "continue",
    "cycle",
    "echo",
    "for",
    "if",
    "liquid",
    "tablerow",
    "unless",
    "#",
    "content",
    "output",
    "illegal",
)
"""Known to Liquid and left: include and render read files, increment and decrement are one more kind of variable."""

FILTERS = (
    "append",
    "at_least",
    "at_most",
    "capitalize",
    "compact",
    "concat",
    "default",
    "divided_by",
    "downcase",
    "escape",
    "first",
    "join",
    "last",
    "map",
    "minus",
    "modulo",
    "newline_to_br",
    "plus",
    "prepend",
    "remove",
    "replace",
    "reverse",
    "round",
    "size",
    "slice",
    "sort",
    "split",
    "strip",
    "times",
    "truncate",
    "truncatewords",
    "uniq",
    "upcase",
    "url_encode",
    "where",
)
"""Without `safe`, which would let an article's text be HTML, and `date`, which would look at the clock."""

LIMITS = {
    "LoopIterationLimitError": "Its loops go round too often: 10,000 times are the limit.",
    "OutputStreamLimitError": f"What it writes is larger than {LARGEST_OUTPUT // 1000} KB.",
    "LocalNamespaceLimitError": "Its variables are larger than 1 MB together.",
    "ContextDepthError": "Its blocks stand too deep in each other.",
    "BlockNestingError": "Its blocks stand too deep in each other: 30 are the limit.",
}


class BadTemplate(Exception):
    """The template cannot be rendered; `line` is where, 0 when nobody knows."""

    def __init__(self, sentence: str, line: int = 0) -> None:
        super().__init__(sentence)
        self.sentence, self.line = sentence, line


class _Limited(Environment):
    block_nesting_limit = 30
    context_depth_limit = 30
    loop_iteration_limit = 10_000
    local_namespace_limit = 1_000_000
    output_stream_limit = LARGEST_OUTPUT


def expand(template: str, values: Mapping[str, Any], *, html: bool) -> str:
    """The template with these values, which are text, numbers, lists and dictionaries. Raises BadTemplate."""
    try:
        return _environment(html).from_string(template).render(**values)
    except LiquidError as error:
        context = error.context()
        raise BadTemplate(_sentence(error), context[0] if context else 0) from None
    except RecursionError:
        raise BadTemplate("Its blocks stand too deep in each other.") from None


@cache
def _environment(html: bool) -> Environment:
    environment = _Limited(undefined=StrictUndefined, autoescape=html)
    environment.tags = {name: environment.tags[name] for name in TAGS}
    environment.filters = {name: environment.filters[name] for name in FILTERS}
    environment.add_filter("wrap", wrap)
    return environment


def _sentence(error: LiquidError) -> str:
    if isinstance(error, ResourceLimitError):
        return LIMITS[type(error).__name__]
    said = str(error.message or error).rstrip(".")
    return said[:1].upper() + said[1:200] + "."

"""The kinds of sources."""

from enum import StrEnum


class SourceKind(StrEnum):
    """How a source speaks. The last two are never polled: articles are brought to them."""

    FEED = "feed"
    WORDPRESS = "wordpress"
    SITEMAP = "sitemap"
    PUSH = "push"
    PASTED = "pasted"


POLLED = (SourceKind.FEED, SourceKind.WORDPRESS, SourceKind.SITEMAP)
"""Those that we read; articles are brought to the others."""

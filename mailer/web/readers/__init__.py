"""Doors for readers, one file per thing they come for. No cookies, no login."""

from mailer.web.readers import (
    archive,
    archive_feeds,
    change,
    code,
    confirm,
    data,
    embed,
    fresh_link,
    home,
    leaving,
    more,
    move,
    preferences,
    signup,
)
from mailer.web.readers.blueprint import readers

__all__ = [
    "archive",
    "archive_feeds",
    "change",
    "code",
    "confirm",
    "data",
    "embed",
    "fresh_link",
    "home",
    "leaving",
    "more",
    "move",
    "preferences",
    "readers",
    "signup",
]

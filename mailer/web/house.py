"""What every door asks of the house it stands in: the clock, the settings, the signed links."""

from datetime import UTC, datetime

from flask import current_app

from mailer.config import Settings
from mailer.links import Links


def now() -> datetime:
    """The doors' clock."""
    return datetime.now(UTC)


def settings() -> Settings:
    """The settings of this installation."""
    found: Settings = current_app.extensions["settings"]
    return found


def links() -> Links:
    """Makes and reads the signed links of this installation."""
    found: Links = current_app.extensions["links"]
    return found

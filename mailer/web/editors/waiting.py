"""Reading the network while an editor waits for the page."""

from typing import Any

from mailer.articles import child
from mailer.db import db
from mailer.web.house import settings

SECONDS = 22.0
"""As long as somebody waits; what is asked ends after 20 seconds by itself."""


def ask(job: str, address: str) -> Any:
    """What the job of the articles room answers about the address; a FetchFailed when nothing came of it.

    Ends the transaction first: rows that were read before have to be read again.
    """
    db.session.rollback()
    reach = settings()
    return child.run(job, address, seconds=SECONDS, allow_private=reach.private_sources, base_url=reach.base_url)

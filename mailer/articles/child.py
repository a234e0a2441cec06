"""What is read from the network is read in a child process, which may be slow, grow or die without harm to ours.

A job is named; it fetches and parses, and returns plain dataclasses (see `mailer.apart`).
"""

import logging
from typing import Any

from mailer import apart
from mailer.apart import Stopped, Why
from mailer.articles.source import FetchFailed

log = logging.getLogger(__name__)

SECONDS = 25.0
MEMORY = 256_000_000
"""Bytes, all code of Python included."""

JOBS = {
    "read": "mailer.articles.reading:read",
    "page": "mailer.articles.page:read_page",
    "offers": "mailer.articles.discovery:offers",
    "answers": "mailer.articles.answers:answers",
}
"""Name → function. Its annotations say what it takes and what it returns, which is all that passes."""


def run(job: str, *arguments: object, seconds: float = SECONDS, **named: object) -> Any:
    """What the job returns, which is a FetchFailed with a sentence for an editor when it was stopped.

    Talks to the network: call it without a transaction.
    """
    result = apart.run(JOBS[job], *arguments, seconds=seconds, memory=MEMORY, **named)
    if not isinstance(result, Stopped):
        return result
    level = logging.ERROR if result.why in (Why.ERROR, Why.CRASH) else logging.WARNING
    log.log(level, "The job %r of %r was stopped (%s) %s", job, arguments[:2], result.why, result.detail)
    return FetchFailed(_sentence(result.why, seconds))


def _sentence(why: Why, seconds: float) -> str:
    match why:
        case Why.TIME:
            return f"Reading this address took longer than {seconds:.0f} seconds, so it was stopped."
        case Why.MEMORY:
            return f"Reading this address took more than {MEMORY // 1_000_000} MB of memory, so it was stopped."
        case Why.CRASH:
            return "Reading this address made our reader crash. Nothing of it was taken."
        case Why.ERROR:
            return "Reading this address failed because of an error in Postroom. The log says which."

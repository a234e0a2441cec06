"""A distance between two polls of one host, whichever workers and machines make them: the rows know, no memory does.

Sources on this machine itself have no host: nobody need be polite to it.
"""

import ipaddress
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, and_, exists, update
from sqlalchemy.orm import Session, aliased

from mailer.articles.models import Source
from mailer.db import take_turn

SPACING = timedelta(seconds=10)
LONGEST = 253
"""Characters of a name in DNS."""


def host_of(url: str) -> str:
    """The host that polls of `url` go to; "" for this machine."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    return "" if _is_here(host) else host[:LONGEST]


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def lock(session: Session, host: str) -> None:
    """Let no other poll of this host begin before the end of the transaction."""
    if host:
        take_turn(session, f"host {host}")


def busy(host: str | ColumnElement[str], now: datetime) -> ColumnElement[bool]:
    """Whether a poll of the host began a moment ago. A moment in the future is the trace of a clock that ran ahead."""
    other = aliased(Source)
    lately = other.polled_at.between(now - SPACING, now)
    return exists().where(and_(other.host == host, other.host != "", lately))


def rest(session: Session, host: str, until: datetime) -> None:
    """Leave the whole host alone until then: it said that it is asked too often."""
    if host:
        mine = update(Source).where(Source.host == host, Source.next_poll_at < until)
        session.execute(mine.values(next_poll_at=until).execution_options(synchronize_session=False))

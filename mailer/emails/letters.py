"""Letters of the house to one person: the confirmation that was asked for, and the way into the desk.

Nothing a stranger typed stands in them, but for the address they go to.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Protocol
from urllib.parse import urlsplit

from mailer.emails.compiled import compile_message
from mailer.emails.headers import address_header, letter_id
from mailer.emails.languages import FALLBACK, canonical_tag, typography
from mailer.emails.plain_text import clean
from mailer.emails.rendering import Renderer
from mailer.emails.wording import wording

HOUSE = "Postroom"


@dataclass(frozen=True, slots=True)
class Letter:
    """A finished mail; `data` has CRLF line ends, is dot-stuffed and lacks the final dot."""

    sender: str
    recipient: str
    data: bytes
    message_id: str


@dataclass(frozen=True, slots=True)
class Stamp:
    """What makes a letter itself: the same `identity` (say "confirm-17-2") under the same `key` has one Message-ID."""

    identity: str
    key: bytes
    now: datetime


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A name and an address."""

    name: str
    address: str


class Writer(Protocol):
    """What a letter shows of the newsletter in whose name it is written."""

    @property
    def title(self) -> str: ...
    @property
    def publisher(self) -> str: ...
    @property
    def sender_name(self) -> str: ...
    @property
    def sender_address(self) -> str: ...
    @property
    def postal_address(self) -> str: ...
    @property
    def language(self) -> str: ...


def confirmation(newsletter: Writer, *, recipient: str, link: str, lifetime: timedelta, stamp: Stamp) -> Letter:
    """Ask a reader whether it was they who signed up.

    Raises BadHeader when `recipient` or the newsletter's sender is not an address.
    """
    context = {
        "newsletter": clean(newsletter.title),
        "imprint": " · ".join(filter(None, map(clean, (newsletter.publisher, newsletter.postal_address)))),
        "link": link,
        "days": lifetime.days,
    }
    sender = Mailbox(clean(newsletter.sender_name), newsletter.sender_address)
    return _letter("confirmation", newsletter.language, context, sender, recipient, stamp)


def login_link(*, site: str, recipient: str, link: str, lifetime: timedelta, stamp: Stamp) -> Letter:
    """Let a member of staff in. `site` is the address of this service; the letter comes from `postroom` at its host.

    Raises BadHeader when `recipient` is not an address.
    """
    context = {
        "house": HOUSE,
        "imprint": site,
        "link": link,
        "minutes": round(lifetime.total_seconds() / 60),
    }
    sender = Mailbox(HOUSE, f"postroom@{urlsplit(site).hostname or 'localhost'}")
    return _letter("login_link", FALLBACK, context, sender, recipient, stamp)


def _letter(
    name: str, tag: str, context: Mapping[str, object], sender: Mailbox, recipient: str, stamp: Stamp
) -> Letter:
    language = canonical_tag(tag) or FALLBACK
    rendered = Renderer().render(
        name, {"language": language, "type": typography(language), "words": wording(language), **context}
    )
    message_id = letter_id(stamp.identity, sender.address.rpartition("@")[2], stamp.key)
    headers = [
        ("From", address_header(sender.name, sender.address)),
        ("To", address_header("", recipient)),
        ("Subject", rendered.subject),
        ("Date", format_datetime(stamp.now)),
        ("Message-ID", message_id),
        ("Auto-Submitted", "auto-generated"),
        ("Content-Language", language),
    ]
    data = compile_message(headers, rendered.text, rendered.html).fill({})
    return Letter(sender.address, recipient, data, message_id)

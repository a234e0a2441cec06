"""Letters of the house to one person: to a reader about a sign-up or their preferences, to staff the way in.

Nothing a stranger typed stands in them, but for the address they go to.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Protocol
from urllib.parse import urlsplit

from mailer.emails.compiled import Slot, compile_message, placeholder
from mailer.emails.headers import address_header, letter_id
from mailer.emails.languages import FALLBACK, canonical_tag, day_and_hour, typography
from mailer.emails.plain_text import clean
from mailer.emails.rendering import Renderer

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
    def timezone(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Post:
    """In whose name a letter is written, to whom, in which language, and whether the reader wants no HTML."""

    newsletter: Writer
    recipient: str
    language: str
    stamp: Stamp
    plain_text: bool = False


def confirmation(
    post: Post, *, code: str, code_minutes: int, link: str, link_days: int, site: str, asked_at: datetime
) -> Letter:
    """Ask a reader whether it was they who signed up.

    `code` is as people read it, `site` the host of the page they signed up on, or nothing. Like every letter here it
    raises BadHeader when the recipient or the newsletter's sender is not an address.
    """
    when = day_and_hour(asked_at, post.language, post.newsletter.timezone)
    context = {"code": _ltr(code, post.language), "minutes": code_minutes, "days": link_days}
    return _to_reader("confirmation", post, {**context, "link": link, "site": clean(site), "when": when})


def reminder(post: Post, *, link: str) -> Letter:
    """Ask a reader who did not answer once more, and never again."""
    return _to_reader("reminder", post, {"link": link})


def already(post: Post, *, link: str, link_days: int, paused: bool) -> Letter:
    """Tell a reader who signed up that they get the newsletter already. `link` leads to their preferences."""
    return _to_reader("already", post, {"link": link, "days": link_days, "paused": paused})


def preferences(post: Post, *, link: str, link_days: int) -> Letter:
    """Send the fresh link to their preferences that somebody asked for."""
    return _to_reader("preferences", post, {"link": link, "days": link_days})


def move(post: Post, *, code: str, link: str, link_days: int) -> Letter:
    """Ask, at the new address, whether a reader's mail may come there. Nothing of the reader stands in it."""
    return _to_reader("move", post, {"code": _ltr(code, post.language), "link": link, "days": link_days})


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


def _to_reader(name: str, post: Post, context: Mapping[str, object]) -> Letter:
    newsletter = post.newsletter
    sender = Mailbox(clean(newsletter.sender_name), newsletter.sender_address)
    said = {
        "newsletter": clean(newsletter.title),
        "imprint": " · ".join(filter(None, map(clean, (newsletter.publisher, newsletter.postal_address)))),
        **context,
    }
    return _letter(name, post.language, said, sender, post.recipient, post.stamp, html=not post.plain_text)


def _ltr(code: str, language: str) -> str:
    """A code with a blank in it, which a line from right to left would turn round."""
    return code if typography(language).direction == "ltr" else f"\N{LEFT-TO-RIGHT MARK}{code}"


def _letter(
    name: str,
    tag: str,
    context: Mapping[str, object],
    sender: Mailbox,
    recipient: str,
    stamp: Stamp,
    html: bool = True,
) -> Letter:
    language = canonical_tag(tag) or FALLBACK
    rendered = Renderer().render(name, language, {"type": typography(language), **context})
    message_id = letter_id(stamp.identity, sender.address.rpartition("@")[2], stamp.key)
    headers = [
        ("From", address_header(sender.name, sender.address)),
        ("To", placeholder(Slot.TO)),
        ("Subject", rendered.subject),
        ("Date", format_datetime(stamp.now)),
        ("Message-ID", message_id),
        ("Auto-Submitted", "auto-generated"),
        ("Content-Language", language),
    ]
    mail = compile_message(headers, rendered.text, rendered.html if html else None)
    # A slot, because an address may be beyond ASCII where no constant header is.
    data = mail.fill({Slot.TO: address_header("", recipient)})
    return Letter(sender.address, recipient, data, message_id)

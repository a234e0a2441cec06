"""A mail taken apart for the page."""

import email
import email.policy
import re
from email.message import EmailMessage

HEAD_TAG = re.compile(r"<head\b[^>]*>", re.IGNORECASE)
DOCTYPE = re.compile(r"^\s*<!doctype[^>]*>", re.IGNORECASE)


def parse(data: bytes) -> EmailMessage:
    """The mail, also one that is cut off or broken."""
    message = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def header(message: EmailMessage, name: str) -> str:
    """A header in words, on one line; empty when it is not there or cannot be read."""
    try:
        return " ".join(str(message.get(name, "")).split())
    except (ValueError, LookupError, IndexError, AttributeError):  # the parser of the standard library has holes
        return ""


def headers(message: EmailMessage) -> list[tuple[str, str]]:
    """All of them as they stood, lines joined."""
    return [(name, " ".join(str(value).split())) for name, value in message.raw_items()]


def body(message: EmailMessage, kind: str) -> str | None:
    """The part of kind "html" or "plain" as text, or None."""
    part = message.get_body((kind,))
    if part is None:
        return None
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return None
    try:
        return payload.decode(part.get_content_charset("utf-8"), "replace")
    except LookupError:
        return payload.decode("utf-8", "replace")


def opening_new_tabs(html: str) -> str:
    """The same page, its links opening in new tabs: the frame it stands in has no room for them."""
    base = '<base target="_blank">'
    for place in (HEAD_TAG, DOCTYPE):
        if found := place.search(html):
            return html[: found.end()] + base + html[found.end() :]
    return base + html
